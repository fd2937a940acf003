package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// step is a line of a job's StatusHistory.
type step struct{ Status, StartTime, EndTime string }

// seen is what a client was told of a job; what it was told must stay true.
type seen struct {
	steps   []step // those that were over
	last    step
	deleted bool
}

// memory is what all clients were told.
type memory struct {
	mu   sync.Mutex
	jobs map[string]*seen
	now  time.Time // the latest simulated time of an answer
}

// asker makes calls to a server that may die at any time.
type asker struct {
	base   string
	client http.Client
	memory *memory
}

// ask makes a call; it reports false when the server is gone.
func (a *asker) ask(t *testing.T, method, path, body string) (int, map[string]any, bool) {
	r, err := http.NewRequest(method, a.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.client.Do(r)
	if err != nil {
		return 0, nil, false
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, false
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Errorf("%s %s: %q", method, path, text)
		return 0, nil, false
	}
	if at, err := time.Parse(time.RFC3339Nano, resp.Header.Get("X-Orrery-Time")); err == nil {
		a.memory.mu.Lock()
		if at.After(a.memory.now) {
			a.memory.now = at
		}
		a.memory.mu.Unlock()
	}
	return resp.StatusCode, out, true
}

func stepsOf(job map[string]any) []step {
	var out []step
	list, _ := job["StatusHistory"].([]any)
	for _, s := range list {
		m, _ := s.(map[string]any)
		text := func(k string) string { v, _ := m[k].(string); return v }
		out = append(out, step{text("Status"), text("StartTime"), text("EndTime")})
	}
	return out
}

// read asks for a job and holds the answer against what was told before.
func (a *asker) read(t *testing.T, id string) bool {
	a.memory.mu.Lock()
	was := *a.memory.jobs[id]
	a.memory.mu.Unlock()
	status, job, ok := a.ask(t, "GET", "/api/v1/jobs/"+id, "")
	if !ok {
		return false
	}
	if was.deleted {
		if status != 404 {
			t.Errorf("job %s was deleted and is there: %d", id, status)
		}
		return true
	}
	if status != 200 {
		t.Errorf("job %s is gone: %d %v", id, status, job)
		return true
	}
	is := stepsOf(job)
	if len(is) < len(was.steps)+1 {
		t.Errorf("job %s: was %v then %v, is %v", id, was.steps, was.last, is)
		return true
	}
	for i, s := range was.steps {
		if is[i] != s {
			t.Errorf("job %s: step %d was %v, is %v", id, i, s, is[i])
		}
	}
	if now := is[len(was.steps)]; was.last.Status != "" && (now.Status != was.last.Status || now.StartTime != was.last.StartTime) {
		t.Errorf("job %s: was %v, is %v", id, was.last, now)
	}
	a.memory.mu.Lock()
	defer a.memory.mu.Unlock()
	if m := a.memory.jobs[id]; len(is)-1 >= len(m.steps) {
		m.steps, m.last = is[:len(is)-1], is[len(is)-1]
	}
	return true
}

// load works until the server is gone; it gives the number of answers.
func (a *asker) load(t *testing.T, worker int) (answers int) {
	var mine []string
	for n := 0; ; n++ {
		_, out, ok := a.ask(t, "POST", "/api/v1/jobs", fmt.Sprintf(`{"DisplayName": "w%d-%d", "JobType": "PyTorchJob", "UserCommand": "sleep %d", "JobSpecs": [{"PodCount": 1, "EcsSpec": "ecs.gn6i-c4g1.xlarge"}]}`,
			worker, n, 5+n%60))
		if !ok {
			return answers
		}
		id, _ := out["JobId"].(string)
		if id == "" {
			t.Errorf("CreateJob: %v", out)
			return answers
		}
		a.memory.mu.Lock()
		a.memory.jobs[id] = &seen{}
		a.memory.mu.Unlock()
		mine = append(mine, id)
		answers++
		for _, id := range mine[max(0, len(mine)-3):] {
			if !a.read(t, id) {
				return answers
			}
			answers++
		}
		switch n % 4 {
		case 1:
			if _, _, ok := a.ask(t, "POST", "/api/v1/jobs/"+id+"/stop", ""); !ok {
				return answers
			}
		case 3:
			status, _, ok := a.ask(t, "DELETE", "/api/v1/jobs/"+mine[n/2], "")
			a.memory.mu.Lock()
			switch {
			case ok && status == 200:
				a.memory.jobs[mine[n/2]].deleted = true
			case !ok: // it may or may not have happened: nothing was told
				delete(a.memory.jobs, mine[n/2])
			}
			a.memory.mu.Unlock()
			if !ok {
				return answers
			}
		}
	}
}

// Killed under load again and again, a world loses nothing that it acknowledged and undoes nothing that was read.
// ORRERY_CRASH_ROUNDS=200 makes it longer (make crash).
func TestKilledUnderLoad(t *testing.T) {
	rounds := 10
	if text := os.Getenv("ORRERY_CRASH_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	dir := t.TempDir()
	m := &memory{jobs: map[string]*seen{}}
	answers, restored := 0, 0
	for round := range rounds {
		if saved, _ := filepath.Glob(filepath.Join(dir, "snapshot-*")); len(saved) > 0 {
			restored++
		}
		speed := []string{"60", "1000", "max", "request=1s"}[round%4]
		every := []string{"2", "50000", "25"}[round%3] // with a snapshot each other command most kills hit one that is being written
		cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--speed", speed, "--snapshot-every", every)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatalf("round %d: the server said nothing: %v", round, err)
		}
		a := &asker{base: strings.TrimPrefix(strings.TrimSpace(line), "ready "), memory: m}
		before := m.now
		ids := make([]string, 0, len(m.jobs))
		for id := range m.jobs {
			ids = append(ids, id)
		}
		for _, id := range ids {
			if !a.read(t, id) {
				t.Fatalf("round %d: the server is gone", round)
			}
		}
		if _, out, _ := a.ask(t, "GET", "/orrery/v1/clock", ""); out != nil {
			now, err := time.Parse(time.RFC3339Nano, out["now"].(string))
			if err != nil || now.Before(before) {
				t.Errorf("round %d: the clock went back from %s to %s", round, before, now)
			}
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		for w := range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				n := a.load(t, w)
				mu.Lock()
				answers += n
				mu.Unlock()
			}()
		}
		time.Sleep(time.Duration(50+37*round%150) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		_ = cmd.Wait()
		a.client.CloseIdleConnections()
		if t.Failed() {
			t.Fatalf("round %d of %d, speed %s", round, rounds, speed)
		}
	}
	if answers < rounds*10 {
		t.Errorf("only %d answers in %d rounds: that is no load", answers, rounds)
	}
	if restored < rounds/2 {
		t.Errorf("only %d of %d starts found a snapshot", restored, rounds)
	}
	t.Logf("%d rounds, %d from snapshots, %d jobs, %d answers", rounds, restored, len(m.jobs), answers)
	replayed(t, dir)
}

// replayed holds a world that came back from snapshots again and again against one that carries out all of its commands.
func replayed(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--speed", "paused")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	leave(t, cmd)
	_, digest, ok := strings.Cut(strings.TrimSpace(said.String()), "digest ")
	if !ok {
		t.Fatalf("the server left with %q", said.String())
	}
	folder := filepath.Join(t.TempDir(), "run")
	if text, err := exec.Command(program, "run", dir, "--out", folder, "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("orrery run %s: %v\n%s", dir, err, text)
	}
	text, err := os.ReadFile(filepath.Join(folder, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(digest)) {
		t.Errorf("all commands carried out again do not give the digest %s", digest)
	}
}
