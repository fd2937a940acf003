package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// openPhilly tells the public job log (JSON) from the table (CSV) by the first character.
func openPhilly(path string, opt *Options, names *state.Names, _ *Meta) (opened, error) {
	in, err := openInput(path, opt.MaxBytes)
	if err != nil {
		return opened{}, err
	}
	head := make([]byte, 64)
	n, err := io.ReadFull(in, head)
	in.Close()
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return opened{}, err
	}
	if text := bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf")), " \t\r\n"); len(text) == 0 || text[0] != '[' {
		return openPhillyTable(path, opt, names)
	}
	return openPhillyLog(path, opt, names)
}

// phillyLog reads cluster_job_log of the public Philly traces: one JSON array of jobs.
type phillyLog struct {
	in     *input
	dec    *json.Decoder
	lines  *lineCounter
	opt    *Options
	loc    *time.Location
	names  *state.Names
	count  tally
	n      int64
	at     int64 // offset where the job read last begins
	opened bool
}

type phillyJob struct {
	Status    string          `json:"status"`
	VC        string          `json:"vc"`
	ID        string          `json:"jobid"`
	User      string          `json:"user"`
	Submitted *string         `json:"submitted_time"`
	Attempts  []phillyAttempt `json:"attempts"`
}

type phillyAttempt struct {
	Start  *string `json:"start_time"`
	End    *string `json:"end_time"`
	Detail []struct {
		GPUs []string `json:"gpus"`
	} `json:"detail"`
}

func openPhillyLog(path string, opt *Options, names *state.Names) (opened, error) {
	loc, err := opt.location()
	if err != nil {
		return opened{}, err
	}
	in, err := openInput(path, opt.MaxBytes)
	if err != nil {
		return opened{}, err
	}
	p := &phillyLog{in: in, lines: &lineCounter{r: in}, opt: opt, loc: loc, names: names}
	p.dec = json.NewDecoder(p.lines)
	return opened{rd: p, dated: true}, nil
}

func (p *phillyLog) where() (string, int) { return p.in.path, p.lines.lineOf(p.at) }
func (p *phillyLog) notes() *tally        { return &p.count }
func (p *phillyLog) close()               { p.in.Close() }

func (p *phillyLog) fail(what, want string) *Error {
	path, line := p.where()
	return &Error{File: path, Line: line, What: what, Want: want}
}

func (p *phillyLog) next(spec *state.JobSpec) (verdict, error) {
	if !p.opened {
		p.opened = true
		if tok, err := p.dec.Token(); err != nil || tok != json.Delim('[') {
			return 0, p.broken(err)
		}
	}
	if !p.dec.More() {
		p.at = p.dec.InputOffset()
		if tok, err := p.dec.Token(); err != nil || tok != json.Delim(']') {
			return 0, p.broken(err)
		}
		return rowEnd, nil
	}
	p.at = p.dec.InputOffset()
	var j phillyJob
	if err := p.dec.Decode(&j); err != nil {
		return 0, p.broken(err)
	}
	p.n++
	spec.Reset()
	skip, err := p.job(&j, spec)
	if err != nil {
		return 0, err
	}
	if skip == "" && !p.opt.settle(spec) {
		skip = "cancelled before it started, left out (neverStarted: skip)"
	}
	if skip != "" {
		p.count.add(skip)
		return rowSkip, nil
	}
	return rowJob, nil
}

// broken names the place of bad JSON.
func (p *phillyLog) broken(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		p.at = syntax.Offset
	case errors.As(err, &typed):
		return p.fail(fmt.Sprintf("job %d: %s is a %s", p.n+1, typed.Field, typed.Value), "expected the public Philly job log")
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		p.at = p.dec.InputOffset()
		return p.fail("the JSON ends too early", "expected a list of jobs that ends in ]")
	}
	return p.fail(fmt.Sprintf("job %d: broken JSON", p.n+1), "expected a list of jobs with status, vc, jobid, submitted_time and attempts")
}

// job makes a job of a log entry.
func (p *phillyLog) job(j *phillyJob, spec *state.JobSpec) (skip string, err error) {
	spec.Name = append(spec.Name, j.ID...)
	spec.Queue, spec.User = p.names.Queues.Intern([]byte(j.VC)), p.names.Users.Intern([]byte(j.User))
	submit, err := p.stamp("submitted_time", j.Submitted)
	if err != nil {
		return "", err
	}
	if submit == state.Unset {
		return "no submission recorded, left out", nil
	}
	spec.Submit = submit
	o, ok := outcomeOf([]byte(j.Status))
	if !ok {
		return "", p.fail("status: unknown word "+shown([]byte(j.Status)), "expected Pass, Killed or Failed")
	}
	spec.Outcome = o
	if len(j.Attempts) == 0 {
		return "no attempt, so no known size, left out", nil
	}
	gpus := int64(0)
	for i := range j.Attempts {
		if n, err := p.attempt(&j.Attempts[i], spec); err != nil {
			return "", err
		} else if n > 0 {
			gpus = n
		}
	}
	switch last := &j.Attempts[len(j.Attempts)-1]; {
	case nothing(last.End) && !nothing(last.Start):
		return "still running at the end of the log, left out", nil
	case spec.RecStart == state.Unset:
		return "no attempt with start and end, left out", nil
	case gpus == 0:
		return "no attempt that names its GPUs, left out", nil
	}
	if spec.RecStart < spec.Submit {
		p.count.add("first attempt before the submission: recorded start dropped")
		spec.RecStart = state.Unset
	}
	spec.Roles = append(spec.Roles, splitRole(gpus))
	return "", nil
}

// attempt adds one attempt's running time and returns its GPUs.
func (p *phillyLog) attempt(a *phillyAttempt, spec *state.JobSpec) (gpus int64, err error) {
	for i := range a.Detail {
		gpus += int64(len(a.Detail[i].GPUs))
	}
	start, err := p.stamp("start_time", a.Start)
	if err != nil {
		return 0, err
	}
	end, err := p.stamp("end_time", a.End)
	if err != nil {
		return 0, err
	}
	if start == state.Unset || end == state.Unset || end < start {
		p.count.add("attempt without a start and a later end, not counted")
		return gpus, nil
	}
	if spec.RecStart == state.Unset || start < spec.RecStart {
		spec.RecStart = start
	}
	spec.Duration += end - start
	return gpus, nil
}

func nothing(s *string) bool { return s == nil || blank([]byte(*s)) }

func (p *phillyLog) stamp(field string, s *string) (state.Time, error) {
	if nothing(s) {
		return state.Unset, nil
	}
	v, ok := parseStamp([]byte(*s), p.loc)
	if !ok {
		return 0, p.fail(field+": "+shown([]byte(*s))+" is not a date", "expected a date and a time such as 2017-10-07 01:11:39")
	}
	return v, nil
}

// lineCounter remembers where lines begin, so that an offset can be told as a line.
type lineCounter struct {
	r      io.Reader
	starts []int64 // offsets behind newlines
	off    int64
}

func (l *lineCounter) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	for i, c := range b[:n] {
		if c == '\n' {
			l.starts = append(l.starts, l.off+int64(i)+1)
		}
	}
	l.off += int64(n)
	return n, err
}

func (l *lineCounter) lineOf(off int64) int {
	lo, hi := 0, len(l.starts)
	for lo < hi {
		if mid := (lo + hi) / 2; l.starts[mid] <= off {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo + 1
}
