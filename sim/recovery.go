package sim

import (
	"fmt"
	"math"
	"slices"

	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/state"
)

// recovery is what the engine keeps of jobs that lose their GPUs and come back. Nothing of it exists in a run without
// evictions.
type recovery struct {
	pending   []preemption // whose grace is not over
	comebacks []comeback   // by job slot
	again     turns
}

// purpose says for what a job is evicted.
type purpose struct {
	kind state.PreemptKind
	by   uint64 // 1 + number of the job that it is for, or 0
	cost state.Time
}

// preemption is one that waits for the end of its victim's grace.
type preemption struct {
	job int32
	why purpose
}

// comeback is what a job brings from its earlier attempts beside its saved work.
type comeback struct {
	debt     state.Time // its next start takes so much longer
	failures uint16     // lost nodes and crashes so far
	inPlace  bool       // the present attempt goes on where the one before crashed
	turn     uint64     // its place among equals; 0 = the one of its submission
}

// turns counts the jobs that queued again since a job was submitted.
type turns struct {
	after uint64
	n     uint32
}

func (r *recovery) clone() recovery {
	return recovery{pending: slices.Clone(r.pending), comebacks: slices.Clone(r.comebacks), again: r.again}
}

// checkRecoveries refuses what the engine's arithmetic cannot hold.
func checkRecoveries(all []state.Recovery) error {
	if len(all) > int(state.RecoveryNone) {
		return fmt.Errorf("%d ways to recover (at most %d)", len(all), state.RecoveryNone)
	}
	for i := range all {
		r := &all[i]
		for _, t := range [...]state.Time{r.Every, r.Write, r.Restore, r.Grace, r.Protect, r.Backoff,
			r.WriteEach, r.RestoreEach, r.Lag, r.LagEach, r.Retry, r.Restart} {
			if t < 0 || t > state.End && (t != state.Never || t != r.Every) {
				return fmt.Errorf("recovery %d: a time of %d ns (want 0 to %d)", i, t, state.End)
			}
		}
		if !(r.Hazard >= 0 && r.Hazard < 1e12) || r.Restarts < -1 || r.InPlace < 0 {
			return fmt.Errorf("recovery %d: a hazard of %v, %d restarts, %d in place", i, r.Hazard, r.Restarts, r.InPlace)
		}
		if r.Requeue > state.RequeueEvictedAt {
			return fmt.Errorf("recovery %d: no place %d to queue again", i, r.Requeue)
		}
	}
	return nil
}

// recovers is what an eviction costs a job.
func (e *Engine) recovers(slot int32) *state.Recovery {
	return e.view.RecoveryOf(e.jobs.Row[slot].Recovery)
}

func (e *Engine) comeback(slot int32) *comeback {
	for int(slot) >= len(e.comebacks) {
		e.comebacks = append(e.comebacks, comeback{})
	}
	return &e.comebacks[slot]
}

// worksFrom is the instant at which the present attempt begins to work: after what its start costs.
func (e *Engine) worksFrom(slot int32) state.Time {
	j := &e.jobs.Row[slot]
	at := j.Start
	if j.Evictions > 0 {
		at = at.Add(e.recovers(slot).RestoreOf(j.GPUs))
	}
	if int(slot) < len(e.comebacks) {
		if e.comebacks[slot].inPlace {
			at = j.Start.Add(e.recovers(slot).Restart)
		}
		at = at.Add(e.comebacks[slot].debt)
	}
	return at
}

// checkpoints are those of the present attempt.
func (e *Engine) checkpoints(slot int32) fault.Checkpoints {
	r := e.recovers(slot)
	return checkpointsOf(r, e.jobs.Row[slot].GPUs, e.worksFrom(slot))
}

// checkpointsOf are those of an attempt that begins to work at an instant.
func checkpointsOf(r *state.Recovery, gpus int32, from state.Time) fault.Checkpoints {
	return fault.Checkpoints{Begin: from, Every: r.EveryOf(gpus), Write: r.WriteOf(gpus), Lag: r.LagOf(gpus)}
}

// pauses reports whether a job stands still for its checkpoints.
func pauses(r *state.Recovery) bool {
	return (r.Write > 0 || r.WriteEach > 0) && (r.Hazard > 0 || r.Every > 0 && r.Every < state.Never)
}

// endOf is the instant at which a running job has worked for n more, as it was last settled.
func (e *Engine) endOf(slot int32, n state.Time) state.Time {
	p := &e.priv[slot]
	if !pauses(e.recovers(slot)) {
		return p.since.Add(n)
	}
	c := e.checkpoints(slot)
	return c.After(p.since, n)
}

// expectedEnd is when policies expect an attempt to end that begins to work at an instant.
func (e *Engine) expectedEnd(slot int32, from state.Time) state.Time {
	n := max(e.jobs.Row[slot].Estimate-e.priv[slot].done, 1)
	r := e.recovers(slot)
	if !pauses(r) {
		return from.Add(n)
	}
	c := checkpointsOf(r, e.jobs.Row[slot].GPUs, from)
	return c.After(from, n)
}

