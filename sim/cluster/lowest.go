package cluster

import "github.com/orrery-sim/orrery/sim/state"

// ShareOf is what k of n GPUs of a split role take of the job's total CPU or memory, rounded up.
func ShareOf(total int64, k, n int32) int64 {
	if total == 0 || k == 0 || n == 0 {
		return 0
	}
	return (total*int64(k) + int64(n) - 1) / int64(n)
}

// SplitRoom is how many of want GPUs of a split role a node can give now.
func (c *Cluster) SplitRoom(node int32, r *state.RoleSpec, want int32) int32 {
	n := &c.nodes
	if !state.NodeOpen(n.Flags[node]) {
		return 0
	}
	k := min(want, int32(n.GPUsFree[node]))
	for k > 0 && (ShareOf(r.CPUMilli, k, r.Replicas) > int64(n.CPUFree[node]) || ShareOf(r.MemMiB, k, r.Replicas) > int64(n.MemFree[node])) {
		k--
	}
	return k
}

// TakeSplit takes k GPUs of a split role on a node: the lowest-index free ones.
func (c *Cluster) TakeSplit(log *[]state.Part, node, role, pod int32, r *state.RoleSpec, k int32) bool {
	return c.Take(log, state.Part{Node: node, Role: uint16(role), Pod: pod, Milli: Whole,
		Mask: Lowest(c.nodes.FreeMask[node], k),
		CPU:  uint32(ShareOf(r.CPUMilli, k, r.Replicas)), Mem: uint32(ShareOf(r.MemMiB, k, r.Replicas))}) == 0
}

// TakeLowest takes k whole GPUs of one group for a split role without CPU or memory, all that is free on the lowest nodes
// first. The group must have that many free.
func (c *Cluster) TakeLowest(log *[]state.Part, g int, role, k int32) {
	n, gr, l := &c.nodes, &c.groups[g], *log
	first, node := len(l), 0
	for k > 0 {
		node = gr.any.Next(node)
		free := int32(n.GPUsFree[node])
		l = append(l, state.Part{})
		p := &l[len(l)-1]
		p.Node, p.Role, p.Pod, p.Milli = int32(node), uint16(role), int32(len(l)-1-first), Whole
		if free > k {
			p.Mask = Lowest(n.FreeMask[node], k)
			c.takeWhole(int32(node), p.Mask, uint32(k))
			break
		}
		p.Mask = n.FreeMask[node]
		k -= free
		n.Pods[node]++
		if c.kinds != nil {
			c.countKind(int32(node), p.Mask, Whole, 1)
		}
		n.MilliFree[node] -= uint32(free) * Whole
		n.FreeMask[node], n.GPUsFree[node], n.MilliMax[node] = 0, 0, 0
		if c.shared[node] != 0 {
			c.setMax(int32(node))
		}
		gr.free -= free
		gr.any.Remove(node)
		if c.byCount {
			gr.moveCount(int32(node), uint32(free), 0)
		}
		c.Log.Add(int32(node))
	}
	c.taken += len(l) - first
	*log = l
}

// TakePod takes one pod of a role on a node with the devices that Devices picks.
func (c *Cluster) TakePod(log *[]state.Part, node, role, pod int32, r *state.RoleSpec) bool {
	mask := c.Devices(node, r)
	if r.PodGPUs > 0 && mask == 0 {
		return false
	}
	return c.Take(log, state.Part{Node: node, Role: uint16(role), Pod: pod, Milli: uint16(r.GPUMilli), Mask: mask,
		CPU: uint32(r.CPUMilli), Mem: uint32(r.MemMiB)}) == 0
}

// PlaceLowest takes all roles of a gang, in order, each on the lowest nodes that hold its pods, inside the lowest domain of the
// level that the gang requires, if it does; on failure it undoes everything and reports false.
func (c *Cluster) PlaceLowest(log *[]state.Part, partition uint32, roles []state.RoleSpec) bool {
	level := RequiredLevel(roles)
	if level == 0 {
		return c.PlaceLowestIn(log, partition, roles, In{})
	}
	first, count := c.DomainsOf(level)
	for d := first; d < first+count; d++ {
		if c.PlaceLowestIn(log, partition, roles, In{level, d}) {
			return true
		}
	}
	return false
}

// PlaceLowestIn is PlaceLowest inside a domain, whatever level the gang requires.
func (c *Cluster) PlaceLowestIn(log *[]state.Part, partition uint32, roles []state.RoleSpec, in In) bool {
	mark := len(*log)
	for ri := range roles {
		r := &roles[ri]
		left, pod := r.Replicas, int32(0)
		for node := int32(0); left > 0 && int(node) < c.nodes.Len(); node++ {
			if c.nodes.Partition[node] != partition || !c.Accepts(node, r) || !c.Inside(node, in) {
				continue
			}
			if r.Flags&state.RoleSplit != 0 {
				if k := c.SplitRoom(node, r, left); k > 0 && c.TakeSplit(log, node, int32(ri), pod, r, k) {
					left -= k
					pod++
				}
				continue
			}
			for left > 0 && c.Room(node, r, 1) > 0 && c.TakePod(log, node, int32(ri), pod, r) {
				left--
				pod++
			}
		}
		if left > 0 {
			c.Undo(log, mark)
			return false
		}
	}
	return true
}
