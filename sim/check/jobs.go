package check

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// life is where a job stands as its events tell.
type life uint8

const (
	absent  life = iota
	arrived      // not told yet whether it is held or queued
	held
	aside // no present cluster holds it
	queued
	running
	stopping
	ended
)

func (l life) String() string {
	return [...]string{"absent", "arriving", "held", "set aside", "queued", "running", "stopping", "ended"}[l]
}

type job struct {
	number uint64
	gen    uint32
	is     life
	gpus   int32
	submit state.Time
	since  state.Time // it waits since
	open   int64      // charged since then
	waited int64      // charged in all
	start  state.Time // of the attempt
	from   state.Time // the instant at which the attempt's devices were taken
	first  state.Time
	parts  []state.Part

	preempted bool       // what is being stopped comes back
	cost      int64      // ns of the attempt that is about to end that were no work, or are lost with it
	lost      int64      // of cost
	costAt    state.Time // when that was told, or state.Unset
}

func (c *Checker) arrive(ev *state.Event, jobs *state.Jobs) {
	for int(ev.Job) >= len(c.jobs) {
		c.jobs = append(c.jobs, job{})
	}
	j := &c.jobs[ev.Job]
	if j.is != absent && j.is != ended {
		c.violate("life", ev.Job, "job %d arrives in its slot while it is %s", ev.Number, j.is)
	}
	if ev.Number != c.nextNumber {
		c.violate("number", -1, "job %d arrives (the next is %d)", ev.Number, c.nextNumber)
	}
	c.nextNumber = ev.Number + 1
	submit := jobs.Row[ev.Job].Submit
	*j = job{number: ev.Number, gen: ev.Gen, is: arrived, gpus: ev.A, submit: submit, since: submit, first: state.Unset, parts: j.parts[:0],
		costAt: state.Unset}
	if submit > ev.Time {
		c.violate("time", ev.Job, "it arrives before it is submitted")
	}
}

// become changes where a job stands and keeps count.
func (c *Checker) become(slot int32, is life) {
	j := &c.jobs[slot]
	count := func(l life, d int32) {
		switch l {
		case queued:
			c.waiting[0] += d
			c.asked += int64(d) * int64(j.gpus)
		case held, aside:
			c.waiting[1] += d
		}
	}
	count(j.is, -1)
	j.is = is
	count(is, 1)
}

// from checks that a job stands where an event may find it.
func (c *Checker) from(slot int32, what string, allowed ...life) bool {
	for _, l := range allowed {
		if c.jobs[slot].is == l {
			return true
		}
	}
	c.violate("life", slot, "it %s while it is %s", what, c.jobs[slot].is)
	return false
}

func (c *Checker) jobEvent(ev *state.Event, b *state.Batch) {
	j := &c.jobs[ev.Job]
	if j.costAt != state.Unset && ev.Kind != state.EvEnd && ev.Kind != state.EvEvict {
		c.violate("run", ev.Job, "an event of kind %d stands between what an attempt cost and its end", ev.Kind)
	}
	switch ev.Kind {
	case state.EvHold:
		if c.from(ev.Job, "is held", arrived) {
			c.become(ev.Job, held)
		}
	case state.EvNeverFits:
		if c.from(ev.Job, "is set aside", arrived, held) {
			c.become(ev.Job, aside)
		}
	case state.EvQueue:
		if c.from(ev.Job, "enters the queue", arrived, held, aside) {
			if j.is != arrived {
				c.closeWait(ev.Job, ev.Time) // what it was held for has its cause
			}
			c.become(ev.Job, queued)
		}
	case state.EvWaited:
		c.charge(ev)
	case state.EvStart:
		c.begin(ev)
		c.take(ev, b)
	case state.EvEnd:
		c.end(ev)
		c.give(ev, b)
	case state.EvEvict:
		c.evict(ev)
		c.give(ev, b)
	case state.EvRate:
		c.from(ev.Job, "changes its rate", running)
	case state.EvStopping:
		if c.from(ev.Job, "is being stopped", running) {
			c.become(ev.Job, stopping)
			j.preempted = ev.Flags&state.FlagOwn != 0
		}
		if state.Time(ev.X) <= ev.Time {
			c.violate("life", ev.Job, "its grace ends at %d ns, which is not ahead", ev.X)
		}
	case state.EvCost:
		c.cost(ev)
	case state.EvPriority:
		c.from(ev.Job, "changes its priority", arrived, held, aside, queued, running, stopping)
	}
}

