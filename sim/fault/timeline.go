package fault

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/internal/eventq"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Kind is what happens to a node.
type Kind uint8

// The kinds.
const (
	Stall Kind = iota // it has failed, and nobody knows yet: what runs there stands still
	Down              // the failure is found: the node is lost
	Up                // it works again
	Slow              // it works at a share of its speed
	Fast              // at its own again
)

// Event happens to one node.
type Event struct {
	At    state.Time
	Node  int32
	Kind  Kind
	Cause uint8   // index in Model.Names
	Speed float64 // Slow: share of its speed
}

// Node is a node as failures know it.
type Node struct {
	GPUs int32
	Pool uint32
}

// Timeline is what happens to the nodes of a cluster, in order of time. It is drawn as it is read and runs for ever.
type Timeline struct {
	model    *Model    `snapshot:"keep"`
	keys     []rng.Key `snapshot:"keep"` // by process
	entities []entity
	queue    eventq.Queue
	seq      uint64
	recorded int // next of Model.Recorded

	nodes  []Node
	out    []int32 // by node: failures that keep it out
	slow   []slowness
	spares []int32        // standing by, by index of Model.Spares
	past   [][]state.Time // by node: its last failures, where Isolation asks

	ready []Event // at the next instant, in order
	at    int     // of ready
}

// entity is one thing that a process runs for.
type entity struct {
	process  int32
	first, n int32  // nodes
	index    uint64 // of its streams
	times    uint64 // failures so far
	cause    int32  // of the failure that is being repaired
}

// slowness is why a node is slow.
type slowness struct {
	n     int32   // reasons
	speed float64 // the lowest of them while there is any
}

// What the queue holds: the entity, or for a spare the index of its pool, and what happens to it.
const (
	fails     = iota // an entity
	found            // its failure
	repaired         // and over
	struck           // a node, as a record says; found
	recovered        // and works again
	returned         // a spare
)

// NewTimeline starts the processes of all nodes at instant 0. The model must be valid and is not copied.
func NewTimeline(m *Model, nodes []Node) *Timeline {
	t := &Timeline{model: m}
	for i := range m.Processes {
		t.keys = append(t.keys, rng.NewKey(m.Seed, "failure/"+m.Processes[i].Name))
	}
	for _, s := range m.Spares {
		t.spares = append(t.spares, s.N)
	}
	for _, n := range nodes {
		t.nodes = append(t.nodes, n)
		t.begin(int32(len(t.nodes)-1), 0)
	}
	for i := range m.Processes {
		if m.Processes[i].Each == EachGroup {
			t.groups(int32(i))
		}
	}
	t.fill()
	return t
}

// AddNode starts the processes of a node that comes later. It belongs to no group.
func (t *Timeline) AddNode(n Node, now state.Time) {
	t.nodes = append(t.nodes, n)
	t.begin(int32(len(t.nodes)-1), now)
	t.fill()
}

// begin starts the processes that run for a node and for its GPUs.
func (t *Timeline) begin(node int32, now state.Time) {
	t.out, t.slow = append(t.out, 0), append(t.slow, slowness{})
	if t.model.Isolation.After > 0 {
		t.past = append(t.past, nil)
	}
	n := t.nodes[node]
	for i := range t.model.Processes {
		p := &t.model.Processes[i]
		if len(p.Pools) > 0 && !slices.Contains(p.Pools, n.Pool) {
			continue
		}
		switch p.Each {
		case EachNode:
			t.live(entity{process: int32(i), first: node, n: 1, index: uint64(node)}, now)
		case EachGPU:
			for g := range n.GPUs {
				t.live(entity{process: int32(i), first: node, n: 1, index: uint64(node)<<8 | uint64(g)}, now)
			}
		}
	}
}

// groups starts a process for every group of nodes in a row of one pool.
func (t *Timeline) groups(process int32) {
	p := &t.model.Processes[process]
	for first := 0; first < len(t.nodes); {
		last := first + 1
		for last < len(t.nodes) && t.nodes[last].Pool == t.nodes[first].Pool && last-first < int(p.Group) {
			last++
		}
		if len(p.Pools) == 0 || slices.Contains(p.Pools, t.nodes[first].Pool) {
			t.live(entity{process: process, first: int32(first), n: int32(last - first), index: uint64(first)}, 0)
		}
		first = last
	}
}

// live adds an entity and draws when it first fails.
func (t *Timeline) live(e entity, now state.Time) {
	t.entities = append(t.entities, e)
	t.next(int32(len(t.entities)-1), now)
}

// next draws when an entity fails again that lives from now on.
func (t *Timeline) next(i int32, now state.Time) {
	e := &t.entities[i]
	s := t.keys[e.process].Stream(e.index, e.times)
	life := state.Time(rng.Nanoseconds(t.model.Processes[e.process].Life.Quantile(s.Float64())))
	t.push(now.Add(max(life, 1)), fails, i)
}

func (t *Timeline) push(at state.Time, what uint64, i int32) {
	if at >= state.End {
		return // it does not happen
	}
	t.seq++
	t.queue.Push(eventq.Entry{Time: int64(at), Key: t.seq, Ref: what<<32 | uint64(uint32(i))})
}

// Peek is the instant of the next event, or Never.
func (t *Timeline) Peek() state.Time {
	if t.at < len(t.ready) {
		return t.ready[t.at].At
	}
	return state.Never
}

// Next is the next event; there must be one.
func (t *Timeline) Next() Event {
	e := t.ready[t.at]
	if t.at++; t.at == len(t.ready) {
		t.fill()
	}
	return e
}

// fill draws on until it is known what happens next to a node.
func (t *Timeline) fill() {
	if t.at == len(t.ready) {
		t.ready, t.at = t.ready[:0], 0
	}
	for {
		soonest, record := state.Never, state.Never
		if t.queue.Len() > 0 {
			soonest = state.Time(t.queue.Top().Time)
		}
		if t.recorded < len(t.model.Recorded) {
			record = t.model.Recorded[t.recorded].At
		}
		if first := min(soonest, record); first == state.Never || t.at < len(t.ready) && t.ready[t.at].At <= first {
			return
		}
		if record < soonest {
			t.recorded++
			t.record(int32(t.recorded - 1))
			continue
		}
		e := t.queue.Pop()
		t.fire(state.Time(e.Time), e.Ref>>32, int32(uint32(e.Ref)))
	}
}

// tell puts an event where its instant belongs: mostly last.
func (t *Timeline) tell(e Event) {
	i := len(t.ready)
	for i > t.at && t.ready[i-1].At > e.At {
		i--
	}
	t.ready = slices.Insert(t.ready, i, e)
}

// Clone is an independent timeline that goes on the same.
func (t *Timeline) Clone() *Timeline {
	c := *t
	c.entities, c.nodes, c.out, c.slow = slices.Clone(t.entities), slices.Clone(t.nodes), slices.Clone(t.out), slices.Clone(t.slow)
	c.spares, c.ready, c.queue = slices.Clone(t.spares), slices.Clone(t.ready), t.queue.Clone()
	c.past = slices.Clone(t.past)
	for i := range c.past {
		c.past[i] = slices.Clone(t.past[i])
	}
	return &c
}

// Model is what the timeline is drawn from.
func (t *Timeline) Model() *Model { return t.model }
