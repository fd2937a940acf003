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
	run   partRun
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
}

// partRun gathers the parts that one job takes or gives back at one instant in one pool and type: most attempts touch
// their accumulators once, whatever the number of nodes.
type partRun struct {
	milli     int64
	t         int64
	slot      int32
	typ, pool int32
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

// part counts a part that is taken (sign 1) or given back (-1).
func (u *usage) part(ev *state.Event, sign int64, jobs *state.Jobs) {
	n := &u.nodes[ev.Node]
	t := u.clip(ev.Time)
	r := &u.run
	if r.slot != ev.Job || r.typ != n.typ || r.pool != n.pool || r.t != t {
		u.settle(jobs)
		r.slot, r.typ, r.pool, r.t = ev.Job, n.typ, n.pool, t
	}
	r.milli += sign * int64(bits.OnesCount64(ev.Z)) * int64(ev.A)
}

// settle books the gathered parts.
func (u *usage) settle(jobs *state.Jobs) {
	r := &u.run
	if r.milli == 0 {
		return
	}
	d := r.milli
	r.milli = 0
	u.all.allocated.add(d, r.t)
	u.types[r.typ].allocated.add(d, r.t)
	u.pools[r.pool].allocated.add(d, r.t)
	q, w := int(jobs.Queue[r.slot]+1), int(jobs.User[r.slot]+1)
	if q >= len(u.byQueue) {
		u.byQueue = grown(u.byQueue, q)
	}
	if w >= len(u.byUser) {
		u.byUser = grown(u.byUser, w)
	}
	u.byQueue[q].add(d, r.t)
	u.byUser[w].add(d, r.t)
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
