package peer

import (
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// layout is how a peer places a job of g GPUs, s being the GPUs of the partition's largest node (all nodes of the
// peers' clusters are alike). Ties go to the lowest node; devices are the lowest free ones. Jobs of a form that the
// peers do not have (pods of a given size, CPU, memory, several roles) are placed by the pipeline's rule named last.
type layout uint8

const (
	// consolidated: g <= s: the node with the fewest free GPUs that has g. A multiple of s: that many free nodes.
	// Else floor(g/s) free nodes and the node with the most free GPUs after them, if it has the rest. (consolidate)
	consolidated layout = iota
	// counted: any free GPUs, lowest node first. (first-fit)
	counted
	// yarned: g <= s: the lowest node that has g free. Else, inside one pool (the peer's switch; the first that can):
	// floor(g/s) free nodes, lowest first, and the rest on the lowest other node that has it. (first-fit)
	yarned
)

// place takes a place for a job or nothing.
func (l layout) place(c *cluster.Cluster, q *place.Request, log *[]state.Part) bool {
	if len(q.Roles) == 1 && q.Roles[0].Within == 0 {
		r := &q.Roles[0]
		if r.Flags&state.RoleSplit != 0 && r.CPUMilli == 0 && r.MemMiB == 0 {
			switch l {
			case consolidated:
				return consolidate(c, q.Partition, r, log)
			case yarned:
				return yarn(c, q.Partition, r, log)
			}
		}
	}
	if l == consolidated {
		return place.Consolidate.Place(c, q, log)
	}
	return place.FirstFit.Place(c, q, log)
}

func consolidate(c *cluster.Cluster, partition uint32, r *state.RoleSpec, log *[]state.Part) bool {
	g, s := r.Replicas, largest(c, partition, r.TypeMask)
	if s == 0 || c.Free(partition, r.TypeMask) < g {
		return false
	}
	if g <= s {
		node := fullest(c, partition, r.TypeMask, g)
		return node >= 0 && c.TakeSplit(log, node, 0, 0, r, g)
	}
	mark, pod := len(*log), int32(0)
	for ; pod < g/s; pod++ {
		if node := lowest(c, partition, r.TypeMask, s, 0); node < 0 || !c.TakeSplit(log, node, 0, pod, r, s) {
			c.Undo(log, mark)
			return false
		}
	}
	if rest := g % s; rest > 0 {
		if node := emptiest(c, partition, r.TypeMask, rest); node < 0 || !c.TakeSplit(log, node, 0, pod, r, rest) {
			c.Undo(log, mark)
			return false
		}
	}
	return true
}

func yarn(c *cluster.Cluster, partition uint32, r *state.RoleSpec, log *[]state.Part) bool {
	g, s := r.Replicas, largest(c, partition, r.TypeMask)
	if s == 0 || c.Free(partition, r.TypeMask) < g {
		return false
	}
	if g <= s {
		node := lowest(c, partition, r.TypeMask, g, 0)
		return node >= 0 && c.TakeSplit(log, node, 0, 0, r, g)
	}
	n := c.Nodes()
	for first := lowest(c, partition, r.TypeMask, s, 0); first >= 0; {
		if crossNodes(c, partition, r, s, n.Pool[first], first, log) {
			return true
		}
		pool := n.Pool[first]
		for first >= 0 && n.Pool[first] == pool {
			first = lowest(c, partition, r.TypeMask, s, first+1)
		}
	}
	return false
}

// crossNodes places a job of more than one node inside one pool; first is the pool's lowest free node.
func crossNodes(c *cluster.Cluster, partition uint32, r *state.RoleSpec, s int32, pool uint32, first int32, log *[]state.Part) bool {
	mark, pod, n := len(*log), int32(0), c.Nodes()
	for node := first; node >= 0 && pod < r.Replicas/s; node = lowest(c, partition, r.TypeMask, s, node+1) {
		if n.Pool[node] == pool && c.TakeSplit(log, node, 0, pod, r, s) {
			pod++
		}
	}
	if pod == r.Replicas/s {
		rest := r.Replicas % s
		if rest == 0 {
			return true
		}
		node := lowest(c, partition, r.TypeMask, rest, 0)
		for node >= 0 && n.Pool[node] != pool {
			node = lowest(c, partition, r.TypeMask, rest, node+1)
		}
		if node >= 0 && c.TakeSplit(log, node, 0, pod, r, rest) {
			return true
		}
	}
	c.Undo(log, mark)
	return false
}

// largest is the number of GPUs of the largest node that a type mask accepts.
func largest(c *cluster.Cluster, partition uint32, mask uint64) (s int32) {
	for g := range c.Groups() {
		if c.In(g, partition, mask) {
			s = max(s, c.MaxGPUs(g))
		}
	}
	return s
}

// lowest is the lowest node at or after from with k or more free GPUs, or -1.
func lowest(c *cluster.Cluster, partition uint32, mask uint64, k, from int32) int32 {
	best := int32(-1)
	for g := range c.Groups() {
		if !c.In(g, partition, mask) {
			continue
		}
		if node := c.NextAtLeast(g, k, from); node >= 0 && (best < 0 || node < best) {
			best = node
		}
	}
	return best
}

// fullest is the node with the fewest free GPUs that has k, the lowest among equals, or -1.
func fullest(c *cluster.Cluster, partition uint32, mask uint64, k int32) int32 {
	best, bestFree := int32(-1), int32(0)
	for g := range c.Groups() {
		if !c.In(g, partition, mask) {
			continue
		}
		if free := c.Fullest(g, k); free >= 0 && (best < 0 || free <= bestFree) {
			if node := c.NextExact(g, free, 0); best < 0 || free < bestFree || node < best {
				best, bestFree = node, free
			}
		}
	}
	return best
}

// emptiest is the node with the most free GPUs, the lowest among equals, or -1 when it has fewer than k.
func emptiest(c *cluster.Cluster, partition uint32, mask uint64, k int32) int32 {
	best, bestFree := int32(-1), k
	for g := range c.Groups() {
		if !c.In(g, partition, mask) {
			continue
		}
		if free := c.Emptiest(g); free >= bestFree {
			if node := c.NextExact(g, free, 0); best < 0 || free > bestFree || node < best {
				best, bestFree = node, free
			}
		}
	}
	return best
}

// vacant answers whether a layout could place a job if nothing ran and every node worked.
type vacant struct {
	c   *cluster.Cluster
	log []state.Part
}

func (e *vacant) holds(c *cluster.Cluster, l layout, q *place.Request) bool {
	n := c.Nodes()
	if e.c == nil {
		e.c = cluster.New()
	}
	for i := e.c.Nodes().Len(); i < n.Len(); i++ {
		// The cluster that is copied has taken the same node before, so it cannot be refused.
		_, _ = e.c.Add(cluster.NodeSpec{Type: n.Type[i], Pool: n.Pool[i], Partition: n.Partition[i], GPUs: n.GPUsTotal[i],
			CPUMilli: n.CPUTotal[i], MemMiB: n.MemTotal[i]}, 0)
	}
	e.c.FollowTopology(c)
	ok := l.place(e.c, q, &e.log)
	e.c.Undo(&e.log, 0)
	return ok
}
