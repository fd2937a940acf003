package sim

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// touch notes that something changed for a partition's policy and arranges its pass by the policy's trigger.
func (e *Engine) touch(p int32) {
	for int32(len(e.parts)) <= p {
		e.parts = append(e.parts, partition{})
	}
	s := &e.parts[p]
	s.dirty = true
	if s.due || s.scheduled {
		return
	}
	switch t := e.info.Trigger; {
	case t.Every > 0:
		if at := (e.now + t.Every - 1) / t.Every * t.Every; at > e.now {
			s.scheduled = true
			e.push(at, classPass, p, 0)
			return
		}
	case t.Coalesce > 0:
		s.scheduled = true
		e.push(e.now.Add(t.Coalesce), classPass, p, 0)
		return
	}
	e.makeDue(p)
}

func (e *Engine) makeDue(p int32) {
	if !e.parts[p].due {
		e.parts[p].due = true
		e.due = append(e.due, p)
	}
}

// passes runs one pass for each triggered partition. What a pass triggers is the next round's.
func (e *Engine) passes() error {
	n := len(e.due)
	for i := 0; i < n; i++ {
		p := e.due[i]
		e.parts[p].due, e.parts[p].dirty = false, false
		if err := e.pass(p); err != nil {
			return err
		}
	}
	e.due = e.due[:copy(e.due, e.due[n:])]
	return e.fault
}

// pass asks the policy for one partition's decisions and applies them.
func (e *Engine) pass(p int32) error {
	e.tellPolicy()
	e.counts.Passes++
	e.view.Partition, e.view.Pass = p, e.counts.Passes
	e.dec.Reset()
	e.policy.Pass(&e.view, &e.dec)
	if e.dec.Fault != nil {
		e.cl.Undo(&e.dec.Parts, 0)
		if e.books != nil {
			e.books.tree.Close()
		}
		return e.dec.Fault
	}
	if e.cl.Outstanding() != len(e.dec.Parts) {
		return fmt.Errorf("policy %s took %d parts on the cluster and handed in %d", e.info.Name, e.cl.Outstanding(), len(e.dec.Parts))
	}
	e.cl.Adopt(len(e.dec.Parts))
	used := int32(0)
	for i := range e.dec.List {
		d := &e.dec.List[i]
		e.counts.Decisions++
		first := used
		if d.Kind == state.DecideStart && d.PartFirst >= used && d.PartN >= 0 && int(d.PartFirst)+int(d.PartN) <= len(e.dec.Parts) {
			e.giveBack(used, d.PartFirst)
			first, used = d.PartFirst, d.PartFirst+d.PartN
		}
		if r := e.decide(p, d, e.dec.Parts[first:used]); r != 0 {
			e.counts.Refused++
			e.giveBack(first, used)
			e.emit(state.Event{Kind: state.EvRefuse, Job: d.Job, Gen: d.Gen, Cause: uint8(r), A: int32(d.Kind), B: p, Z: uint64(d.Tag)})
		}
	}
	e.giveBack(used, int32(len(e.dec.Parts)))
	for _, m := range e.dec.Metrics {
		e.extra++
		e.emit(state.Event{Kind: state.EvMetric, Job: -1, A: m.Name, X: m.Value})
	}
	if e.books != nil {
		e.books.tree.Close()
		e.books.setFits(e, e.dec.Fits)
	}
	e.causes.setFit(e, p, e.dec.FitCause)
	if e.dec.Again {
		e.makeDue(p)
	}
	return nil
}

// giveBack releases parts that no accepted decision uses.
func (e *Engine) giveBack(from, to int32) {
	for i := from; i < to; i++ {
		e.cl.Release(&e.dec.Parts[i])
	}
}

// decide validates one decision and applies it whole, or says why not.
func (e *Engine) decide(p int32, d *state.Decision, parts []state.Part) state.Refusal {
	if d.Refuse != 0 {
		return d.Refuse
	}
	if d.Kind == state.DecideTimer {
		if state.Time(d.Arg) <= e.now {
			return state.RefusedPast
		}
		e.push(state.Time(d.Arg), classTimer, p, 0)
		return 0
	}
	if d.Job < 0 || int(d.Job) >= e.jobs.Len() || e.jobs.Row[d.Job].Gen != d.Gen {
		return state.RefusedStale
	}
	if e.jobs.Row[d.Job].Partition != p {
		return state.RefusedPartition
	}
	switch d.Kind {
	case state.DecideStart:
		if e.jobs.Row[d.Job].State != state.JobQueued {
			return state.RefusedState
		}
		if r := e.checkGang(d.Job, parts); r != 0 {
			return r
		}
		if d.Arg < 0 || d.Arg > int64(state.End) {
			return state.RefusedState
		}
		if e.books != nil && !e.books.charge(e, d.Job, parts) {
			return state.RefusedQuota
		}
		if d.Arg != 0 {
			e.comeback(d.Job).debt = e.comeback(d.Job).debt.Add(state.Time(d.Arg))
		}
		e.begin(d.Job, parts, e.now, state.FlagOwn)
	case state.DecideReject:
		if e.jobs.Row[d.Job].State != state.JobQueued {
			return state.RefusedState
		}
		e.leave(d.Job, state.Dropped, state.ReasonNoFit)
	case state.DecidePreempt:
		return e.preempt(d)
	default:
		return state.RefusedKind
	}
	return 0
}

