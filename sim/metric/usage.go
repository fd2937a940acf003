package metric

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// whole is a GPU in thousandths.
const whole = 1000

// usage integrates allocated, healthy and existing GPU time, in thousandths of a GPU x ns.
type usage struct {
	warmup  int64
	all     capacity
	types   []capacity // by GPU type
	pools   []capacity
	byQueue []level // allocated, by id + 1: 0 has no queue
	byUser  []level

	nodes []usedNode
}

// capacity is one group of GPUs: what there is, what works, what is held.
type capacity struct {
	total, healthy, allocated level
}

type usedNode struct {
	gpus  int64 // thousandths
	typ   int32
	pool  int32
	known bool
	up    bool
	block int32 // nodes in a row of one type and pool have the same
}

func (u *usage) clip(t state.Time) int64 { return max(int64(t), u.warmup, 0) }

func (u *usage) node(i int32) *usedNode {
	u.nodes = grown(u.nodes, int(i))
	return &u.nodes[i]
}

// nodeUp notes that a node works, and at the first time that it exists.
func (u *usage) nodeUp(ev *state.Event, nodes *state.Nodes) {
	n := u.node(ev.Node)
	t := u.clip(ev.Time)
	if !n.known {
		*n = usedNode{gpus: int64(ev.A) * whole, typ: int32(nodes.Type[ev.Node]), pool: ev.B, known: true}
		if n.typ < 0 {
			n.typ = 0 // no GPUs: nothing is counted, but the index must be valid
		}
		n.block = ev.Node
		if before := ev.Node - 1; before >= 0 && u.nodes[before].known && u.nodes[before].typ == n.typ && u.nodes[before].pool == n.pool {
			n.block = u.nodes[before].block
		}
		u.types = grown(u.types, int(n.typ))
		u.pools = grown(u.pools, int(n.pool))
		u.each(n, func(c *capacity) { c.total.add(n.gpus, t) })
	}
	if !n.up {
		n.up = true
		u.each(n, func(c *capacity) { c.healthy.add(n.gpus, t) })
	}
}

func (u *usage) nodeDown(ev *state.Event) {
	n := u.node(ev.Node)
	if n.up {
		n.up = false
		t := u.clip(ev.Time)
		u.each(n, func(c *capacity) { c.healthy.add(-n.gpus, t) })
	}
}

func (u *usage) each(n *usedNode, f func(*capacity)) {
	f(&u.all)
	f(&u.types[n.typ])
	f(&u.pools[n.pool])
}

// parts counts the parts that a job takes (sign 1) or gives back (-1): parts of one type and pool that follow each other
// touch the sums once. It returns their thousandths.
func (u *usage) parts(ev *state.Event, parts []state.Part, sign int64, jobs *state.Jobs) int64 {
	t := u.clip(ev.Time)
	run := &u.nodes[parts[0].Node]
	var all, milli int64
	for i := range parts {
		p := &parts[i]
		m := int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
		all += m * int64(p.More+1)
		for node, last := p.Node, p.Node+p.More; node <= last; {
			n, nodes := &u.nodes[node], int32(1)
			if n.block == u.nodes[last].block {
				nodes = last - node + 1
			}
			if n.typ != run.typ || n.pool != run.pool {
				u.group(run, sign*milli, t)
				run, milli = n, 0
			}
			milli += m * int64(nodes)
			node += nodes
		}
	}
	if all == 0 {
		return 0
	}
	u.group(run, sign*milli, t)
	u.all.allocated.add(sign*all, t)
	q, w := int(jobs.Row[ev.Job].Queue+1), int(jobs.Row[ev.Job].User+1)
	if q >= len(u.byQueue) {
		u.byQueue = grown(u.byQueue, q)
	}
	if w >= len(u.byUser) {
		u.byUser = grown(u.byUser, w)
	}
	u.byQueue[q].add(sign*all, t)
	u.byUser[w].add(sign*all, t)
	return all
}

// group counts thousandths of GPUs by the type and pool of a node.
func (u *usage) group(n *usedNode, milli, t int64) {
	u.types[n.typ].allocated.add(milli, t)
	u.pools[n.pool].allocated.add(milli, t)
}

func (u *usage) clone() usage {
	c := *u
	c.types = append([]capacity(nil), u.types...)
	c.pools = append([]capacity(nil), u.pools...)
	c.byQueue = append([]level(nil), u.byQueue...)
	c.byUser = append([]level(nil), u.byUser...)
	c.nodes = append([]usedNode(nil), u.nodes...)
	return c
}
