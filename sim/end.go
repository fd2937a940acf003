package sim

import (
	"math"
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// scheduleEnd computes when the present attempt ends at its present rate and schedules that; an older end in the heap
// dies by generation. A finish and a limit at one instant: the finish wins.
func (e *Engine) scheduleEnd(slot int32) {
	p := &e.priv[slot]
	p.endGen++
	end := state.Never
	if p.duration != state.Never {
		end = e.endOf(slot, timeFor(p.duration-p.done, p.rate))
	}
	limit := e.limitOf(slot)
	if e.outages != nil {
		if at := e.outages.crashAt(e, slot); at < end && at < limit {
			e.push(max(at, e.now), classLoss, slot, p.endGen)
			return
		}
	}
	if limit < end {
		e.push(max(limit, e.now), classLimit, slot, p.endGen)
		return
	}
	if end != state.Never {
		e.push(max(end, e.now), classFinish, slot, p.endGen)
	}
}

// timeFor is how long work (ns at reference speed) takes at a rate (32.32 fixed point), rounded up.
func timeFor(work state.Time, rate uint64) state.Time {
	if rate == rateOne {
		return work
	}
	if rate == 0 {
		return state.Never
	}
	hi, lo := bits.Mul64(uint64(work), rateOne)
	lo, carry := bits.Add64(lo, rate-1, 0)
	hi += carry
	if hi >= rate {
		return state.Never
	}
	q, _ := bits.Div64(hi, lo, rate)
	if q > uint64(state.Never) {
		return state.Never
	}
	return state.Time(q)
}

// workIn is the work done in a span at a rate, rounded down.
func workIn(span state.Time, rate uint64) state.Time {
	if rate == rateOne {
		return span
	}
	hi, lo := bits.Mul64(uint64(span), rate)
	return state.Time(hi<<32 | lo>>32)
}

// limitOf is the instant at which a running job is killed, or Never.
func (e *Engine) limitOf(slot int32) state.Time {
	limit := state.Never
	if m := e.priv[slot].maxRun; m > 0 {
		limit = e.jobs.Row[slot].Start.Add(m)
	}
	if e.cfg.KillAtEstimate {
		limit = min(limit, e.jobs.Row[slot].Start.Add(e.jobs.Row[slot].Estimate))
	}
	return limit
}

func (e *Engine) limitReason(slot int32) state.EndReason {
	if e.cfg.KillAtEstimate && e.now == e.jobs.Row[slot].Start.Add(e.jobs.Row[slot].Estimate) {
		if m := e.priv[slot].maxRun; m == 0 || e.now < e.jobs.Row[slot].Start.Add(m) {
			return state.ReasonEstimate
		}
	}
	return state.ReasonTimeLimit
}

// setRate settles the work done so far and goes on at another rate (32.32 fixed point; 0 = stands still).
func (e *Engine) setRate(slot int32, rate uint64) {
	e.settle(slot)
	e.priv[slot].rate, e.priv[slot].since = rate, max(e.priv[slot].since, e.now)
	e.tell(state.EvRate, slot).Z = rate
	e.scheduleEnd(slot)
}

// settle brings a running job's work and attained service up to now.
func (e *Engine) settle(slot int32) {
	if e.now > e.priv[slot].since && e.priv[slot].rate != 0 { // else it restores, or stands still
		e.work(slot)
	}
	e.attain(slot)
}

// attain brings a running job's attained service up to now.
func (e *Engine) attain(slot int32) {
	j := &e.jobs.Row[slot]
	j.Attained = addService(j.Attained, e.now-j.AttainedAt, j.GPUsNow)
	j.AttainedAt = e.now
}

// addService is attained + span * gpus, saturating: 2,048 GPUs overflow int64 ns in 52 days.
func addService(attained int64, span state.Time, gpus int32) int64 {
	hi, lo := bits.Mul64(uint64(span), uint64(gpus))
	if hi != 0 || lo > uint64(math.MaxInt64-attained) {
		return math.MaxInt64
	}
	return attained + int64(lo)
}

// finish ends a running job.
func (e *Engine) finish(slot int32, outcome state.Outcome, reason state.EndReason) {
	e.account(slot, false)
	e.attain(slot)
	e.priv[slot].endGen++
	run := e.now - e.jobs.Row[slot].Start
	e.users.add(e.jobs.Row[slot].User, run)
	e.unlink(slot, e.emitEnd(slot, outcome, reason, run))
	e.bury(slot, outcome)
	e.touch(e.jobs.Row[slot].Partition)
}

// leave ends a job that waits.
func (e *Engine) leave(slot int32, outcome state.Outcome, reason state.EndReason) {
	if e.jobs.Row[slot].State == state.JobQueued {
		e.unqueue(slot)
		e.touch(e.jobs.Row[slot].Partition)
	} else {
		cause := state.CauseHeld
		if e.isAside(slot) {
			cause = state.CauseNever
			e.dropAside(slot)
			e.held--
		} else if e.priv[slot].depsLeft > 0 {
			e.held--
		}
		e.chargeOpen(slot, cause)
	}
	e.emitEnd(slot, outcome, reason, 0)
	e.bury(slot, outcome)
}

// chargeOpen charges a held job's open interval to a cause.
func (e *Engine) chargeOpen(slot int32, cause state.Cause) {
	if d := e.now - e.jobs.Row[slot].QueuedAt; d > 0 {
		ev := e.tell(state.EvWaited, slot)
		ev.Cause, ev.X = uint8(cause), int64(d)
		e.jobs.Row[slot].QueuedNS += d
		e.jobs.Row[slot].QueuedAt = e.now
	}
}

func (e *Engine) emitEnd(slot int32, outcome state.Outcome, reason state.EndReason, run state.Time) *state.Event {
	j := &e.jobs.Row[slot]
	ev := e.tell(state.EvEnd, slot)
	ev.Outcome, ev.Cause = outcome, uint8(reason)
	ev.A, ev.X, ev.Y, ev.Z = j.GPUs, int64(j.FirstStart), int64(j.QueuedNS), uint64(run)
	return ev
}

// bury gives the slot up; it is recycled once everybody has seen the end.
func (e *Engine) bury(slot int32, outcome state.Outcome) {
	e.jobs.Row[slot].State = state.JobEnded
	e.jobs.Row[slot].GPUsNow = 0
	e.dead = append(e.dead, slot)
	e.resolveDeps(e.jobs.Row[slot].Number, outcome == state.Finished)
}

func (e *Engine) isAside(slot int32) bool {
	for _, s := range e.aside {
		if s == slot {
			return true
		}
	}
	return false
}

func (e *Engine) dropAside(slot int32) {
	for i, s := range e.aside {
		if s == slot {
			e.aside = append(e.aside[:i], e.aside[i+1:]...)
			return
		}
	}
}

// Finish closes a simulation that stops here: every open interval of every live job is charged, and jobs that still wait
// or run end as unfinished. Call it once, after Run; at is not before the last instant.
func (e *Engine) Finish(at state.Time) {
	if e.ended {
		return
	}
	e.ended = true
	e.now = max(at, e.now)
	e.causes.advanceTo(e, e.now)
	for _, slot := range e.liveByNumber() {
		switch e.jobs.Row[slot].State {
		case state.JobRunning, state.JobStopping:
			e.account(slot, false)
			e.attain(slot)
			e.priv[slot].endGen++
			e.unlink(slot, e.emitEnd(slot, state.Unfinished, state.ReasonHorizon, e.now-e.jobs.Row[slot].Start))
		case state.JobQueued:
			e.unqueue(slot)
			e.emitEnd(slot, state.Unfinished, state.ReasonHorizon, 0)
		case state.JobHeld:
			reason, cause := state.ReasonHorizon, state.CauseHeld
			if e.isAside(slot) {
				reason, cause = state.ReasonNever, state.CauseNever
			}
			e.chargeOpen(slot, cause)
			e.emitEnd(slot, state.Unfinished, reason, 0)
		default:
			continue
		}
		e.jobs.Row[slot].State = state.JobEnded
		e.dead = append(e.dead, slot)
	}
	e.waiting, e.held, e.askGPUs = 0, 0, 0
	e.emit(state.Event{Kind: state.EvStop, Job: -1})
	e.Flush()
}
