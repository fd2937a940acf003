package sim

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Export lists the jobs that have not ended, in order of arrival, as initial jobs of a simulation whose instant 0 is at, which
// lies between the last instant and the next:
// their times are shifted, running ones keep their devices, and dependencies name other jobs of the list.
func (e *Engine) Export(at state.Time) []InitialJob {
	live := e.liveByNumber()
	index := make(map[uint64]uint64, len(live))
	for i, slot := range live {
		index[e.jobs.Row[slot].Number] = uint64(i)
	}
	out := make([]InitialJob, len(live))
	for i, slot := range live {
		out[i] = e.exportJob(slot, at)
	}
	for number, list := range e.deps.waiters { // order does not matter: each list goes to its own jobs, sorted below
		for _, w := range list {
			if e.jobs.Row[w.slot].Gen == w.gen && e.jobs.Row[w.slot].State == state.JobHeld {
				spec := &out[index[e.jobs.Row[w.slot].Number]].Spec
				spec.After = append(spec.After, state.Dep{Row: index[number], When: w.when})
			}
		}
	}
	for i := range out {
		slices.SortFunc(out[i].Spec.After, func(a, b state.Dep) int { return int(int64(a.Row) - int64(b.Row)) })
	}
	return out
}

func (e *Engine) exportJob(slot int32, now state.Time) InitialJob {
	j, p := &e.jobs, &e.priv[slot]
	shape := j.Row[slot].Shape
	in := InitialJob{Spec: state.JobSpec{
		Name: append([]byte(nil), j.NameOf(slot)...), Submit: j.Row[slot].Submit - now, Duration: p.duration,
		Estimate: j.Row[slot].Estimate, MaxRun: p.maxRun, Once: p.once, Patience: state.Unset, RecStart: state.Unset, Outcome: p.outcome,
		User: j.Row[slot].User, Queue: j.Row[slot].Queue, Partition: j.Row[slot].Partition, Priority: j.Row[slot].Priority,
		Roles: append([]state.RoleSpec(nil), e.shapes.Of(shape)...),
	}}
	for i := range j.X {
		if int(slot) < len(j.X[i]) {
			in.Spec.X[i] = j.X[i][slot]
		}
	}
	if pat := p.patience; pat != state.Unset {
		in.Spec.Patience = pat
	}
	if rec := j.RecStart(slot); rec != state.Unset {
		in.Spec.RecStart = rec - now
	}
	if j.Row[slot].State == state.JobStopping && !e.isPending(slot) { // it holds what it holds until its grace is over
		in.Spec.Duration, in.Spec.Outcome = j.Row[slot].ExpEnd-j.Row[slot].Start, state.Cancelled
	}
	in.Done, in.Evicted, in.Spec.Recovery = p.saved, j.Row[slot].Evictions, j.Row[slot].Recovery
	if e.isPending(slot) { // it queues from here on: its grace is cut short
		in.Evicted++
	}
	if s := j.Row[slot].State; s == state.JobRunning || s == state.JobStopping && !e.isPending(slot) {
		in.Running = true
		in.Spec.RecStart = j.Row[slot].Start - now
		for at := j.Row[slot].AllocHead; at >= 0; at = e.allocs.Next[at] {
			in.Parts = append(in.Parts, e.allocs.Parts[at])
		}
	}
	return in
}

// Nodes are the cluster's columns, read-only.
func (e *Engine) Nodes() *state.Nodes { return e.cl.Nodes() }
