package metric

import "github.com/orrery-sim/orrery/sim/state"

// AttemptTime is the GPU time of the attempts of all counted jobs, in thousandths of a GPU x ns: every ns is in one class.
type AttemptTime struct {
	Work     state.Wide // what is left: it came to something, or the job still runs
	Lost     state.Wide // running since the last checkpoint before an eviction
	Overhead state.Wide // restoring, and writing checkpoints
	Idle     state.Wide // standing still: grace periods, jobs that hang
}

// cost is what of an attempt that ends with a job's next event was no work, in ns.
type cost struct {
	told                 bool
	overhead, lost, idle int64
}

// attempt books an attempt that ends, of run ns on milli thousandths of GPUs.
func (c *Collector) attempt(ev *state.Event, run, milli int64, jobs *state.Jobs) {
	if milli == 0 || !c.counted(ev.Job, jobs) {
		return
	}
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
