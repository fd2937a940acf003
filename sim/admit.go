package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// advance moves the arrival cursor to the source's next job.
func (e *Engine) advance() error {
	last := e.arrival.Submit
	ok, err := e.src.Next(&e.arrival)
	if err != nil {
		return err
	}
	e.hasNext = ok
	if !ok {
		return nil
	}
	if e.arrival.Submit < last || e.arrival.Submit < 0 {
		return fmt.Errorf("job %q (row %d of the workload) is submitted at %d ns, before %d ns: rows must come in order of submission "+
			"(orrery trace convert --sort mends a file)", e.arrival.Name, e.delivered+1, e.arrival.Submit, max(last, 0))
	}
	return nil
}

// arrive admits the job under the cursor and moves on.
func (e *Engine) arrive() error {
	slot, err := e.admit(&e.arrival, e.arrival.Submit)
	if err != nil {
		return err
	}
	if e.books != nil && e.jobs.Row[slot].State != state.JobEnded && e.books.tree.Closed(e.books.queueOf(e, e.arrival.Queue)) {
		e.leave(slot, state.Dropped, state.ReasonQueueClosed)
	}
	e.delivered++
	return e.advance()
}

// route is the partition a job is scheduled in.
func (e *Engine) route(s *state.JobSpec) int32 {
	if s.Partition >= 0 {
		return s.Partition
	}
	if q := int(s.Queue); q >= 0 && q < len(e.cfg.QueuePartition) && e.cfg.QueuePartition[q] >= 0 {
		return e.cfg.QueuePartition[q]
	}
	return 0
}

// admit gives a job a slot and lets it wait, since queuedAt: held by dependencies, set aside, or in the queue.
func (e *Engine) admit(s *state.JobSpec, queuedAt state.Time) (int32, error) {
	if err := checkSpec(s, len(e.cfg.Recoveries)); err != nil {
		return 0, err
	}
	if e.books != nil {
		if err := e.books.accepts(e, s); err != nil {
			return 0, err
		}
	}
	if err := e.checkLevels(s); err != nil {
		return 0, err
	}
	slot := e.enter(s, queuedAt, 0)
	if len(s.After) > 0 && e.awaitDeps(slot, s.After) {
		return slot, nil
	}
	if e.jobs.Row[slot].State != state.JobHeld {
		return slot, nil // a dependency can no longer hold: it has ended
	}
	return slot, e.enqueueOrSetAside(slot)
}

// admitHeld is admit for a job that a command submits now: it has no dependencies and is held for a time first.
func (e *Engine) admitHeld(s *state.JobSpec, hold state.Time) error {
	slot := e.enter(s, e.now, state.FlagCommand)
	if hold == 0 {
		return e.enqueueOrSetAside(slot)
	}
	e.priv[slot].depsLeft = 1
	e.held++
	e.tell(state.EvHold, slot).A = 1
	e.push(e.now.Add(hold), classArrival, slot, e.jobs.Row[slot].Gen)
	return nil
}

// enter gives a job a slot; it is held until something lets it into the queue.
func (e *Engine) enter(s *state.JobSpec, queuedAt state.Time, flags uint8) int32 {
	slot := e.newSlot()
	part := e.route(s)
	shape, isNew := e.shapes.intern(part, s.Roles)
	if isNew {
		e.shapes.word[shape] = wordOf(e.names, part, s.Roles)
		e.causes.classify(e, shape)
	}
	e.fill(slot, shape, part, s)
	j := &e.jobs.Row[slot]
	j.QueuedAt = queuedAt
	if e.books != nil {
		e.books.enter(e, slot, s)
		e.view.Line = e.books.line
	}
	e.counts.Submitted++
	ev := e.tell(state.EvArrive, slot)
	ev.Flags, ev.A, ev.B, ev.X, ev.Z = flags, j.GPUs, shape, int64(j.Estimate), e.shapes.word[shape]
	if s.Patience != state.Unset {
		e.push(max(s.Submit.Add(s.Patience), e.now), classCancel, slot, j.Gen)
	}
	return slot
}

