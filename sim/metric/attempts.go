package metric

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// AttemptTime is the GPU time of the attempts of all counted jobs, in thousandths of a GPU x ns: every ns is in one class.
type AttemptTime struct {
	Work     state.Wide // what is left: it came to something, or the job still runs
	Lost     state.Wide // running since the last checkpoint before an eviction
	Overhead state.Wide // restoring, and writing checkpoints
	Idle     state.Wide // standing still: grace periods, jobs that hang

	// Of Work, what it took more than at the recorded speed (less, where it is negative): for the placement, that is GPU type and
	// distance, and for others on the same links or slow nodes.
	Placement, Contention state.Wide
}

// pace is how fast a running job goes, as 32.32 fixed point, since an instant. The zero value: as recorded, from the start on.
type pace struct {
	since              state.Time
	alone, now         uint64
	stands             bool  // it does no work at all: that is idle, not slow
	placed, contention int64 // ns so far
}

// onePace is the recorded speed.
const onePace = uint64(1) << 32

// settle books the time until an instant.
func (p *pace) settle(at state.Time) {
	if !p.stands {
		span := int64(at - p.since)
		p.placed += span - part(span, p.alone)
		p.contention += part(span, p.alone) - part(span, p.now)
	}
	p.since = at
}

// part is a span times a rate.
func part(span int64, rate uint64) int64 {
	hi, lo := bits.Mul64(uint64(span), rate)
	return int64(hi<<32 | lo>>32)
}

// rate follows a change of speed. Only jobs that ever change theirs have a pace.
func (c *Collector) rate(ev *state.Event) {
	for int(ev.Job) >= len(c.paces) {
		c.paces = append(c.paces, pace{})
	}
	p := &c.paces[ev.Job]
	if p.now == 0 {
		*p = pace{since: ev.Time, alone: onePace, now: onePace}
	}
	p.settle(ev.Time)
	if p.stands = ev.Z == 0; p.stands {
		return
	}
	if p.now = ev.Z; ev.Flags&state.FlagFirst != 0 {
		p.alone = ev.Z
	}
}

// paced books the pace of an attempt that ends, of milli thousandths of GPUs.
func (c *Collector) paced(ev *state.Event, milli int64) {
	if int(ev.Job) >= len(c.paces) || c.paces[ev.Job].now == 0 {
		return
	}
	p := &c.paces[ev.Job]
	if milli != 0 {
		p.settle(ev.Time)
		c.attempts.Placement.AddWide(product(milli, p.placed))
		c.attempts.Contention.AddWide(product(milli, p.contention))
	}
	*p = pace{}
}

// product is milli * ns; ns may be negative.
func product(milli, ns int64) (w state.Wide) {
	var abs state.Wide
	if abs.AddMul(milli, max(ns, -ns)); ns >= 0 {
		return abs
	}
	w.Sub(abs)
	return w
}

// cost is what of an attempt that ends with a job's next event was no work, in ns.
type cost struct {
	told                 bool
	overhead, lost, idle int64
}

// attempt books an attempt that ends, of run ns on milli thousandths of GPUs.
func (c *Collector) attempt(ev *state.Event, run, milli int64, jobs *state.Jobs) {
	if milli == 0 || !c.counted(ev.Job, jobs) {
		c.paced(ev, 0)
		return
	}
	c.paced(ev, milli)
	j := &c.live[ev.Job]
	if k := &j.cost; k.told {
		c.attempts.Lost.AddMul(milli, k.lost)
		c.attempts.Overhead.AddMul(milli, k.overhead)
		c.attempts.Idle.AddMul(milli, k.idle)
		run -= k.lost + k.overhead + k.idle
		*k = cost{}
	} else if ev.Kind == state.EvEvict { // it ran at full speed: lost work is lost time
		c.attempts.Lost.AddMul(milli, ev.Y)
		run -= ev.Y
	}
	c.attempts.Work.AddMul(milli, run)
}

// preemptions are the evictions that a policy decided.
type preemptions struct {
	kinds    [state.NumPreemptKinds]int64
	pingPong int64
	by       map[uint64]uint64 // whom the last preemption of a live job was for, by number
}

func (p *preemptions) add(ev *state.Event) {
	p.kinds[ev.Outcome]++
	if ev.Z == 0 {
		return
	}
	by := ev.Z - 1
	if other, ok := p.by[by]; ok && other == ev.Number {
		p.pingPong++
	}
	if p.by == nil {
		p.by = map[uint64]uint64{}
	}
	p.by[ev.Number] = by
}

func (p *preemptions) forget(ev *state.Event) {
	if p.by != nil {
		delete(p.by, ev.Number)
	}
}
