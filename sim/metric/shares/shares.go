// Package shares says who got what of a quota tree: a listener that integrates what queues use, are due and ask for. It hears
// events only and rounds nothing before the end.
//
// Amounts are GPUs, over all GPU types that the tree counts (or its "gpu", where it counts no types); a queue's are those of it
// and the queues below. From the warm-up on:
//
//   - due: deserved (volcano), nominal with what comes from below (kueue), guarantee (pai), as it was at each instant.
//   - own: used up to the due. borrowed: used beyond it.
//   - lent: idle due that others borrow. What a queue's siblings and itself borrow comes first from what nobody of them is due;
//     the rest is lent by those with idle due, in proportion to it. What their parent has is not told, so the first part is what
//     the sum of their dues leaves of the parent's limit, or nothing where it has none.
//   - demand: used, and asked for by waiting jobs of the queue and those below.
//   - satisfaction: the integral of min(used, demand, due) over that of min(demand, due) (FACTS.md 7): 1 where nobody ever wanted
//     more of the queue's due than it had.
//   - Jain's index over queues without others below them that are due something: (sum x)^2 / (n x sum x^2), x = used / due.
package shares

import (
	"math"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// Queue is one queue's integrals, in ns x thousandths of a GPU.
type Queue struct {
	Name                           string
	Parent                         int32 // in Result.Queues, or -1
	Used, Due, Own, Borrowed, Lent state.Wide
	Wanted, Met                    state.Wide // of satisfaction: what was wanted of the due, and had
	leaf                           bool
}

// Satisfaction is the part of what a queue wanted of its due that it had; NaN where it wanted nothing.
func (q *Queue) Satisfaction() float64 {
	if q.Wanted.IsZero() {
		return math.NaN()
	}
	return q.Met.Float(1) / q.Wanted.Float(1)
}

// Result is everything.
type Result struct {
	Queues []Queue
	Jain   float64 // NaN where no queue is due anything
}

// level is where a queue stands now, in thousandths of a GPU.
type level struct {
	used, due, limit, asked, lent int64
	byResource                    []struct{ used, due, limit int64 }
}

// Ledger is the listener.
type Ledger struct {
	gpus   []bool // by resource: it counts
	warmup state.Time
	now    state.Time
	queues []Queue
	levels []level
	byName []int32 // queue by id of its name, or -1
	waits  []bool  // by job slot
	dirty  bool
}

// New listens to a run with a tree of these resources. Nothing before warmup counts.
func New(resources []quota.Resource, warmup state.Time) *Ledger {
	l := &Ledger{gpus: make([]bool, len(resources)), warmup: warmup}
	types := false
	for i := range resources {
		l.gpus[i] = resources[i].Kind == quota.GPU
		types = types || l.gpus[i]
	}
	for i := range resources {
		l.gpus[i] = l.gpus[i] || !types && resources[i].Kind == quota.AnyGPU
	}
	return l
}

var (
	_ state.Listener = (*Ledger)(nil)
	_ state.Cloner   = (*Ledger)(nil)
)

// Kinds are what queues and waiting jobs do.
func (l *Ledger) Kinds() state.KindSet {
	return state.Kinds(state.EvQueueLimit, state.EvQueueUse, state.EvQueue, state.EvStart, state.EvEnd, state.EvStop)
}

// Observe follows a batch.
func (l *Ledger) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		if ev.Time > l.now {
			l.advance(ev.Time)
		}
		switch ev.Kind {
		case state.EvQueueLimit:
			l.limits(ev, b.Names)
		case state.EvQueueUse:
			l.use(ev)
		case state.EvQueue:
			l.ask(b, ev.Job, 1)
		case state.EvStart, state.EvEnd:
			l.ask(b, ev.Job, -1)
		}
	}
}

// limits takes what a queue may have and is due.
func (l *Ledger) limits(ev *state.Event, names *state.Names) {
	for int32(len(l.queues)) <= ev.A {
		l.queues = append(l.queues, Queue{Parent: -1, leaf: true})
		l.levels = append(l.levels, level{byResource: make([]struct{ used, due, limit int64 }, len(l.gpus))})
	}
	q, name := &l.queues[ev.A], int32(ev.Z)
	q.Name, q.Parent = names.Queues.Name(name), ev.Node
	for int32(len(l.byName)) <= name {
		l.byName = append(l.byName, -1)
	}
	l.byName[name] = ev.A
	r := &l.levels[ev.A].byResource[ev.B]
	r.limit, r.due = ev.X, ev.Y
	l.sum(ev.A)
	for i := range l.queues {
		if p := l.queues[i].Parent; p >= 0 && int(p) < len(l.queues) {
			l.queues[p].leaf = false
		}
	}
}

