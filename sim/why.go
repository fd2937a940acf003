package sim

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// Why is how a job stands at the instant just closed, and of one that waits the first test that it fails, with the figures of that
// test.
type Why struct {
	State state.JobState
	Cause state.Cause
	Need  int64      // GPUs that it asks for
	Free  int64      // wholly free GPUs of the types that it accepts, on open nodes of its partition
	Ahead int64      // CauseReservation, CauseOrder: number of the job that its partition's last pass named as the one ahead, or -1
	Wake  state.Time // CauseHeld by a back-off or a not-before: when that is over; else state.Never

	// CauseQuota: whose limit, and of the first resource of the tree that is used up there, how much of what.
	Level       quota.Level
	Queue       string
	Resource    string
	Used, Limit int64
}

// Why says how a job stands, or false when none of that number lives. hint is the slot that an earlier answer gave, or -1. It looks at
// every node: it is for who asks about one job.
func (e *Engine) Why(number uint64, hint int32) (w Why, slot int32, ok bool) {
	slot = e.find(number, hint)
	if slot < 0 {
		return Why{}, -1, false
	}
	j := &e.jobs.Row[slot]
	w = Why{State: j.State, Need: int64(j.GPUs), Free: e.freeFor(j), Ahead: -1, Wake: state.Never}
	switch {
	case j.State == state.JobHeld && e.isAside(slot):
		w.Cause = state.CauseNever
	case j.State == state.JobHeld:
		w.Cause = state.CauseHeld
		w.Wake = e.heldUntil(slot)
	case j.State == state.JobQueued:
		e.whyQueued(slot, &w)
	}
	return w, slot, true
}

// freeFor counts the free GPUs that a job could use.
func (e *Engine) freeFor(j *state.Job) (free int64) {
	var types uint64
	any := false
	for _, r := range e.shapes.Of(j.Shape) {
		types |= r.TypeMask
		any = any || r.TypeMask == 0
	}
	if any {
		return int64(e.cl.Free(uint32(j.Partition), 0))
	}
	for m := types; m != 0; m &= m - 1 {
		free += int64(e.cl.Free(uint32(j.Partition), 1<<bits.TrailingZeros64(m)))
	}
	return free
}

// heldUntil is when an instant lets a held job into the queue, or Never.
func (e *Engine) heldUntil(slot int32) state.Time {
	at := state.Never
	if e.jobs.Row[slot].Evictions > 0 {
		at = e.jobs.Row[slot].QueuedAt.Add(e.recovers(slot).Backoff)
	}
	return at
}

// whyQueued finds the first test that a queued job fails.
func (e *Engine) whyQueued(slot int32, w *Why) {
	j := &e.jobs.Row[slot]
	if b := e.books; b != nil && !b.tree.Open(b.class(slot)) {
		w.Cause = state.CauseQuota
		e.whyQuota(slot, w)
		return
	}
	if t := e.causes.test(e, j.Shape); t != testNone {
		w.Cause = testCause[t]
		return
	}
	fit := e.causes.part(j.Partition).fit
	if b := e.books; b != nil {
		if own := b.fit[b.tree.QueueOf(b.class(slot))]; own >= 0 {
			fit = int(own)
		}
	}
	switch fit {
	case fitReservation:
		w.Cause = state.CauseReservation
	case fitOrder:
		w.Cause = state.CauseOrder
	default:
		w.Cause = state.CauseChoice
	}
	if a := e.parts[j.Partition].ahead; a > 0 && a-1 != j.Number && w.Cause != state.CauseChoice {
		w.Ahead = int64(a - 1)
	}
}

// whyQuota names the limit that a job has reached.
func (e *Engine) whyQuota(slot int32, w *Why) {
	b := e.books
	level, at := b.tree.Why(b.class(slot))
	w.Level = level
	if at < 0 || int(at) >= len(b.name) {
		return
	}
	w.Queue = e.names.Queues.Name(b.name[at])
	for r := range b.tree.Resources() {
		if used, limit := b.tree.Used(at, int32(r)), b.tree.Limit(at, int32(r)); used >= limit || w.Resource == "" {
			w.Resource, w.Used, w.Limit = b.tree.Resources()[r].Name, used, limit
			if used >= limit {
				return
			}
		}
	}
}

// SpecOf is a job that lives as it was submitted, without its dependencies. hint is as for Why.
func (e *Engine) SpecOf(number uint64, hint int32) (state.JobSpec, bool) {
	slot := e.find(number, hint)
	if slot < 0 {
		return state.JobSpec{}, false
	}
	in := e.exportJob(slot, 0)
	in.Spec.Recovery = e.jobs.Row[slot].Recovery
	return in.Spec, true
}