// fill writes the columns of a new job. It is held until something lets it into the queue.
func (e *Engine) fill(slot, shape, part int32, s *state.JobSpec) {
	j, p := &e.jobs.Row[slot], &e.priv[slot]
	j.Number = e.number
	e.number++
	e.jobs.SetName(slot, s.Name)
	j.Submit, j.Estimate = s.Submit, e.estimate(s)
	e.jobs.SetRecStart(slot, s.RecStart)
	j.Shape, j.User, j.Queue, j.Partition = shape, s.User, s.Queue, part
	j.Priority, j.GPUs = s.Priority, e.shapes.GPUs[shape]
	j.State, j.FirstStart, j.Start, j.Recovery = state.JobHeld, state.Unset, state.Unset, s.Recovery
	j.QueuedNS, j.Attained, j.AttainedAt, j.GPUsNow, j.Attempts, j.Evictions = 0, 0, 0, 0, 0, 0
	if n := e.names.X.Len(); n > 0 {
		e.fillX(slot, s, n)
	}
	if e.jobs.TrueDuration != nil {
		e.jobs.TrueDuration[slot] = s.Duration
	}
	p.duration = s.Duration
	p.maxRun = s.MaxRun
	p.patience = s.Patience
	p.outcome, p.once = s.Outcome, s.Once
	p.depsLeft = 0
	p.done, p.saved = 0, 0
	p.rate = 0
	if e.speeds != nil {
		e.speeds.admit(slot, s.Model)
	}
	if int(slot) < len(e.comebacks) {
		e.comebacks[slot] = comeback{}
	}
}

// fillX keeps the trace's own numbers.
func (e *Engine) fillX(slot int32, s *state.JobSpec, n int) {
	for i := range min(n, state.MaxX) {
		x := &e.jobs.X[i]
		for len(*x) <= int(slot) {
			*x = append(*x, 0)
		}
		(*x)[slot] = s.X[i]
	}
}

// estimate is what policies are told about a job's running time; never below 1 ns, an estimate of 0 reads as 1 s.
func (e *Engine) estimate(s *state.JobSpec) state.Time {
	est := s.Estimate
	switch e.cfg.Estimates {
	case EstimateExact:
		est = state.Unset
	case EstimateUserMean:
		if m, ok := e.users.mean(s.User); ok {
			return max(m, 1)
		}
	case EstimateFactor:
		est = state.MulDiv(s.Duration, e.cfg.EstimateFactor, 1_000_000)
	}
	if est == state.Unset {
		if e.cfg.Estimates == EstimateTrace {
			e.counts.NoEstimate++
		}
		est = s.Duration
	}
	if est <= 0 {
		return state.Second
	}
	return est
}

// enqueueOrSetAside lets a job into the queue unless no present cluster could ever hold it.
func (e *Engine) enqueueOrSetAside(slot int32) error {
	if !e.fitsEmpty(e.jobs.Row[slot].Shape) {
		e.counts.NeverFits++
		e.tell(state.EvNeverFits, slot).A = e.jobs.Row[slot].GPUs
		if e.cfg.Strict {
			return fmt.Errorf("job %q (number %d) asks for %d GPUs in a form that no node of its partition and type can hold, even when all "+
				"are free; make the cluster larger, or run without --strict to set such jobs aside",
				e.jobs.NameOf(slot), e.jobs.Row[slot].Number, e.jobs.Row[slot].GPUs)
		}
		if e.cfg.DropUnfit {
			e.leave(slot, state.Dropped, state.ReasonNever)
			return nil
		}
		e.chargeOpen(slot, state.CauseHeld) // what a dependency held it for; from now on it is never placeable
		e.held++
		e.aside = append(e.aside, slot)
		return nil
	}
	e.enqueue(slot, state.CauseHeld, 0)
	return nil
}

// enqueue makes a job startable. What it waited until now is charged to since; why is the reason of an eviction, or 0.
func (e *Engine) enqueue(slot int32, since state.Cause, why state.EndReason) {
	e.chargeOpen(slot, since)
	j := &e.jobs.Row[slot]
	j.State = state.JobQueued
	e.shapes.Waiting[j.Shape]++
	e.waiting++
	e.askGPUs += int64(j.GPUs)
	if e.books != nil {
		e.books.join(e, slot)
	}
	e.causes.join(e, slot)
	ev := e.tell(state.EvQueue, slot)
	ev.A, ev.B, ev.Cause = j.GPUs, j.Shape, uint8(why)
	if j.Evictions > 0 {
		e.comesBack(slot, ev)
	}
	e.touch(j.Partition)
}

// unqueue takes a job out of the queue, charging what it waited to its causes.
func (e *Engine) unqueue(slot int32) {
	j := &e.jobs.Row[slot]
	e.shapes.Waiting[j.Shape]--
	e.waiting--
	e.askGPUs -= int64(j.GPUs)
	e.causes.leave(e, slot)
	if e.books != nil {
		e.books.tree.Leave(e.books.class(slot))
	}
	j.QueuedNS += e.now - j.QueuedAt
	j.QueuedAt = e.now
}
