package place

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// domains places a gang that asks for a level of domains, or whose rule looks for the smallest domain that holds it. Levels are
// tried from the smallest that counts to the largest that will do; of one level's domains, under the rules that pack the one with the
// fewest free GPUs that can hold the gang first, under first-fit the lowest, under worst-fit, spread and anti-affinity the emptiest;
// ties: the lowest.
func (r Rule) domains(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	within, prefer := cluster.RequiredLevel(q.Roles), cluster.PreferredLevel(q.Roles)
	last := within
	if within == 0 {
		last = c.Levels() + 1
	}
	level := last
	switch {
	case r.tight() && len(q.Roles) == 1 && q.Roles[0].Flags&state.RoleSplit == 0 && q.Roles[0].Replicas == 1 && r != Buddy:
		return BestFit.domains(c, q, log) // one pod is on one node anyway
	case r.tight():
		level = cluster.NodeLevel
	case prefer > 0 && prefer < last:
		level = prefer
	}
	for ; level <= last; level++ {
		if r.level(c, q, log, level) {
			return true
		}
		if !r.tight() {
			level = max(level, last-1) // from the preferred level to the last one that will do
		}
	}
	return false
}

// tight reports whether a rule looks for the smallest domain by itself.
func (r Rule) tight() bool { return r == Topology || r == RailAligned || r == Buddy }

// level places a gang inside one domain of a level.
func (r Rule) level(c *cluster.Cluster, q *Request, log *[]state.Part, level int32) bool {
	if level > c.Levels() {
		return r.inside(c, q, log)
	}
	need := int32(0)
	for i := range q.Roles {
		if q.Roles[i].GPUMilli == cluster.Whole {
			need += q.Roles[i].Replicas * q.Roles[i].PodGPUs
		}
	}
	first, _ := c.DomainsOf(level)
	q.free = c.FreeByDomain(q.free, q.Partition, level)
	if within := cluster.RequiredLevel(q.Roles); level == cluster.NodeLevel && within > level {
		for node := range q.free {
			if c.Domain(int32(node), within) < 0 { // a node in no domain is within none
				q.free[node] = -1
			}
		}
	}
	defer func() { q.in = cluster.In{} }()
	for last := -1; ; {
		at := r.nextDomain(q.free, need, last)
		if at < 0 {
			return false
		}
		q.in = cluster.In{Level: level, Domain: first + int32(at)}
		if r.inside(c, q, log) {
			return true
		}
		last = at
	}
}

// nextDomain is the domain to try after last (-1: the first), or -1.
func (r Rule) nextDomain(free []int32, need int32, last int) int {
	best := -1
	before := func(a, b int) bool { // a is to be tried before b
		fa, fb := free[a], free[b]
		switch r {
		case FirstFit, Random:
			return a < b
		case WorstFit, Spread, AntiAffinity:
			fa, fb = -fa, -fb
		}
		return fa < fb || fa == fb && a < b
	}
	for d := range free {
		if free[d] >= need && (last < 0 || before(last, d)) && (best < 0 || before(d, best)) {
			best = d
		}
	}
	return best
}

// inside places a gang inside q.in.
func (r Rule) inside(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	switch r {
	case Topology:
		return fillGang(c, q, log) || Consolidate.place(c, q, log)
	case RailAligned:
		return rails(c, q, log) || fillGang(c, q, log) || Consolidate.place(c, q, log)
	case Buddy:
		return buddies(c, q, log) || fillGang(c, q, log) || Consolidate.place(c, q, log)
	}
	return r.place(c, q, log)
}

// fillGang places a gang's roles one after another so that they cross as few domains of each level as it can: inside a domain it
// takes the smallest child that holds all that is left of a role, else the roomiest child whole, and goes on.
func fillGang(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	mark := len(*log)
	for ri := range q.Roles {
		f := filling{c: c, q: q, log: log, role: &q.Roles[ri], ri: int32(ri), left: q.Roles[ri].Replicas}
		in := q.in
		if in.Level == 0 {
			in.Level = c.Levels() + 1
		}
		f.fill(in)
		if f.left > 0 {
			c.Undo(log, mark)
			return false
		}
	}
	return true
}

// filling is one role on its way.
type filling struct {
	c    *cluster.Cluster
	q    *Request
	log  *[]state.Part
	role *state.RoleSpec
	ri   int32
	pod  int32
	left int32
}

// room is how much of the role a node can hold: pods, or GPUs of a role that may be split.
func (f *filling) room(node int32) int32 {
	if f.c.Nodes().Partition[node] != f.q.Partition || !f.c.Accepts(node, f.role) {
		return 0
	}
	if f.role.Flags&state.RoleSplit != 0 {
		return f.c.SplitRoom(node, f.role, f.left)
	}
	return f.c.Room(node, f.role, f.left)
}

// fill takes as much as a domain has and the role needs.
func (f *filling) fill(in cluster.In) {
	if in.Level == cluster.NodeLevel {
		f.take(in.Domain)
		return
	}
	children := f.children(in)
	for f.left > 0 && len(children) > 0 {
		best := 0
		for k := range children {
			if f.better(&children[k], &children[best]) {
				best = k
			}
		}
		if children[best].room == 0 {
			return
		}
		before := f.left
		f.fill(cluster.In{Level: in.Level - 1, Domain: children[best].domain})
		if before == f.left {
			children[best].room = 0
			continue
		}
		children = append(children[:best], children[best+1:]...)
	}
}

