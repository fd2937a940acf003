package control

import (
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/orrery-sim/orrery/sim/units"
)

// Fault is what happens to some calls. Empty fields of the match hold for every call.
type Fault struct {
	ID        int    `json:"id"`
	Operation string `json:"operation,omitempty"` // as the API names it; * and ? match
	Job       string `json:"job,omitempty"`       // the job's name, or part of the path or body; * and ? match the name
	User      string `json:"user,omitempty"`

	Status  int    `json:"status,omitempty"` // 0: the call is answered as it would be, after the latency
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Latency string `json:"latency,omitempty"` // wall time, such as 200ms
	When    string `json:"when,omitempty"`    // before (default): the call has no effect; after: it has, and the answer is lost

	Probability *float64 `json:"probability,omitempty"` // of each matching call; default 1
	Skip        int      `json:"skip,omitempty"`        // so many matching calls go through first
	Count       int      `json:"count,omitempty"`       // so many calls are hit; 0: all

	Seen int `json:"seen"` // matching calls so far
	Hit  int `json:"hit"`

	latency time.Duration
}

// Most faults at once.
const maxFaults = 100

// maxLatency bounds what a call is held back.
const maxLatency = time.Minute

func (f *Fault) check() error {
	for what, pattern := range map[string]string{"operation": f.Operation, "job": f.Job} {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("%s: got %q, want a name in which * and ? match", what, pattern)
		}
	}
	if f.Latency != "" {
		ns, err := units.ParseDuration(f.Latency)
		if err != nil || ns < 0 || time.Duration(ns) > maxLatency {
			return fmt.Errorf("latency: got %q, want a span up to %s, such as 200ms", f.Latency, maxLatency)
		}
		f.latency = time.Duration(ns)
	}
	switch {
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("status: got %d, want 400 to 599", f.Status)
	case f.Status == 0 && f.latency == 0:
		return fmt.Errorf("status: missing, want a status from 400 to 599, or a latency")
	case f.When != "" && f.When != "before" && f.When != "after":
		return fmt.Errorf("when: got %q, want before or after", f.When)
	case f.Probability != nil && !(*f.Probability >= 0 && *f.Probability <= 1):
		return fmt.Errorf("probability: got %g, want 0 to 1", *f.Probability)
	case f.Skip < 0 || f.Count < 0:
		return fmt.Errorf("skip and count: got %d and %d, want 0 or more", f.Skip, f.Count)
	}
	if f.Code == "" {
		f.Code = map[bool]string{true: "ServiceUnavailable", false: "BadRequest"}[f.Status >= 500]
	}
	if f.Message == "" {
		f.Message = "injected fault"
	}
	return nil
}

// Call is one call as faults and the log see it.
type Call struct {
	Operation string
	Path      string
	User      string
	Body      []byte
	JobName   string // of the job that the path names, when it is known
}

func (f *Fault) matches(c *Call) bool {
	if ok, _ := path.Match(f.Operation, c.Operation); f.Operation != "" && !ok || f.User != "" && f.User != c.User {
		return false
	}
	if f.Job == "" {
		return true
	}
	if ok, _ := path.Match(f.Job, c.JobName); ok {
		return true
	}
	return strings.Contains(c.Path, f.Job) || strings.Contains(string(c.Body), `"`+f.Job+`"`)
}

// faults are those in force.
type faults struct {
	mu   sync.Mutex
	list []*Fault
	next int
	seed uint64
}

func (s *faults) add(f *Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= maxFaults {
		return fmt.Errorf("there are %d faults already; delete some", len(s.list))
	}
	s.next++
	f.ID, f.Seen, f.Hit = s.next, 0, 0
	s.list = append(s.list, f)
	return nil
}

func (s *faults) all() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Fault, len(s.list))
	for i, f := range s.list {
		out[i] = *f
	}
	return out
}

// remove takes out one fault, or all of them for id 0.
func (s *faults) remove(id int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.list {
		if f.ID == id {
			s.list = append(s.list[:i], s.list[i+1:]...)
			return true
		}
	}
	if id == 0 {
		s.list = nil
	}
	return id == 0
}

// hit is the first fault that a call meets, or nil. Each fault draws by the number of its matching calls, so that the same
// calls meet the same faults.
func (s *faults) hit(c *Call) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.list {
		if !f.matches(c) {
			continue
		}
		f.Seen++
		if f.Seen <= f.Skip || f.Count > 0 && f.Hit >= f.Count {
			continue
		}
		if f.Probability != nil && draw(s.seed, uint64(f.ID), uint64(f.Seen)) >= *f.Probability {
			continue
		}
		f.Hit++
		found := *f
		return &found
	}
	return nil
}

// draw is a number in [0, 1) that follows from its arguments.
func draw(numbers ...uint64) float64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, n := range numbers {
		h ^= n
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return float64(h>>11) / (1 << 53)
}