// work books what a job did since it was last settled, before now, and what of it is saved.
func (e *Engine) work(slot int32) {
	p := &e.priv[slot]
	c := e.checkpoints(slot)
	worked := c.Worked(p.since)
	if at, ok := c.Last(e.now); ok && at >= p.since {
		p.saved = max(p.saved, min(p.done+workIn(c.Worked(at)-worked, p.rate), p.duration))
	}
	p.done = min(p.done+workIn(c.Worked(e.now)-worked, p.rate), p.duration)
	p.since = e.now
}

// account tells what of an attempt that ends now was no work, or is lost with it. Call it before the job is settled for the
// last time.
func (e *Engine) account(slot int32, loses bool) {
	p, j := &e.priv[slot], &e.jobs.Row[slot]
	if j.Evictions == 0 && !loses && p.rate != 0 && int(slot) >= len(e.comebacks) && !pauses(e.recovers(slot)) || !e.want.Has(state.EvCost) {
		return
	}
	until := e.now // it worked until then
	if p.rate == 0 {
		until = min(p.since, e.now)
	}
	c := e.checkpoints(slot)
	var worked, lost state.Time
	if until > c.Begin {
		worked = c.Worked(until)
		if loses {
			lost = worked
			if at, ok := c.Last(until); ok {
				lost -= c.Worked(at)
			}
		}
	}
	overhead, idle := until-j.Start-worked, e.now-until
	if overhead == 0 && idle == 0 && (!loses || p.rate == rateOne) {
		return
	}
	e.extra++
	ev := e.tell(state.EvCost, slot)
	ev.A, ev.X, ev.Y, ev.Z = j.GPUs, int64(overhead), int64(lost), uint64(idle)
}

// preempt applies a policy's decision to take a job's GPUs away.
func (e *Engine) preempt(d *state.Decision) state.Refusal {
	j := &e.jobs.Row[d.Job]
	switch {
	case j.State != state.JobRunning || d.Arg < 0 || d.Arg > int64(state.End) || int(d.Why) >= state.NumPreemptKinds:
		return state.RefusedState
	case e.view.Protected(j):
		return state.RefusedProtected
	}
	why := purpose{d.Why, d.For, state.Time(d.Arg)}
	r := e.recovers(d.Job)
	if r.Grace == 0 {
		e.evict(d.Job, state.ReasonPreempted, why)
		return 0
	}
	e.stand(d.Job, r.Grace, state.FlagOwn)
	if r.Notice && r.Grace >= r.WriteOf(j.GPUs).Add(r.LagOf(j.GPUs)) {
		e.priv[d.Job].saved = e.priv[d.Job].done
	}
	e.pending = append(e.pending, preemption{d.Job, why})
	return 0
}

// stand lets a running job stand still until its grace is over.
func (e *Engine) stand(slot int32, grace state.Time, flags uint8) {
	e.settle(slot)
	p, j := &e.priv[slot], &e.jobs.Row[slot]
	p.rate, p.since = 0, e.now // also of a job that restores
	p.endGen++
	j.State = state.JobStopping
	j.ExpEnd = e.now.Add(grace)
	ev := e.tell(state.EvStopping, slot)
	ev.Flags, ev.A, ev.X = flags, j.GPUs, int64(j.ExpEnd)
	e.push(j.ExpEnd, classTransition, slot, p.endGen)
}

// graceOver ends what a job was stopped for: it is cancelled, or was preempted and queues again.
func (e *Engine) graceOver(slot int32) {
	if p := e.takePending(slot); p.job >= 0 {
		e.evict(slot, state.ReasonPreempted, p.why)
		return
	}
	e.finish(slot, state.Cancelled, state.ReasonCommand)
}

// isPending reports whether a job is being preempted.
func (e *Engine) isPending(slot int32) bool {
	return slices.ContainsFunc(e.pending, func(p preemption) bool { return p.job == slot })
}

// takePending takes a job's preemption out of those that wait for a grace, or returns one of job -1.
func (e *Engine) takePending(slot int32) preemption {
	for i, p := range e.pending {
		if p.job == slot {
			e.pending = slices.Delete(e.pending, i, i+1)
			return p
		}
	}
	return preemption{job: -1}
}

