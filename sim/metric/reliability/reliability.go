// Package reliability says what failures did: a listener that counts nodes lost and jobs interrupted by cause, what that cost, and
// how long jobs of a size ran between two interruptions. It hears events only and rounds nothing before the end.
//
//   - failure of a node: EvNodeDown with a cause. Its repair lasts until the node is up again, or the run stops.
//   - interruption: an attempt that ended because a node was lost or the job crashed, whatever became of the job. Preemptions
//     are none.
//   - MTTF of a size class: running time of all attempts of its jobs / interruptions. MTTR: from an interruption to the job's next
//     start, over those that started again.
//   - ETTR, effective training time ratio: time in which the job made progress that was not lost / time from its first start to
//     its end, both weighted by GPUs, over jobs that ended (Meta RSC's definition: the initial wait does not count, waits after
//     interruptions do).
//   - lost GPU time of a cause: running since the last checkpoint, times GPUs, of the attempts that it ended; and standing still
//     before it was found.
package reliability

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Classes is the number of size classes: no GPU, then 1, 2 to 3, 4 to 7, 8 to 15 and so on.
const Classes = 20

// ClassOf is the size class of a number of GPUs: its bits.
func ClassOf(gpus int32) int { return min(bits.Len32(uint32(max(gpus, 0))), Classes-1) }

// Least is the smallest number of GPUs of a class.
func Least(class int) int {
	if class == 0 {
		return 0
	}
	return 1 << (class - 1)
}

// Cause is what one cause did. Index 0 of Result.Causes is of what nobody named: planned changes and commands.
type Cause struct {
	Nodes         int64 // failures of nodes
	Interruptions int64
	Repair        state.Wide // ns of nodes
	Lost, Idle    state.Wide // ns x GPUs
}

// Size is the jobs of one size class.
type Size struct {
	Run           state.Wide // ns of all attempts
	Interruptions int64
	Useful, Span  state.Wide // of ended jobs, ns x GPUs: progress, and first start to end
}

// Result is everything.
type Result struct {
	NodeTime state.Wide // ns of all nodes that were there
	Causes   []Cause    // 0: unnamed; else 1 + the cause of the failure model
	Sizes    [Classes]Size
	Restarts int64      // starts after an interruption
	Away     state.Wide // ns from interruptions to the starts that followed
}

// Ledger is the listener.
type Ledger struct {
	r     Result
	now   state.Time
	nodes []node
	live  []job
}

type node struct {
	there    bool
	since    state.Time // it is there
	downAt   state.Time // Unset while it works
	downFrom uint8
}

type job struct {
	first       state.Time // first start, Unset before
	interrupted state.Time // Unset while it runs
	useful      int64      // ns
	lost, idle  int64      // of the attempt that ends next
	overhead    int64
	told        bool
	start       state.Time
}

var (
	_ state.Listener = (*Ledger)(nil)
	_ state.Cloner   = (*Ledger)(nil)
)

// New returns a ledger that has heard nothing.
func New() *Ledger { return &Ledger{} }

// Kinds are the events of attempts and nodes.
func (l *Ledger) Kinds() state.KindSet {
	return state.Kinds(state.EvArrive, state.EvStart, state.EvCost, state.EvEvict, state.EvEnd, state.EvNodeUp, state.EvNodeDown, state.EvStop)
}

// Observe counts a batch.
func (l *Ledger) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		l.now = ev.Time
		switch ev.Kind {
		case state.EvArrive:
			for int(ev.Job) >= len(l.live) {
				l.live = append(l.live, job{})
			}
			l.live[ev.Job] = job{first: state.Unset, interrupted: state.Unset}
		case state.EvStart:
			l.start(ev)
		case state.EvCost:
			j := &l.live[ev.Job]
			j.overhead, j.lost, j.idle, j.told = ev.X, ev.Y, int64(ev.Z), true
		case state.EvEvict:
			l.evict(ev)
		case state.EvEnd:
			l.end(ev)
		case state.EvNodeUp, state.EvNodeDown:
			l.node(ev)
		}
	}
}

