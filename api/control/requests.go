package control

import (
	"path"
	"strings"
	"sync"
	"time"
)

// Request is a call that was answered.
type Request struct {
	Number    uint64  `json:"number"` // from 1
	Operation string  `json:"operation"`
	Method    string  `json:"method"`
	Path      string  `json:"path"`
	Query     string  `json:"query,omitempty"`
	User      string  `json:"user,omitempty"`
	Job       string  `json:"job,omitempty"` // name of the job, when it is known
	Status    int     `json:"status"`
	Fault     int     `json:"fault,omitempty"`     // id of the fault that it met
	Simulated string  `json:"simulated,omitempty"` // simulated time of the answer
	RequestID string  `json:"requestId"`
	WallMS    float64 `json:"wallMs"`
}

// keptRequests bounds the log.
const keptRequests = 10_000

// requests is a ring of the last calls, and counts of all.
type requests struct {
	mu    sync.Mutex
	ring  []Request
	total uint64
	count map[[2]string]uint64 // by operation and class of status
	spent map[string]time.Duration
}

// keptText bounds each text of a call in the log: a path may have 32 KiB, and a name that was refused as much as a body has.
const keptText = 1024

func clip(s string) string {
	if len(s) <= keptText {
		return s
	}
	return strings.Clone(strings.ToValidUTF8(s[:keptText], "")) + "..."
}

func (l *requests) add(r Request, took time.Duration) {
	r.Path, r.Query, r.Job = clip(r.Path), clip(r.Query), clip(r.Job)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	r.Number = l.total
	if l.count == nil {
		l.count, l.spent = map[[2]string]uint64{}, map[string]time.Duration{}
	}
	l.count[[2]string{r.Operation, string(rune('0'+r.Status/100)) + "xx"}]++
	l.spent[r.Operation] += took
	if len(l.ring) < keptRequests {
		l.ring = append(l.ring, r)
		return
	}
	l.ring[(l.total-1)%keptRequests] = r
}

// find gives the calls that match, oldest first. Patterns are of names in which * and ? match.
func (l *requests) find(operation, job, user string, status int) []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []Request{}
	n := uint64(len(l.ring))
	for i := range n {
		r := &l.ring[(l.total-n+i)%keptRequests]
		if like(operation, r.Operation) && like(job, r.Job) && like(user, r.User) && (status == 0 || status == r.Status || status < 10 && status == r.Status/100) {
			out = append(out, *r)
		}
	}
	return out
}

func like(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return pattern == "" || ok
}

func (l *requests) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.total = nil, 0
}
