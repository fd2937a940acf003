package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// Life is what happened to one job of a run, told by running the scenario again up to the job's end.
type Life struct {
	Job       Person
	User      string
	Queue     string
	Partition string
	GPUs      int64
	Priority  int64
	Submit    state.Time
	Estimate  state.Time
	Asked     bool       // it is a copy that was never in the run: see Question
	Until     state.Time // what is told ends here
	Chapters  []Chapter
}

// Person is a job by number and name.
type Person struct {
	Number uint64
	Name   string
}

// ChapterKind says what a chapter is.
type ChapterKind uint8

// The kinds. Waits is a stretch; the others are instants.
const (
	ChapterSubmitted ChapterKind = iota
	ChapterWaits
	ChapterStarts
	ChapterStops   // it stands still until it gives its GPUs back
	ChapterEvicted // it lost its GPUs and queues again
	ChapterTakes   // another job lost its GPUs to it
	ChapterEnds
)

// Chapter is one thing that happened, or a stretch of one reason to wait.
type Chapter struct {
	Kind     ChapterKind
	From, To state.Time

	// Of a wait: the reason with the figures of its first instant, how many GPUs were free at least and at most meanwhile, and the
	// jobs that were ahead in turn.
	Why         sim.Why
	Least, Most int64
	Ahead       []Person
	Nodes       []string // of a start
	Reason      string   // of an eviction or an end
	Preempt     string   // the kind of a preemption
	Other       *Person  // the job that an eviction was for, or that gave its GPUs
	Outcome     string   // of an end
	Ran         state.Time
	Lost        state.Time
	Overhead    state.Time
	Idle        state.Time
	First       bool // of a start
	Queued      state.Time
	Preempted   bool // of a stop: it comes back
}

// Question is what explain is asked.
type Question struct {
	Job string     // name, or #number
	At  state.Time // state.Unset: of the job in the run; else a copy of it is submitted then
}

// Explain replays a run folder's scenario and tells the life of one job.
func Explain(ctx context.Context, dir, base string, q Question, journals scenarios.Journals) (*Life, error) {
	r, err := ReadRecord(dir)
	if err != nil {
		return nil, &InputError{err}
	}
	row, err := findJob(dir, q.Job)
	if err != nil {
		return nil, &InputError{err}
	}
	load := func() (*scenarios.Plan, error) { return recorded(r, dir, base, journals) }
	s := &telling{ctx: ctx, life: &Life{Job: Person{row.Number, row.Job}, User: row.User, Queue: row.Queue, Partition: row.Partition, GPUs: row.GPUs,
		Priority: row.Priority, Submit: row.Submit, Estimate: row.Estimate}}
	if q.At == state.Unset {
		err = s.replay(load, row.Number, nil)
	} else {
		err = s.ask(load, row, q.At)
	}
	if err != nil {
		return nil, err
	}
	return s.life, s.name(dir)
}