// checkGang says whether parts are exactly what a job's roles ask for, on nodes that they accept.
func (e *Engine) checkGang(slot int32, parts []state.Part) state.Refusal {
	j := &e.jobs.Row[slot]
	return e.cl.CheckGang(parts, e.shapes.Of(j.Shape), uint32(j.Partition))
}

// begin starts an attempt of a job on parts that are taken already, at an instant that may lie behind now for a job that
// was there at the start. flags tell whether the policy decided it.
func (e *Engine) begin(slot int32, parts []state.Part, at state.Time, flags uint8) {
	e.unqueue(slot)
	j := &e.jobs.Row[slot]
	if j.FirstStart == state.Unset {
		j.FirstStart = at
		flags |= state.FlagFirst
	}
	j.State = state.JobRunning
	j.Start = at
	j.Attempts++
	j.GPUsNow = j.GPUs
	j.AttainedAt = at
	work := at
	if j.Evictions > 0 || int(slot) < len(e.comebacks) {
		work = e.worksFrom(slot)
	}
	j.ExpEnd = e.expectedEnd(slot, work)
	e.counts.Starts++
	ev := e.tell(state.EvStart, slot)
	first := len(e.told)
	e.told = state.AppendParts(e.told, first, parts...)
	ev.Flags, ev.A, ev.Node, ev.B = flags, j.GPUs, int32(first), int32(len(e.told)-first)
	ev.X, ev.Y = int64(j.QueuedNS), int64(j.FirstStart)
	e.link(slot, parts, e.told[first:])
	e.priv[slot].since = work
	e.priv[slot].rate = rateOne
	if e.speeds != nil {
		if rate := e.speeds.start(e, slot, parts); rate != rateOne {
			e.priv[slot].rate = rate
			ev := e.tell(state.EvRate, slot)
			ev.Flags, ev.Z = state.FlagFirst, rate
		}
	}
	if e.outages != nil {
		e.outages.beginOn(e, slot)
	}
	e.scheduleEnd(slot)
}

// stretch is what an entry of the allocations that begins parts in a row knows of them: the entry of the last of them, and
// how many follow the first (state.Part.More). Other entries know nothing.
type stretch struct{ last, more int32 }

// link puts parts before a job's allocation, in their order. told are the same parts as the batch has them.
func (e *Engine) link(slot int32, parts, told []state.Part) {
	a := &e.allocs
	head, free := e.jobs.Row[slot].AllocHead, a.Free
	i := len(parts) - 1
	for k := len(told) - 1; k >= 0; k-- {
		s := stretch{last: -1, more: told[k].More}
		for range s.more + 1 {
			at := free
			if at >= 0 {
				free = a.Next[at]
			} else {
				at = int32(len(a.Parts))
				a.Parts, a.Next = append(a.Parts, state.Part{}), append(a.Next, -1)
				e.stretches = append(e.stretches, stretch{})
			}
			a.Parts[at], a.Next[at] = parts[i], head
			if s.last < 0 {
				s.last = at
			}
			head = at
			i--
		}
		e.stretches[head] = s
	}
	e.jobs.Row[slot].AllocHead, a.Free = head, free
}

// unlink gives a job's whole allocation back to the cluster and completes the event that tells of it.
func (e *Engine) unlink(slot int32, ev *state.Event) {
	if e.speeds != nil {
		e.speeds.world.Stop(slot)
	}
	a, told := &e.allocs, e.told
	first, head := len(told), e.jobs.Row[slot].AllocHead
	last := int32(-1)
	for at := head; at >= 0; at = a.Next[last] {
		told = append(told, a.Parts[at])
		told[len(told)-1].More = e.stretches[at].more
		last = e.stretches[at].last
	}
	e.told = told
	e.cl.ReleaseAll(told[first:])
	if e.books != nil {
		e.books.release(e, slot, told[first:])
	}
	if last >= 0 {
		a.Next[last], a.Free = a.Free, head
		e.jobs.Row[slot].AllocHead = -1
	}
	ev.Node, ev.B = int32(first), int32(len(told)-first)
}
