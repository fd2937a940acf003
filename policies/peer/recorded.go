package peer

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Conflict is a job that could not start when its record says.
type Conflict struct {
	Number   uint64 // order of arrival, from 0
	Name     string
	Recorded state.Time
	Started  state.Time // state.Unset if it never did
}

// String says which job it is and how late it was.
func (c Conflict) String() string {
	if c.Started == state.Unset {
		return fmt.Sprintf("job %q (number %d): recorded start %s s, never started", c.Name, c.Number, units.SecondsText(int64(c.Recorded)))
	}
	return fmt.Sprintf("job %q (number %d): recorded start %s s, started %s s later", c.Name, c.Number, units.SecondsText(int64(c.Recorded)),
		units.SecondsText(int64(c.Started-c.Recorded)))
}

// Replayer is a policy that knows where its replay differs from the record.
type Replayer interface {
	// Conflicts are the jobs that started late, or not at all, in the order in which that was known.
	Conflicts() []Conflict
}

// Recorded starts each job at its recorded start (Jobs.RecStart), on the lowest nodes that fit (first-fit). A job whose
// resources are not free then, or that may not start yet, is a conflict: it starts as soon as they are, earliest record
// first, ties by order of arrival, and one that does not fit holds up no other. Jobs without a recorded start come
// behind, in order of arrival, the first that does not fit blocking, and only while no job is late. onNoFit: drop means nothing here: who does not fit waits.
type Recorded struct {
	parts     []replay
	conflicts []Conflict
}

// replay is one partition.
type replay struct {
	due   []record // jobs with a recorded start, latest first, so that the next is at the end
	late  []record // those whose instant has come, earliest first
	free  []record // jobs without a record, in order of arrival
	asked state.Time
}

type record struct {
	at     state.Time
	number uint64
	job    int32
	gen    uint32
}

func (r record) compare(o record) int {
	return cmp.Or(cmp.Compare(r.at, o.at), cmp.Compare(r.number, o.number))
}

// NewRecorded returns the replay.
func NewRecorded() *Recorded { return &Recorded{} }

// Info names the preset.
func (p *Recorded) Info() state.Info { return state.Info{Name: "recorded"} }

// Init has nothing to prepare.
func (p *Recorded) Init(*state.View) error { return nil }

// Conflicts are the jobs that did not start when their records say.
func (p *Recorded) Conflicts() []Conflict { return slices.Clone(p.conflicts) }

func (p *Recorded) partition(id int32) *replay {
	for int32(len(p.parts)) <= id {
		p.parts = append(p.parts, replay{})
	}
	return &p.parts[id]
}

// Observe keeps the lists.
func (p *Recorded) Observe(v *state.View, events []state.Event) {
	j := v.Jobs
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case state.EvQueue:
			s := p.partition(j.Row[ev.Job].Partition)
			r := record{at: j.RecStart(ev.Job), number: ev.Number, job: ev.Job, gen: ev.Gen}
			if r.at == state.Unset {
				r.at = 0
				s.free = insert(s.free, r, record.compare)
			} else {
				s.due = insert(s.due, r, func(a, b record) int { return b.compare(a) })
			}
		case state.EvStart:
			if ev.Flags&state.FlagOwn == 0 { // it runs since before instant 0
				p.partition(j.Row[ev.Job].Partition).forget(ev.Job)
			}
		case state.EvEnd:
			p.partition(j.Row[ev.Job].Partition).leave(p, v, ev)
		}
	}
}

// insert keeps a list sorted; arrivals mostly belong at its end or near it.
func insert(list []record, r record, order func(a, b record) int) []record {
	at, _ := slices.BinarySearchFunc(list, r, order)
	return slices.Insert(list, at, r)
}

// forget takes a job out of the lists.
func (s *replay) forget(job int32) {
	same := func(r record) bool { return r.job == job }
	s.due, s.free, s.late = slices.DeleteFunc(s.due, same), slices.DeleteFunc(s.free, same), slices.DeleteFunc(s.late, same)
}

// leave takes a job that ended out of the lists. One that never started although its instant had come is a conflict.
func (s *replay) leave(p *Recorded, v *state.View, ev *state.Event) {
	if ev.Z != 0 {
		return // it ran, so it stands in no list
	}
	same := func(r record) bool { return r.job == ev.Job }
	s.due, s.free = slices.DeleteFunc(s.due, same), slices.DeleteFunc(s.free, same)
	before := len(s.late)
	if s.late = slices.DeleteFunc(s.late, same); len(s.late) < before && v.Jobs.Row[ev.Job].FirstStart == state.Unset {
		p.note(v, ev.Job, state.Unset)
	}
}

func (p *Recorded) note(v *state.View, job int32, started state.Time) {
	j := v.Jobs
	p.conflicts = append(p.conflicts, Conflict{Number: j.Row[job].Number, Name: string(j.NameOf(job)), Recorded: j.RecStart(job), Started: started})
}

// Pass starts what the record says, then what is late, then who has no record.
func (p *Recorded) Pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	s := p.partition(v.Partition)
	for n := len(s.due); n > 0 && s.due[n-1].at <= v.Now; n-- {
		s.late = insert(s.late, s.due[n-1], record.compare)
		s.due = s.due[:n-1]
	}
	kept := s.late[:0]
	for _, r := range s.late {
		if !start(v, c, r, d) {
			kept = append(kept, r)
		} else if r.at != v.Now && v.Jobs.Row[r.job].FirstStart == state.Unset {
			p.note(v, r.job, v.Now)
		}
	}
	s.late = kept
	for len(s.late) == 0 && len(s.free) > 0 && start(v, c, s.free[0], d) {
		s.free = slices.Delete(s.free, 0, 1)
	}
	if len(s.free) > 0 {
		d.FitCause, d.Blocker = state.CauseOrder, s.free[0].job
	}
	if n := len(s.due); n > 0 && (s.asked <= v.Now || s.due[n-1].at < s.asked) {
		s.asked = s.due[n-1].at
		d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(s.asked)})
	}
}

func start(v *state.View, c *cluster.Cluster, r record, d *state.Decisions) bool {
	mark := len(d.Parts)
	q := place.Request{Partition: uint32(v.Partition), Roles: v.Shapes.Of(v.Jobs.Row[r.job].Shape)}
	if !place.FirstFit.Place(c, &q, &d.Parts) {
		return false
	}
	d.Start(r.job, r.gen, mark)
	return true
}

// Clone returns an independent copy.
func (p *Recorded) Clone() (state.Policy, error) {
	c := &Recorded{parts: slices.Clone(p.parts), conflicts: slices.Clone(p.conflicts)}
	for i := range c.parts {
		s := &c.parts[i]
		s.due, s.late, s.free = slices.Clone(s.due), slices.Clone(s.late), slices.Clone(s.free)
	}
	return c, nil
}

var (
	_ state.Policy = (*Recorded)(nil)
	_ Replayer     = (*Recorded)(nil)
)