func (l *Ledger) start(ev *state.Event) {
	j := &l.live[ev.Job]
	j.start = ev.Time
	if j.first == state.Unset {
		j.first = ev.Time
	}
	if j.interrupted != state.Unset {
		l.r.Restarts++
		l.r.Away.Add(int64(ev.Time - j.interrupted))
		j.interrupted = state.Unset
	}
}

// cause is what a cause did.
func (l *Ledger) cause(id uint8) *Cause {
	for int(id) >= len(l.r.Causes) {
		l.r.Causes = append(l.r.Causes, Cause{})
	}
	return &l.r.Causes[id]
}

// interruption reports whether a reason is one.
func interruption(reason uint8) bool {
	r := state.EndReason(reason)
	return r == state.ReasonNodeLost || r == state.ReasonCrash || r == state.ReasonRestarts
}

func (l *Ledger) evict(ev *state.Event) {
	j, s := &l.live[ev.Job], &l.r.Sizes[ClassOf(ev.A)]
	if !j.told {
		j.lost = ev.Y
	}
	s.Run.Add(ev.X)
	j.useful += ev.X - j.lost - j.idle - j.overhead
	if interruption(ev.Cause) {
		s.Interruptions++
		c := l.cause(uint8(ev.Outcome))
		c.Interruptions++
		c.Lost.AddMul(j.lost, int64(ev.A))
		c.Idle.AddMul(j.idle, int64(ev.A))
		j.interrupted = ev.Time
	}
	j.told, j.lost, j.idle, j.overhead = false, 0, 0, 0
}

func (l *Ledger) end(ev *state.Event) {
	j, s := &l.live[ev.Job], &l.r.Sizes[ClassOf(ev.A)]
	if j.first == state.Unset || j.interrupted != state.Unset {
		return
	}
	s.Run.Add(int64(ev.Z))
	if interruption(ev.Cause) {
		s.Interruptions++
		l.cause(0).Interruptions++
	}
	j.useful += int64(ev.Z) - j.lost - j.idle - j.overhead
	if ev.Outcome <= state.Cancelled {
		s.Useful.AddMul(max(j.useful, 0), int64(ev.A))
		s.Span.AddMul(int64(ev.Time-j.first), int64(ev.A))
	}
}

func (l *Ledger) node(ev *state.Event) {
	for int(ev.Node) >= len(l.nodes) {
		l.nodes = append(l.nodes, node{downAt: state.Unset})
	}
	n := &l.nodes[ev.Node]
	if !n.there {
		n.there, n.since = true, ev.Time
	}
	switch {
	case ev.Kind == state.EvNodeDown && n.downAt == state.Unset:
		n.downAt, n.downFrom = ev.Time, ev.Cause
		if ev.Cause > 0 {
			l.cause(ev.Cause).Nodes++
		}
	case ev.Kind == state.EvNodeUp && n.downAt != state.Unset:
		l.cause(n.downFrom).Repair.Add(int64(ev.Time - n.downAt))
		n.downAt = state.Unset
	}
}

// Result sums up what was heard so far.
func (l *Ledger) Result() *Result {
	r := l.r
	r.Causes = slices.Clone(l.r.Causes)
	for i := range l.nodes {
		if n := &l.nodes[i]; n.there {
			r.NodeTime.Add(int64(l.now - n.since))
			if n.downAt != state.Unset {
				for int(n.downFrom) >= len(r.Causes) {
					r.Causes = append(r.Causes, Cause{})
				}
				r.Causes[n.downFrom].Repair.Add(int64(l.now - n.downAt))
			}
		}
	}
	return &r
}

// CloneListener returns a ledger that continues from the same counts in a fork.
func (l *Ledger) CloneListener() state.Listener {
	c := *l
	c.r.Causes = slices.Clone(l.r.Causes)
	c.nodes, c.live = slices.Clone(l.nodes), slices.Clone(l.live)
	return &c
}