// recorded compiles the scenario of a record, on the inputs that it had.
func recorded(r *Record, dir, base string, journals scenarios.Journals) (*scenarios.Plan, error) {
	if base == "" {
		base = r.Tool.Base
	}
	l, err := scenarios.Parse(dir+"/"+recordName+" (scenario)", base, []byte(r.Scenario))
	if err != nil {
		return nil, err
	}
	changed, missing := l.Changed(inputs(r.Inputs))
	if gone := append(changed, missing...); len(gone) > 0 {
		return nil, &InputError{fmt.Errorf("%s: input %s is not what it was\n  the run cannot be told from another input\n  put it back, or name the folder it "+
			"lies in with --inputs", dir, strings.Join(gone, ", "))}
	}
	p, err := l.Compile()
	if err != nil {
		return nil, err
	}
	if err := l.Attach(p, journals); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// findJob finds a job in a run folder by name, or by # and number.
func findJob(dir, word string) (JobRow, error) {
	var found []JobRow
	for row, err := range Jobs(dir) {
		if err != nil {
			return JobRow{}, err
		}
		if row.Job == word || word == fmt.Sprintf("#%d", row.Number) {
			one := *row
			one.Nodes, one.NodeGPUs, one.X = nil, nil, nil
			found = append(found, one)
		}
	}
	switch len(found) {
	case 0:
		return JobRow{}, fmt.Errorf("%s: no job %q\n  jobs.parquet lists the jobs of the run\n  name one as the trace does, or by its number, such as #17", dir, word)
	case 1:
		return found[0], nil
	}
	slices.SortFunc(found, func(a, b JobRow) int { return int(int64(a.Number) - int64(b.Number)) })
	var numbers []string
	for _, f := range found[:min(len(found), 10)] {
		numbers = append(numbers, fmt.Sprintf("#%d", f.Number))
	}
	return JobRow{}, fmt.Errorf("%s: %d jobs are called %q\n  found %s\n  name one by its number", dir, len(found), word, strings.Join(numbers, ", "))
}

// telling follows one job through a replay.
type telling struct {
	ctx   context.Context
	life  *Life
	slot  int32
	known bool // the job's number is known
	ended bool
	cost  *state.Event
}

// replay runs the plan until the job's end; before, where it is given, is called once with the engine that stands before its first
// instant and may bring it to the instant at which the story begins.
func (s *telling) replay(load func() (*scenarios.Plan, error), number uint64, before func(*sim.Engine) (uint64, error)) error {
	p, err := load()
	if err != nil {
		return err
	}
	defer p.Close()
	cfg := p.Config
	cfg.Listeners = []state.Listener{s}
	e, err := sim.New(cfg)
	if err != nil {
		return &InputError{err}
	}
	var by stepper = e
	if p.Commands != nil {
		if before != nil {
			return &InputError{fmt.Errorf("a world's journal cannot be asked about another instant: fork the world and submit there")}
		}
		if by, err = newReplay(e, p.Commands); err != nil {
			return &InputError{err}
		}
	}
	s.slot, s.life.Job.Number, s.known = -1, number, before == nil
	if before != nil {
		if s.life.Job.Number, err = before(e); err != nil {
			return &InputError{err}
		}
		s.known = true
		s.add(Chapter{Kind: ChapterSubmitted, From: s.life.Submit})
		e.Flush()
		s.look(e)
	}
	for steps := 0; !s.ended; steps++ {
		if steps%1024 == 0 && s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if more, err := by.Steps(1); err != nil {
			return &InputError{err}
		} else if !more {
			break
		}
		if e.Now() >= s.life.Submit {
			e.Flush()
			s.look(e)
		}
	}
	if !s.ended {
		e.Finish(max(e.Now(), p.Config.Horizon))
	}
	s.life.Until = e.Now()
	s.close(e.Now())
	return nil
}

// look notes why the job waits since the instant just closed.
func (s *telling) look(e *sim.Engine) {
	if s.ended {
		return
	}
	w, slot, ok := e.Why(s.life.Job.Number, s.slot)
	if !ok {
		return
	}
	s.slot = slot
	if w.State != state.JobHeld && w.State != state.JobQueued {
		return
	}
	if c := s.open(); c != nil && c.Why.Cause == w.Cause && c.Why.State == w.State && c.Why.Queue == w.Queue && c.Why.Level == w.Level {
		c.Least, c.Most = min(c.Least, w.Free), max(c.Most, w.Free)
		s.ahead(c, w.Ahead)
		return
	}
	s.close(e.Now())
	s.life.Chapters = append(s.life.Chapters, Chapter{Kind: ChapterWaits, From: e.Now(), To: state.Never, Why: w, Least: w.Free, Most: w.Free})
	s.ahead(s.open(), w.Ahead)
}

func (s *telling) ahead(c *Chapter, number int64) {
	if number < 0 || slices.ContainsFunc(c.Ahead, func(p Person) bool { return p.Number == uint64(number) }) {
		return
	}
	c.Ahead = append(c.Ahead, Person{Number: uint64(number)})
}

// open is the wait that goes on, or nil.
func (s *telling) open() *Chapter {
	for i := len(s.life.Chapters) - 1; i >= 0; i-- {
		if c := &s.life.Chapters[i]; c.Kind == ChapterWaits {
			if c.To == state.Never {
				return c
			}
			return nil
		}
	}
	return nil
}

// close ends the wait that goes on. A wait of no length is left out.
func (s *telling) close(at state.Time) {
	c := s.open()
	if c == nil {
		return
	}
	if c.To = at; c.From == at {
		s.life.Chapters = slices.DeleteFunc(s.life.Chapters, func(x Chapter) bool { return x.Kind == ChapterWaits && x.From == x.To })
	}
}

// Kinds are the events of a job's life.
func (s *telling) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvStopping, state.EvEvict, state.EvEnd, state.EvCost)
}

