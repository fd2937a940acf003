package conform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/orrery-sim/orrery/policies/wasm"
)

// request is what the parent asks of the child: a line of JSON, then the module.
type request struct {
	Name   string      `json:"name"`
	Params string      `json:"params,omitempty"`
	Budget wasm.Budget `json:"budget"`
	Timed  bool        `json:"timed,omitempty"`
}

// maxOutput is what a parent reads of its child.
const maxOutput = 8 << 20

// Command is the program that a check runs in: this one, told to call Serve.
type Command struct {
	Path string
	Args []string
}

// Run checks a module in a child process that has no environment, no compile cache, and only so much time and memory. A child that does not come
// back, or dies, leaves the report of what it had come to, with the rule that it did not finish broken. An error is one of starting it.
func Run(c Command, module []byte, o Options, limit time.Duration) (*Report, error) {
	ask := request{Name: o.Name, Budget: o.Budget, Timed: o.Clock != nil}
	if o.Params != nil {
		ask.Params = string(o.Params.JSON)
	}
	asked, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.Path, c.Args...)
	cmd.Env = []string{} // not nil: nil would be this process's
	cmd.Stdin = io.MultiReader(bytes.NewReader(append(asked, '\n')), bytes.NewReader(module))
	out, said := &tail{most: maxOutput}, &head{most: 4096} // one that dies says why first
	cmd.Stdout, cmd.Stderr = out, said
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("check %s: a child process could not be started: %w", o.Name, err)
	}
	failed := cmd.Wait()
	report := last(out.b)
	switch {
	case report == nil:
		return nil, fmt.Errorf("check %s: the child process gave no report (%v): %s", o.Name, failed, bytes.TrimSpace(said.b))
	case failed == nil:
		return report, nil
	}
	why := fmt.Sprintf("the process that checked it died (%v)", failed)
	if bytes.Contains(said.b, []byte("out of memory")) || bytes.Contains(said.b, []byte("cannot allocate memory")) {
		why = fmt.Sprintf("the check wanted more than the %d GiB of memory that it may have", hardMemory>>30)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = fmt.Sprintf("the check did not come to an end within %v", limit)
	}
	broken := -1
	if n := len(report.Findings); n > 0 && report.Findings[n-1].Rule != wasm.RuleCompile {
		why += ", after rule " + report.Findings[n-1].Rule
	}
	for i := range report.Findings {
		if report.Findings[i].Verdict == Fail {
			broken = i
		}
	}
	if f := (Finding{Rule: "end", Asks: "the check comes to an end", Verdict: Fail, Why: why, Do: "make the module smaller, or its calls shorter"}); broken < 0 {
		report.Findings = append(report.Findings, f)
	} else if report.Findings[broken].Rule == wasm.RuleCompile {
		report.Findings[broken].Why = why
	} else {
		report.Findings = append(report.Findings, f)
	}
	return report, nil
}

// Serve is the child: it reads a request and a module, and writes the report so far as a line of JSON after each rule.
func Serve(in io.Reader, out io.Writer, clock func() int64) error {
	limitMemory()
	d := json.NewDecoder(in)
	var ask request
	if err := d.Decode(&ask); err != nil {
		return fmt.Errorf("check: the request: %w", err)
	}
	rest := io.MultiReader(d.Buffered(), in)
	if _, err := io.ReadFull(rest, make([]byte, 1)); err != nil { // the end of the line
		return fmt.Errorf("check: the request: %w", err)
	}
	module, err := io.ReadAll(io.LimitReader(rest, 64<<20))
	if err != nil {
		return fmt.Errorf("check: the module: %w", err)
	}
	o := Options{Name: ask.Name, Budget: ask.Budget}
	if ask.Timed {
		o.Clock = clock
	}
	if ask.Params != "" {
		if o.Params, err = wasm.NewParams([]byte(ask.Params)); err != nil {
			return fmt.Errorf("check: the parameters: %w", err)
		}
	}
	var lost error
	tell := func(r *Report) {
		b, err := json.Marshal(r)
		if err == nil {
			_, err = out.Write(append(b, '\n'))
		}
		lost = errors.Join(lost, err)
	}
	r, err := check(module, o, tell)
	if err != nil {
		return err
	}
	tell(r)
	return lost
}

// last is the last whole report of a child's output.
func last(b []byte) *Report {
	for {
		end := bytes.LastIndexByte(b, '\n')
		if end < 0 {
			return nil
		}
		b = b[:end]
		var r Report
		if json.Unmarshal(b[bytes.LastIndexByte(b, '\n')+1:], &r) == nil {
			return &r
		}
	}
}

// tail keeps the last bytes that are written.
type tail struct {
	b    []byte
	most int
}

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if over := len(t.b) - t.most; over > 0 {
		t.b = t.b[:copy(t.b, t.b[over:])]
	}
	return len(p), nil
}

// head keeps the first bytes that are written.
type head struct {
	b    []byte
	most int
}

func (h *head) Write(p []byte) (int, error) {
	h.b = append(h.b, p[:min(len(p), h.most-len(h.b))]...)
	return len(p), nil
}