func (c *Checker) charge(ev *state.Event) {
	j := &c.jobs[ev.Job]
	if !c.from(ev.Job, "is charged for waiting", arrived, held, aside, queued) {
		return
	}
	if int(ev.Cause) >= state.NumCauses || ev.X <= 0 {
		c.violate("wait", ev.Job, "cause %d is charged %d ns", ev.Cause, ev.X)
	}
	if j.is != queued {
		if is := state.Cause(ev.Cause); is != state.CauseHeld && is != state.CauseNever {
			c.violate("wait", ev.Job, "%s is charged while it is %s", is, j.is)
		}
	}
	j.open += ev.X
	j.waited += ev.X
}

// closeWait checks that the causes of a wait that is over sum to it.
func (c *Checker) closeWait(slot int32, until state.Time) {
	j := &c.jobs[slot]
	if j.open != int64(until-j.since) {
		c.violate("wait", slot, "its causes sum to %d ns of a wait of %d ns", j.open, until-j.since)
	}
	j.open, j.since = 0, until
}

func (c *Checker) begin(ev *state.Event) {
	j := &c.jobs[ev.Job]
	if !c.from(ev.Job, "starts", queued) {
		return
	}
	first := j.first == state.Unset
	j.start, j.from = ev.Time, ev.Time
	if first {
		j.first = state.Time(ev.Y)
		if j.first < ev.Time && ev.Time == 0 {
			j.start = j.first // it was running when the simulation began
		}
	}
	if state.Time(ev.Y) != j.first || j.first > ev.Time || j.first < j.submit {
		c.violate("run", ev.Job, "its first start is told as %d ns (submitted at %d, first told %d, now %d)", ev.Y, j.submit, j.first, ev.Time)
	}
	if first != (ev.Flags&state.FlagFirst != 0) {
		c.violate("run", ev.Job, "the flag of a first start is %v (it has started before: %v)", ev.Flags&state.FlagFirst != 0, !first)
	}
	c.closeWaitAt(ev.Job, j.start, ev.Time)
	if ev.X != j.waited {
		c.violate("wait", ev.Job, "its start tells %d ns of queued time, its causes sum to %d", ev.X, j.waited)
	}
	if ev.A != j.gpus {
		c.violate("gang", ev.Job, "it starts on %d GPUs (it asked for %d)", ev.A, j.gpus)
	}
	c.become(ev.Job, running)
}

// closeWaitAt closes a wait that lasted until start, told at now.
func (c *Checker) closeWaitAt(slot int32, start, now state.Time) {
	c.closeWait(slot, start)
	c.jobs[slot].since = now
}

// take books the parts of a start.
func (c *Checker) take(ev *state.Event, b *state.Batch) {
	j := &c.jobs[ev.Job]
	if !c.hasParts(ev, b) {
		return
	}
	var gpus int32
	for p := range b.EachPartOf(ev) {
		if what := c.nodes.take(&p, b.Nodes); what != "" {
			c.violate("device", ev.Job, "%s", what)
		}
		gpus += int32(bits.OnesCount64(p.Mask))
		j.parts = append(j.parts, p)
	}
	if gpus != j.gpus {
		c.violate("gang", ev.Job, "its parts have %d GPUs (it asked for %d)", gpus, j.gpus)
	}
}

// hasParts reports whether the parts that an event tells of are there.
func (c *Checker) hasParts(ev *state.Event, b *state.Batch) bool {
	if ev.B >= 0 && ev.Node >= 0 && int(ev.Node)+int(ev.B) <= len(b.Parts) {
		return true
	}
	c.violate("gang", ev.Job, "an event of kind %d tells of parts %d to %d (there are %d)", ev.Kind, ev.Node, ev.Node+ev.B, len(b.Parts))
	return false
}

// give books the parts that an end or an eviction gives back.
func (c *Checker) give(ev *state.Event, b *state.Batch) {
	if !c.hasParts(ev, b) {
		return
	}
	for p := range b.EachPartOf(ev) {
		c.giveOne(ev.Job, &p)
	}
}

