package sim

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// emit appends an event that belongs to no job.
func (e *Engine) emit(ev state.Event) {
	ev.Time = e.now
	e.buf = append(e.buf, ev)
}

// tell appends a job's event and returns it to be completed, before the next one is appended.
func (e *Engine) tell(kind state.EventKind, slot int32) *state.Event {
	n := len(e.buf)
	if n == cap(e.buf) {
		e.buf = append(e.buf, state.Event{})
	} else {
		e.buf = e.buf[:n+1]
	}
	ev := &e.buf[n]
	*ev = state.Event{} // field by field: a literal would be built elsewhere and copied
	ev.Time, ev.Kind, ev.Job = e.now, kind, slot
	ev.Number, ev.Gen = e.jobs.Row[slot].Number, e.jobs.Row[slot].Gen
	return ev
}

// tellPolicy hands the policy the events that it has not seen.
func (e *Engine) tellPolicy() {
	if e.seen < len(e.buf) {
		e.policy.Observe(&e.view, e.buf[e.seen:])
		e.seen = len(e.buf)
	}
}

// closeInstant settles the levels that causes are measured against, notes the queue's length and hands the buffer on
// when it is full.
func (e *Engine) closeInstant() {
	e.causes.close(e)
	if e.books != nil {
		e.books.tellUse(e)
	}
	if now := [3]int64{int64(e.waiting), int64(e.held), e.askGPUs}; e.lastLen != now {
		e.lastLen = now
		if e.want.Has(state.EvQueueLen) {
			e.extra++
			e.emit(state.Event{Kind: state.EvQueueLen, Job: -1, A: e.waiting, B: e.held, X: e.askGPUs})
		}
	}
	if len(e.buf) >= flushAt {
		e.handOver()
	}
}

// Now is the instant the engine stands at.
func (e *Engine) Now() state.Time { return e.now }

// Counts are the engine's tallies so far.
func (e *Engine) Counts() Counts { return e.counts }

// Names are the symbol tables of this simulation.
func (e *Engine) Names() *state.Names { return e.names }

// Live is the number of jobs that have arrived and not ended: waiting (held ones included) and running.
func (e *Engine) Live() (waiting, running int) {
	for slot := range e.jobs.Row {
		switch e.jobs.Row[slot].State {
		case state.JobQueued, state.JobHeld:
			waiting++
		case state.JobRunning, state.JobStopping:
			running++
		}
	}
	return waiting, running
}

// liveByNumber are the slots of jobs that have not ended, in order of arrival.
func (e *Engine) liveByNumber() []int32 {
	var live []int32
	for slot := range e.jobs.Row {
		if s := e.jobs.Row[slot].State; s != state.JobFree && s != state.JobEnded {
			live = append(live, int32(slot))
		}
	}
	slices.SortFunc(live, func(a, b int32) int {
		if e.jobs.Row[a].Number < e.jobs.Row[b].Number {
			return -1
		}
		return 1
	})
	return live
}

// PolicyName is what the policy calls itself.
func (e *Engine) PolicyName() string { return e.info.Name }