// evict ends an attempt without ending the job: work since the last checkpoint is lost, and the job queues again under its old
// number and submit time.
func (e *Engine) evict(slot int32, reason state.EndReason, why purpose) {
	e.settle(slot)
	p, j := &e.priv[slot], &e.jobs.Row[slot]
	lost := p.done - p.saved
	e.account(slot, lost > 0)
	p.endGen++
	p.done = p.saved
	e.owe(slot, why.cost)
	if j.Evictions < math.MaxUint16 {
		j.Evictions++
	}
	e.counts.Evictions++
	ev := e.tell(state.EvEvict, slot)
	ev.Cause, ev.Outcome = uint8(reason), state.Outcome(why.kind)
	ev.A, ev.X, ev.Y, ev.Z = j.GPUs, int64(e.now-j.Start), int64(lost), why.by
	e.unlink(slot, ev)
	j.GPUsNow = 0
	j.QueuedAt = e.now
	r := e.recovers(slot)
	if r.Requeue == state.RequeueEvictedAt {
		e.comeback(slot).turn = e.nextTurn()
	}
	if int(slot) < len(e.comebacks) {
		e.comebacks[slot].inPlace = false
	}
	if hold := e.holdAfter(slot, reason); hold > 0 {
		j.State = state.JobHeld
		p.depsLeft = 1
		e.held++
		e.tell(state.EvHold, slot).A = 1
		e.push(e.now.Add(hold), classArrival, slot, j.Gen)
		e.touch(j.Partition)
		return
	}
	e.enqueue(slot, state.CauseHeld, reason)
}

// holdAfter is how long a job is held that has lost its GPUs.
func (e *Engine) holdAfter(slot int32, reason state.EndReason) state.Time {
	r := e.recovers(slot)
	if reason == state.ReasonPreempted || r.Retry == 0 {
		if reason == state.ReasonPreempted {
			return r.Backoff
		}
		return 0
	}
	return min(r.Retry, state.End>>7) << min(max(e.comeback(slot).failures, 1)-1, 6)
}

// lost ends the attempt of a job that has lost a node, or has crashed. cause is 1 + that of the failure, 0 where none is known.
func (e *Engine) lost(slot int32, reason state.EndReason, cause uint8) {
	r := e.recovers(slot)
	switch {
	case e.jobs.Row[slot].State == state.JobStopping && e.takePending(slot).job < 0:
		e.finish(slot, state.Cancelled, state.ReasonCommand)
		return
	case e.priv[slot].once:
		e.finish(slot, state.Failed, reason)
		return
	case r.Restarts != 0 && int32(e.comeback(slot).failures) >= r.Restarts:
		e.finish(slot, state.Failed, state.ReasonRestarts)
		return
	}
	in := e.jobs.Row[slot].State == state.JobRunning && reason == state.ReasonCrash && int32(e.comeback(slot).failures) < r.InPlace
	if r.Restarts != 0 || r.InPlace > 0 || r.Retry > 0 {
		if c := e.comeback(slot); c.failures < math.MaxUint16 {
			c.failures++
		}
	}
	why := purpose{kind: state.PreemptKind(cause)}
	if !in || r.Retry > 0 {
		e.evict(slot, reason, why)
		return
	}
	var parts []state.Part
	for at := e.jobs.Row[slot].AllocHead; at >= 0; at = e.allocs.Next[at] {
		parts = append(parts, e.allocs.Parts[at])
	}
	e.evict(slot, reason, why)
	e.restart(slot, parts)
}

// restart lets a job go on, on the parts that it has just lost; it waits in the queue where they are not to be had any more.
func (e *Engine) restart(slot int32, parts []state.Part) {
	var taken []state.Part
	for i := range parts {
		if e.cl.Take(&taken, parts[i]) != 0 {
			e.cl.Undo(&taken, 0)
			return
		}
	}
	e.cl.Adopt(len(taken))
	if e.books != nil {
		e.books.tree.Charge(e.books.class(slot), taken, e.cl.Nodes())
		e.books.move(slot)
	}
	e.comeback(slot).inPlace = true
	e.begin(slot, parts, e.now, 0)
}

// owe notes what the next start costs beside the job's recovery: what is left of earlier debts, and more.
func (e *Engine) owe(slot int32, more state.Time) {
	if more == 0 && int(slot) >= len(e.comebacks) {
		return
	}
	left := min(max(e.worksFrom(slot)-e.now, 0), e.comeback(slot).debt)
	e.comeback(slot).debt = left.Add(more)
}

// nextTurn is the place behind all that wait.
func (e *Engine) nextTurn() uint64 {
	t := &e.again
	if t.after != e.number {
		*t = turns{after: e.number}
	}
	t.n++
	return state.TurnAfter(e.number-1, t.n-1)
}

// comesBack completes the event of a job that queues again.
func (e *Engine) comesBack(slot int32, ev *state.Event) {
	if e.recovers(slot).Requeue == state.RequeueTail {
		e.comeback(slot).turn = e.nextTurn()
	}
	if int(slot) < len(e.comebacks) {
		ev.Z = e.comebacks[slot].turn
	}
	j := &e.jobs.Row[slot]
	start := j.Start
	j.Start = e.now
	if left := e.expectedEnd(slot, e.worksFrom(slot)) - e.now; left != j.Estimate {
		ev.X = int64(left)
	}
	j.Start = start
}
