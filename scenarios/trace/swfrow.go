package trace

import (
	"sort"
	"strconv"

	"github.com/orrery-sim/orrery/sim/state"
)

// record makes a job of the present record.
func (s *swf) record(spec *state.JobSpec) (verdict, error) {
	spec.Reset()
	number, err := s.number(swfNumber, "job number")
	if err != nil {
		return 0, err
	}
	spec.Name = append(spec.Name, s.field(swfNumber)...)
	status, err := s.number(swfStatus, "status")
	if err != nil {
		return 0, err
	}
	if status >= 2 && status <= 4 {
		s.count.add("partial record of a job that was stopped and continued, left out (its summary is kept)")
		return rowSkip, nil
	}
	skip, err := s.times(spec, status)
	if err != nil {
		return 0, err
	}
	if skip == "" {
		skip, err = s.size(spec)
	}
	if err != nil {
		return 0, err
	}
	if skip == "" && !s.opt.settle(spec) {
		skip = "cancelled before it started, left out (neverStarted: skip)"
	}
	if skip != "" {
		s.count.add(skip)
		return rowSkip, nil
	}
	if err := s.labels(spec); err != nil {
		return 0, err
	}
	if err := s.preceding(spec); err != nil {
		return 0, err
	}
	s.rows.put(number, s.row)
	s.row++
	return rowJob, nil
}

// times reads submission, wait, running time and estimate; it returns why the record is left out, or "".
func (s *swf) times(spec *state.JobSpec, status int64) (skip string, err error) {
	if spec.Submit, err = s.span(swfSubmit, "submit time"); err != nil {
		return "", err
	}
	if spec.Submit == state.Unset {
		return "", s.fail(swfSubmit, say("submit time", s.field(swfSubmit), faultNegative), wantSeconds)
	}
	wait, err := s.span(swfWait, "wait time")
	if err != nil {
		return "", err
	}
	run, err := s.span(swfRunTime, "run time")
	if err != nil {
		return "", err
	}
	if spec.Estimate, err = s.span(swfAskedTime, "requested time"); err != nil {
		return "", err
	}
	switch status {
	case 0:
		spec.Outcome = state.Failed
	case 5:
		spec.Outcome = state.Cancelled
	}
	if run == state.Unset || run == 0 && spec.Outcome == state.Cancelled && s.used() <= 0 {
		return s.neverRan(spec, status, wait), nil
	}
	spec.Duration = run
	if wait != state.Unset {
		spec.RecStart = spec.Submit + wait
	}
	return "", nil
}

// used is the number of processors it held, without judging the field.
func (s *swf) used() int64 {
	v, _ := s.short(swfUsed)
	return max(v, 0)
}

// neverRan is a record without a running time: a cancelled job leaves after its recorded wait.
func (s *swf) neverRan(spec *state.JobSpec, status int64, wait state.Time) string {
	if status == 1 {
		return "completed with an unknown running time, left out"
	}
	if wait == state.Unset {
		return "never ran and has no recorded wait, left out"
	}
	spec.Outcome, spec.Patience, spec.Duration = state.Cancelled, wait, 0
	return ""
}

// size reads the processors: those requested, else those used.
func (s *swf) size(spec *state.JobSpec) (skip string, err error) {
	procs, err := s.number(swfAsked, "requested processors")
	if err != nil {
		return "", err
	}
	if procs <= 0 {
		if procs, err = s.number(swfUsed, "used processors"); err != nil {
			return "", err
		}
	}
	if procs <= 0 {
		return "no processors requested or used, left out", nil
	}
	spec.Roles = append(spec.Roles, state.RoleSpec{})
	r := &spec.Roles[len(spec.Roles)-1] // field by field: a literal would be built elsewhere and copied
	r.Replicas, r.PodGPUs, r.GPUMilli, r.Flags = int32(procs), 1, 1000, state.RoleSplit
	return "", nil
}