// child is a domain inside another with what it can hold.
type child struct {
	domain int32
	room   int32
}

func (f *filling) better(a, b *child) bool {
	fa, fb := a.room >= f.left, b.room >= f.left
	switch {
	case fa != fb:
		return fa
	case a.room == b.room:
		return a.domain < b.domain
	case fa:
		return a.room < b.room
	}
	return a.room > b.room
}

// children are the domains of the next smaller level inside a domain, with their room.
func (f *filling) children(in cluster.In) []child {
	level := in.Level - 1
	first, count := f.c.DomainsOf(level)
	out := make([]child, 0, 16)
	if level == cluster.NodeLevel {
		f.c.EachNode(in, func(node int32) {
			if r := f.room(node); r > 0 {
				out = append(out, child{node, r})
			}
		})
		return out
	}
	at := make([]int32, count)
	f.c.EachNode(in, func(node int32) {
		d := f.c.Domain(node, level)
		r := f.room(node)
		if d < 0 || r == 0 {
			return
		}
		if at[d-first] == 0 {
			out = append(out, child{domain: d})
			at[d-first] = int32(len(out))
		}
		out[at[d-first]-1].room += r
	})
	return out
}

// take takes on one node.
func (f *filling) take(node int32) {
	if f.role.Flags&state.RoleSplit != 0 {
		if k := f.room(node); k > 0 && f.c.TakeSplit(f.log, node, f.ri, f.pod, f.role, k) {
			f.left -= k
			f.pod++
		}
		return
	}
	for f.left > 0 && f.room(node) > 0 && f.c.TakePod(f.log, node, f.ri, f.pod, f.role) {
		f.left--
		f.pod++
	}
}

// rails places pods of some whole GPUs of several nodes on the same devices of each, so that each rail carries one pod's traffic:
// of the sets of neighbouring devices that enough nodes have free the lowest, on the nodes with the fewest free GPUs.
func rails(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	if len(q.Roles) != 1 {
		return false
	}
	r := &q.Roles[0]
	if r.Flags&state.RoleSplit != 0 || r.GPUMilli != cluster.Whole || r.PodGPUs == 0 || r.Replicas < 2 {
		return false
	}
	f := filling{c: c, q: q, log: log, role: r, left: r.Replicas}
	var nodes []child
	c.EachNode(q.in, func(node int32) {
		if f.room(node) > 0 {
			nodes = append(nodes, child{node, int32(c.Nodes().GPUsFree[node])})
		}
	})
	for shift := int32(0); shift+r.PodGPUs <= state.MaxGPUsPerNode; shift++ {
		mask := (^uint64(0) >> (64 - uint(r.PodGPUs))) << uint(shift)
		mark := len(*log)
		for pod := int32(0); ; pod++ {
			if pod == r.Replicas {
				return true
			}
			best := -1
			for k, n := range nodes {
				if c.Nodes().FreeMask[n.domain]&mask == mask && f.room(n.domain) > 0 && (best < 0 || n.room < nodes[best].room) {
					best = k
				}
			}
			if best < 0 || !c.TakePodOn(log, nodes[best].domain, 0, pod, r, mask) {
				break
			}
		}
		c.Undo(log, mark)
	}
	return false
}

// buddies places a gang that fits one node on a buddy cell of it: 2^k neighbouring devices that begin at a multiple of 2^k, cut
// from the smallest free cell that there is.
func buddies(c *cluster.Cluster, q *Request, log *[]state.Part) bool {
	if len(q.Roles) != 1 {
		return false
	}
	r := &q.Roles[0]
	split := r.Flags&state.RoleSplit != 0
	gpus := r.PodGPUs
	if split {
		gpus = r.Replicas
	}
	if gpus == 0 || gpus > state.MaxGPUsPerNode || r.GPUMilli != cluster.Whole || !split && r.Replicas != 1 {
		return false
	}
	f := filling{c: c, q: q, log: log, role: r, left: r.Replicas}
	size := 1 << bits.Len32(uint32(gpus-1))
	node, mask, cell := int32(-1), uint64(0), 0
	c.EachNode(q.in, func(i int32) {
		if split && f.room(i) < gpus || !split && f.room(i) < 1 {
			return
		}
		if m, s := smallestCell(c.Nodes().FreeMask[i], size, int(c.Nodes().GPUsTotal[i])); s > 0 && (node < 0 || s < cell) {
			node, mask, cell = i, m, s
		}
	})
	if node < 0 {
		return false
	}
	if split {
		return c.TakeSplitOn(log, node, 0, 0, r, cluster.Lowest(mask, gpus))
	}
	return c.TakePodOn(log, node, 0, 0, r, cluster.Lowest(mask, gpus))
}

// smallestCell finds a free cell of size devices (a power of two) in the smallest free cell that holds one, and that one's size; 0
// if there is none.
func smallestCell(free uint64, size, gpus int) (mask uint64, cell int) {
	for cell = size; cell <= gpus; cell *= 2 {
		whole := ^uint64(0) >> (64 - uint(cell))
		for at := 0; at+cell <= gpus; at += cell {
			m := whole << uint(at)
			if free&m != m {
				continue
			}
			// In a larger free cell it is not the smallest.
			up := at / (2 * cell) * (2 * cell)
			if up+2*cell <= gpus {
				if both := whole<<uint(up) | whole<<uint(up+cell); free&both == both {
					continue
				}
			}
			return (^uint64(0) >> (64 - uint(size))) << uint(at), cell
		}
	}
	return 0, 0
}