// Observe tells what happened to the job.
func (s *telling) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		if !s.known || s.ended {
			return
		}
		if ev.Kind == state.EvEvict && ev.Z == s.life.Job.Number+1 {
			s.add(Chapter{Kind: ChapterTakes, From: ev.Time, Preempt: state.PreemptKind(ev.Outcome).String(), Other: &Person{Number: ev.Number}})
		}
		if ev.Job < 0 || ev.Number != s.life.Job.Number || ev.Kind > state.EvEvict && ev.Kind != state.EvStopping && ev.Kind != state.EvCost {
			continue
		}
		switch ev.Kind {
		case state.EvArrive:
			if s.life.Asked {
				break // it is in the story already
			}
			s.add(Chapter{Kind: ChapterSubmitted, From: b.Jobs.Row[ev.Job].Submit})
		case state.EvStart:
			s.close(ev.Time)
			c := Chapter{Kind: ChapterStarts, From: ev.Time, First: ev.Flags&state.FlagFirst != 0, Queued: state.Time(ev.X)}
			for p := range b.EachPartOf(ev) {
				if name := b.Nodes.Name[p.Node]; !slices.Contains(c.Nodes, name) {
					c.Nodes = append(c.Nodes, name)
				}
			}
			s.add(c)
			s.ended = s.life.Asked // that is what was asked
		case state.EvStopping:
			s.add(Chapter{Kind: ChapterStops, From: ev.Time, To: state.Time(ev.X), Preempted: ev.Flags&state.FlagOwn != 0})
		case state.EvCost:
			cost := *ev
			s.cost = &cost
		case state.EvEvict:
			c := s.costs(Chapter{Kind: ChapterEvicted, From: ev.Time, Reason: state.EndReason(ev.Cause).String(), Ran: state.Time(ev.X), Lost: state.Time(ev.Y)})
			if state.EndReason(ev.Cause) == state.ReasonPreempted {
				c.Preempt = state.PreemptKind(ev.Outcome).String()
			}
			if ev.Z > 0 {
				c.Other = &Person{Number: ev.Z - 1}
			}
			s.add(c)
		case state.EvEnd:
			s.close(ev.Time)
			s.add(s.costs(Chapter{Kind: ChapterEnds, From: ev.Time, Outcome: ev.Outcome.String(), Reason: state.EndReason(ev.Cause).String(), Ran: state.Time(ev.Z),
				Queued: state.Time(ev.Y)}))
			s.ended = true
		}
	}
}

func (s *telling) add(c Chapter) { s.life.Chapters = append(s.life.Chapters, c) }

// costs adds what was told of the attempt that ends.
func (s *telling) costs(c Chapter) Chapter {
	if s.cost != nil {
		c.Overhead, c.Idle = state.Time(s.cost.X), state.Time(s.cost.Z)
		s.cost = nil
	}
	return c
}

// ask submits a copy of a job at another instant and follows it to its start.
func (s *telling) ask(load func() (*scenarios.Plan, error), row JobRow, at state.Time) error {
	spec, err := s.spec(load, row)
	if err != nil {
		return err
	}
	s.life.Asked, s.life.Submit = true, at
	return s.replay(load, 0, func(e *sim.Engine) (uint64, error) {
		if _, err := e.Run(at); err != nil {
			return 0, err
		}
		answers, err := e.Apply(sim.Commands{At: at, List: []sim.Command{{Kind: sim.CommandSubmit, Spec: spec}}})
		if err == nil {
			err = answers[0].Err
		}
		if err != nil {
			return 0, fmt.Errorf("at %.9g s the job cannot be submitted: %w", float64(at)/1e9, err)
		}
		return answers[0].Job, nil
	})
}

// spec runs to the job's arrival and takes down what it asks for.
func (s *telling) spec(load func() (*scenarios.Plan, error), row JobRow) (state.JobSpec, error) {
	p, err := load()
	if err != nil {
		return state.JobSpec{}, err
	}
	defer p.Close()
	e, err := sim.New(p.Config)
	if err != nil {
		return state.JobSpec{}, &InputError{err}
	}
	for {
		if spec, ok := e.SpecOf(row.Number, -1); ok {
			spec.After, spec.RecStart = nil, state.Unset
			return spec, nil
		}
		if more, err := e.Steps(1); err != nil || !more || e.Now() > max(row.Submit, 0) {
			return state.JobSpec{}, &InputError{fmt.Errorf("job %q (#%d) ended at the instant at which it was submitted: there is nothing to ask about", row.Job, row.Number)}
		}
	}
}

// name fills in the names of the other jobs of the story.
func (s *telling) name(dir string) error {
	want := map[uint64][]*Person{}
	note := func(p *Person) {
		if s.life.Asked && p.Number > s.life.Job.Number { // the copy took a number
			p.Number--
		}
		want[p.Number] = append(want[p.Number], p)
	}
	for i := range s.life.Chapters {
		c := &s.life.Chapters[i]
		for k := range c.Ahead {
			note(&c.Ahead[k])
		}
		if c.Other != nil {
			note(c.Other)
		}
	}
	if len(want) == 0 {
		return nil
	}
	for row, err := range Jobs(dir) {
		if err != nil {
			return err
		}
		for _, p := range want[row.Number] {
			p.Name = row.Job
		}
	}
	return nil
}