func (c *Checker) giveOne(slot int32, p *state.Part) {
	j := &c.jobs[slot]
	for i := range j.parts {
		if j.parts[i] == *p {
			c.nodes.give(p)
			j.parts = append(j.parts[:i], j.parts[i+1:]...)
			return
		}
	}
	c.violate("device", slot, "it gives back devices %#x of node %d, which it does not hold", p.Mask, p.Node)
}

// account books an attempt that ends now.
func (c *Checker) account(slot int32, now state.Time, run int64) {
	j := &c.jobs[slot]
	if run != int64(now-j.start) {
		c.violate("run", slot, "its attempt is told to have run %d ns (it started at %d ns)", run, j.start)
	}
	if j.costAt != state.Unset && (j.costAt != now || j.cost > run) {
		c.violate("run", slot, "its attempt is told at %d ns to have %d ns that were no work (it ran %d, until %d)", j.costAt, j.cost, run, now)
	}
	j.cost, j.costAt = 0, state.Unset
	var milli int64
	for i := range j.parts {
		milli += int64(bits.OnesCount64(j.parts[i].Mask)) * int64(j.parts[i].Milli)
	}
	c.attempts.AddMul(milli, int64(now-j.from))
	c.owing = append(c.owing, slot)
}

func (c *Checker) end(ev *state.Event) {
	j := &c.jobs[ev.Job]
	if !c.from(ev.Job, "ends", arrived, held, aside, queued, running, stopping) {
		return
	}
	if j.is == stopping && !j.preempted && ev.Outcome != state.Cancelled && ev.Outcome != state.Unfinished {
		c.violate("life", ev.Job, "it ends as %d while it is being stopped", ev.Outcome)
	}
	if j.lost > 0 {
		c.violate("run", ev.Job, "it ends and is told to lose work")
	}
	if j.is == running || j.is == stopping {
		c.account(ev.Job, ev.Time, int64(ev.Z))
	} else {
		c.closeWait(ev.Job, ev.Time)
	}
	if ev.Y != j.waited {
		c.violate("wait", ev.Job, "its end tells %d ns of queued time, its causes sum to %d", ev.Y, j.waited)
	}
	if state.Time(ev.X) != j.first {
		c.violate("run", ev.Job, "its end tells a first start at %d ns (it was %d)", ev.X, j.first)
	}
	if ev.Outcome > state.Unfinished || j.first == state.Unset && ev.Outcome <= state.Failed {
		c.violate("life", ev.Job, "it ends as %d while it is %s, first start %d", ev.Outcome, j.is, j.first)
	}
	c.become(ev.Job, ended)
}

// cost notes what of an attempt was no work; its end follows.
func (c *Checker) cost(ev *state.Event) {
	j := &c.jobs[ev.Job]
	if !c.from(ev.Job, "is told what an attempt cost", running, stopping) {
		return
	}
	if ev.X < 0 || ev.Y < 0 || int64(ev.Z) < 0 {
		c.violate("run", ev.Job, "an attempt has %d ns of overhead, %d of lost work, %d of standing still", ev.X, ev.Y, int64(ev.Z))
	}
	j.cost, j.lost, j.costAt = ev.X+ev.Y+int64(ev.Z), ev.Y, ev.Time
}

func (c *Checker) evict(ev *state.Event) {
	j := &c.jobs[ev.Job]
	if !c.from(ev.Job, "is evicted", running, stopping) {
		return
	}
	if j.is == stopping && !j.preempted {
		c.violate("life", ev.Job, "it is evicted while it is being cancelled")
	}
	preempted := state.EndReason(ev.Cause) == state.ReasonPreempted // else the outcome is the cause of a failure
	if kind := state.PreemptKind(ev.Outcome); preempted && int(kind) >= state.NumPreemptKinds || !preempted && ev.Z != 0 {
		c.violate("life", ev.Job, "an eviction with reason %d is told as a preemption of kind %d for job %d", ev.Cause, kind, int64(ev.Z)-1)
	}
	if ev.Z > c.nextNumber {
		c.violate("number", ev.Job, "it is preempted for job %d, which has not arrived", ev.Z-1)
	}
	j.lost = 0
	c.account(ev.Job, ev.Time, ev.X)
	if ev.Y < 0 {
		c.violate("run", ev.Job, "an eviction loses %d ns of work", ev.Y)
	}
	j.since, j.open = ev.Time, 0
	c.become(ev.Job, arrived)
}
