package pass

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/policies/preempt"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// yields is what a partition keeps for preemption: who runs, who is yielding, and for whom.
type yields struct {
	running []int32 // jobs, in no order that matters
	at      []int32 // by job slot: 1 + its place in running
	leaving int     // jobs in the grace of a preemption
	grace   []bool  // by job slot: it is one of them

	nominee int32 // the job that the last preemption was for: it goes first while it waits
	gen     uint32
	set     bool
	alarm   state.Time // the pass that was asked for last

	candidates []int32
	trial      []state.Part
}

func (y *yields) observe(ev *state.Event) {
	switch ev.Kind {
	case state.EvStart:
		for int(ev.Job) >= len(y.at) {
			y.at = append(y.at, 0)
			y.grace = append(y.grace, false)
		}
		y.running = append(y.running, ev.Job)
		y.at[ev.Job] = int32(len(y.running))
	case state.EvStopping:
		if ev.Flags&state.FlagOwn != 0 && !y.grace[ev.Job] {
			y.grace[ev.Job] = true
			y.leaving++
		}
	case state.EvEnd, state.EvEvict:
		if int(ev.Job) >= len(y.at) || y.at[ev.Job] == 0 {
			return
		}
		at, last := y.at[ev.Job]-1, y.running[len(y.running)-1]
		y.running[at] = last
		y.at[last], y.at[ev.Job] = at+1, 0
		y.running = y.running[:len(y.running)-1]
		if y.grace[ev.Job] {
			y.grace[ev.Job] = false
			y.leaving--
		}
	}
}

func (y *yields) clone() yields {
	c := *y
	c.running, c.at, c.grace = slices.Clone(y.running), slices.Clone(y.at), slices.Clone(y.grace)
	c.candidates, c.trial = nil, nil
	return c
}

// yielding moves the expected end of a job that is being preempted to the end of its grace.
func (p *Partition) yielding(v *state.View, ev *state.Event) {
	m := &p.jobs[ev.Job]
	if m.where == inProfile && p.rules.Profile {
		p.Ends.Remove(state.Time(m.key), ev.Job)
		m.key = ev.X
		p.Ends.Insert(state.Time(ev.X), v.Jobs.Row[ev.Job].GPUsNow, ev.Job)
	}
	p.Changed = true
}

// Head is the job that is next: the one that others have yielded to, as long as it waits, then the first of the queue; or nil.
func (p *Partition) Head(v *state.View) *waiting.Entry {
	if y := &p.yields; y.set {
		j := &v.Jobs.Row[y.nominee]
		if m := &p.jobs[y.nominee]; j.Gen == y.gen && m.where == inQueue {
			return &waiting.Entry{Key: m.key, Number: m.turn, Est: m.est, Job: y.nominee}
		}
		y.set = false
	}
	return p.Queue.Head()
}

// Preempt asks who may yield to a job that does not fit, and where enough may, has them evicted. It reports whether the pass is over:
// the job is placed by the next one, or when the graces of those who yield are over.
func (p *Partition) Preempt(v *state.View, c *cluster.Cluster, head *waiting.Entry, d *state.Decisions) (bool, error) {
	y := &p.yields
	if y.leaving > 0 { // it waits for them
		return false, nil
	}
	if y.set && y.nominee == head.Job { // it does not fit although they yielded: others come first again
		y.set = false
		return false, nil
	}
	y.candidates = y.candidates[:0]
	need, free := v.Jobs.Row[head.Job].GPUs, p.Free(c)
	for _, job := range y.running {
		if j := &v.Jobs.Row[job]; j.State == state.JobRunning && !v.Protected(j) {
			y.candidates = append(y.candidates, job)
		}
	}
	slices.SortFunc(y.candidates, func(a, b int32) int { return cmp.Compare(v.Jobs.Row[a].Number, v.Jobs.Row[b].Number) })
	n, again, err := p.rules.Preempter.Victims(v, head.Job, y.candidates)
	if err != nil {
		return false, err
	}
	p.askAgain(v, min(again, p.unprotected(v)), d)
	for _, job := range y.candidates[:n] {
		free += v.Jobs.Row[job].GPUsNow
	}
	if n == 0 || free < need {
		return false, nil
	}
	victims := preempt.Find(v, c, y.candidates[:n], func() bool { return p.fits(v, c, head) })
	for _, job := range victims {
		j := &v.Jobs.Row[job]
		d.List = append(d.List, state.Decision{Kind: state.DecidePreempt, Job: job, Gen: j.Gen, Why: p.rules.Preempter.Why(),
			For: v.Jobs.Row[head.Job].Number + 1})
	}
	if len(victims) == 0 {
		return false, nil
	}
	y.nominee, y.gen, y.set = head.Job, v.Jobs.Row[head.Job].Gen, true
	d.Blocker, d.FitCause = head.Job, state.CauseReservation
	return true, nil
}

// fits reports whether a waiting job could be placed now.
func (p *Partition) fits(v *state.View, c *cluster.Cluster, e *waiting.Entry) bool {
	shape := v.Jobs.Row[e.Job].Shape
	if whole(v.Shapes.Of(shape)) && p.Free(c) < v.Jobs.Row[e.Job].GPUs {
		return false
	}
	if v.Shapes.Flags[shape]&state.ShapeAnyGPUs != 0 && p.rules.Scored == nil && (p.queues == nil || p.queues.only == 0) {
		return true
	}
	y := &p.yields
	y.trial = y.trial[:0]
	ok := p.Place(v, c, e, &y.trial)
	c.Undo(&y.trial, 0)
	return ok
}

// whole reports whether a request takes whole GPUs only.
func whole(roles []state.RoleSpec) bool {
	for i := range roles {
		if roles[i].PodGPUs > 0 && roles[i].GPUMilli != cluster.Whole {
			return false
		}
	}
	return true
}

// unprotected is the next instant at which a running job can be preempted that cannot yet.
func (p *Partition) unprotected(v *state.View) state.Time {
	at := state.Never
	for _, job := range p.yields.running {
		if j := &v.Jobs.Row[job]; v.Protected(j) {
			at = min(at, j.Start.Add(v.RecoveryOf(j.Recovery).Protect))
		}
	}
	return at
}

// askAgain asks for a pass at an instant, if it has not been asked for.
func (p *Partition) askAgain(v *state.View, at state.Time, d *state.Decisions) {
	y := &p.yields
	if at == state.Never || at <= v.Now || y.alarm > v.Now && y.alarm <= at {
		return
	}
	y.alarm = at
	d.List = append(d.List, state.Decision{Kind: state.DecideTimer, Arg: int64(at)})
}