func (l *Ledger) use(ev *state.Event) {
	l.levels[ev.A].byResource[ev.B].used = ev.X
	l.sum(ev.A)
}

// sum adds a queue's GPUs up.
func (l *Ledger) sum(q int32) {
	v := &l.levels[q]
	v.used, v.due, v.limit = 0, 0, 0
	for r := range v.byResource {
		if l.gpus[r] {
			v.used += v.byResource[r].used
			v.due += v.byResource[r].due
			v.limit = min(v.limit+v.byResource[r].limit, quota.Unlimited)
		}
	}
	l.dirty = true
}

// ask notes that a job waits, or does so no more, in its queue and those above.
func (l *Ledger) ask(b *state.Batch, job int32, sign int64) {
	for int32(len(l.waits)) <= job {
		l.waits = append(l.waits, false)
	}
	name := b.Jobs.Row[job].Queue
	if l.waits[job] == (sign > 0) || name < 0 || int(name) >= len(l.byName) {
		return
	}
	l.waits[job] = sign > 0
	for q := l.byName[name]; q >= 0; q = l.queues[q].Parent {
		l.levels[q].asked += sign * int64(b.Jobs.Row[job].GPUs) * 1000
	}
}

// advance integrates up to an instant.
func (l *Ledger) advance(to state.Time) {
	from := max(l.now, l.warmup)
	l.now = to
	if l.dirty {
		l.lend()
		l.dirty = false
	}
	d := int64(to - from)
	if d <= 0 {
		return
	}
	for i := range l.queues {
		q, v := &l.queues[i], &l.levels[i]
		q.Used.AddMul(d, v.used)
		q.Due.AddMul(d, v.due)
		q.Own.AddMul(d, min(v.used, v.due))
		q.Borrowed.AddMul(d, max(0, v.used-v.due))
		q.Lent.AddMul(d, v.lent)
		wanted := min(v.used+v.asked, v.due)
		q.Wanted.AddMul(d, wanted)
		q.Met.AddMul(d, min(v.used, wanted))
	}
}

// lend works out who lends what.
func (l *Ledger) lend() {
	type family struct{ due, borrowed, idle int64 }
	of := make([]family, len(l.queues)+1) // children of queue i at i + 1, roots at 0
	for i := range l.queues {
		f, v := &of[l.queues[i].Parent+1], &l.levels[i]
		f.due += v.due
		f.borrowed += max(0, v.used-v.due)
		f.idle += max(0, v.due-v.used)
	}
	for i := range l.queues {
		f, v := &of[l.queues[i].Parent+1], &l.levels[i]
		lent := f.borrowed
		if p := l.queues[i].Parent; p >= 0 && l.levels[p].limit < quota.Unlimited {
			lent -= max(0, l.levels[p].limit-f.due)
		}
		idle := max(0, v.due-v.used)
		if v.lent = 0; lent > 0 && idle > 0 {
			v.lent = int64(state.MulDiv(state.Time(idle), min(lent, f.idle), f.idle))
		}
	}
}

// Result is everything so far; call it once the run has stopped.
func (l *Ledger) Result() *Result {
	r := &Result{Queues: append([]Queue(nil), l.queues...)}
	var sum, squares float64
	n := 0
	for i := range r.Queues {
		if q := &r.Queues[i]; q.leaf && !q.Due.IsZero() {
			x := q.Used.Float(1) / q.Due.Float(1)
			sum += x
			squares += float64(x * x)
			n++
		}
	}
	if r.Jain = math.NaN(); n > 0 && squares > 0 {
		r.Jain = sum * sum / (float64(n) * squares)
	}
	return r
}

// CloneListener returns a Ledger that goes on with a fork.
func (l *Ledger) CloneListener() state.Listener {
	c := *l
	c.queues, c.byName, c.waits = append([]Queue(nil), l.queues...), append([]int32(nil), l.byName...), append([]bool(nil), l.waits...)
	c.levels = append([]level(nil), l.levels...)
	for i := range c.levels {
		c.levels[i].byResource = append(l.levels[i].byResource[:0:0], l.levels[i].byResource...)
	}
	return &c
}