// labels reads user, queue and partition: numbers that serve as names.
func (s *swf) labels(spec *state.JobSpec) (err error) {
	if spec.User, err = s.label(swfUser, "user", &s.users, &s.names.Users); err != nil {
		return err
	}
	if spec.Queue, err = s.label(swfQueue, "queue", &s.queues, &s.names.Queues); err != nil {
		return err
	}
	spec.Partition, err = s.label(swfPartition, "partition", &s.partitions, &s.names.Partitions)
	return err
}

// numberNames are the ids of small numbers that serve as names, plus one; 0 = not met yet.
type numberNames []int32

const smallNumbers = 1 << 14

func (s *swf) label(field int, what string, cache *numberNames, symbols *state.Symbols) (int32, error) {
	v, err := s.number(field, what)
	if err != nil || v == unknown {
		return state.None, err
	}
	if v >= smallNumbers {
		return symbols.Intern(s.field(field)), nil
	}
	for int64(len(*cache)) <= v {
		*cache = append(*cache, 0)
	}
	if (*cache)[v] == 0 {
		(*cache)[v] = symbols.Intern(strconv.AppendInt(nil, v, 10)) + 1
	}
	return (*cache)[v] - 1, nil
}

// preceding reads the job that must end first. Its think time is not modelled and counted.
func (s *swf) preceding(spec *state.JobSpec) error {
	before, err := s.number(swfPreceding, "preceding job")
	if err != nil || before <= 0 {
		return err
	}
	if think, err := s.number(swfThink, "think time"); err != nil {
		return err
	} else if think > 0 {
		s.count.add("think time after a preceding job, not modelled")
	}
	if s.opt.Sort {
		s.late = append(s.late, lateRef{row: s.row, id: strconv.FormatInt(before, 10), when: state.AfterAny, line: s.lines.line})
		return nil
	}
	row, ok := s.rows.find(before)
	if !ok {
		s.count.add("preceding job that is no earlier job of the file, dropped")
		return nil
	}
	spec.After = append(spec.After, state.Dep{Row: uint64(row), When: state.AfterAny})
	return nil
}

// resolve hands over the dependencies that Sort postponed.
func (s *swf) resolve(add func(row int64, dep state.Dep)) error {
	for _, r := range s.late {
		number, _ := strconv.ParseInt(r.id, 10, 64)
		row, ok := s.rows.find(number)
		if !ok {
			s.count.add("preceding job that is no job of the file, dropped")
			continue
		}
		add(r.row, state.Dep{Row: uint64(row), When: r.when})
	}
	return nil
}

// swfRows finds a job's row by its number. Numbers count up by one but for gaps, so runs say it all; a number that goes
// back stands apart.
type swfRows struct {
	runs  []swfRun
	last  swfRun
	apart map[int64]int64
}

// swfRun is numbers number, number+1, ... in rows row, row+1, ...
type swfRun struct{ number, row, n int64 }

func (r *swfRows) put(number, row int64) {
	switch {
	case r.last.n == 0:
		r.last = swfRun{number, row, 1}
	case number == r.last.number+r.last.n && row == r.last.row+r.last.n:
		r.last.n++
	case number >= r.last.number+r.last.n:
		r.runs = append(r.runs, r.last)
		r.last = swfRun{number, row, 1}
	default:
		if r.apart == nil {
			r.apart = make(map[int64]int64)
		}
		r.apart[number] = row
	}
}

func (r *swfRows) find(number int64) (int64, bool) {
	if row, ok := r.apart[number]; ok {
		return row, true
	}
	if in := number - r.last.number; in >= 0 {
		return r.last.row + in, in < r.last.n
	}
	i := sort.Search(len(r.runs), func(i int) bool { return r.runs[i].number > number }) - 1
	if i < 0 {
		return 0, false
	}
	in := number - r.runs[i].number
	return r.runs[i].row + in, in < r.runs[i].n
}

func (r *swfRows) copy() swfRows {
	c := swfRows{runs: r.runs[:len(r.runs):len(r.runs)], last: r.last}
	for k, v := range r.apart {
		if c.apart == nil {
			c.apart = make(map[int64]int64, len(r.apart))
		}
		c.apart[k] = v
	}
	return c
}
