package cluster

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// Groups is the number of groups: the nodes of one partition and GPU type. Groups are numbered in order of first use.
func (c *Cluster) Groups() int { return len(c.groups) }

// GroupOf is a group's partition and type.
func (c *Cluster) GroupOf(g int) (partition, typ uint32) {
	return c.groups[g].partition, c.groups[g].typ
}

// In reports whether a group belongs to a partition and a type mask (0 = any type) accepts it.
func (c *Cluster) In(g int, partition uint32, mask uint64) bool {
	gr := &c.groups[g]
	if gr.partition != partition {
		return false
	}
	return mask == 0 || gr.typ < state.MaxGPUTypes && mask>>gr.typ&1 != 0
}

// Free is the number of wholly free devices on open nodes of a partition whose type the mask accepts (0 = any).
func (c *Cluster) Free(partition uint32, mask uint64) int32 {
	var n int32
	for g := range c.groups {
		if c.In(g, partition, mask) {
			n += c.groups[g].free
		}
	}
	return n
}

// GroupFree is the number of wholly free devices on a group's open nodes.
func (c *Cluster) GroupFree(g int) int32 { return c.groups[g].free }

// NextAny is the lowest open node of a group at or after from with any wholly free device, or -1.
func (c *Cluster) NextAny(g int, from int32) int32 { return int32(c.groups[g].any.Next(int(from))) }

// NextExact is the lowest open node of a group at or after from with exactly k wholly free devices, or -1.
func (c *Cluster) NextExact(g int, k, from int32) int32 {
	if !c.byCount {
		c.count()
	}
	if int(k) >= len(c.groups[g].exact) || c.groups[g].counts[k] == 0 {
		return -1
	}
	return int32(c.groups[g].exact[k].Next(int(from)))
}

// NextAtLeast is the lowest open node of a group at or after from with k or more wholly free devices, or -1.
func (c *Cluster) NextAtLeast(g int, k, from int32) int32 {
	if !c.byCount {
		c.count()
	}
	best := int32(-1)
	gr := &c.groups[g]
	for ; int(k) < len(gr.exact); k++ {
		if gr.counts[k] == 0 {
			continue
		}
		if i := int32(gr.exact[k].Next(int(from))); i >= 0 && (best < 0 || i < best) {
			best = i
		}
	}
	return best
}

// Fullest is the smallest k' >= k for which some open node of the group has exactly k' wholly free devices, or -1.
func (c *Cluster) Fullest(g int, k int32) int32 {
	if !c.byCount {
		c.count()
	}
	gr := &c.groups[g]
	for ; int(k) < len(gr.exact); k++ {
		if gr.counts[k] > 0 {
			return k
		}
	}
	return -1
}

// Emptiest is the largest k for which some open node of the group has exactly k wholly free devices, or -1.
func (c *Cluster) Emptiest(g int) int32 {
	if !c.byCount {
		c.count()
	}
	gr := &c.groups[g]
	for k := len(gr.exact) - 1; k >= 0; k-- {
		if gr.counts[k] > 0 {
			return int32(k)
		}
	}
	return -1
}

// MaxGPUs is the largest number of devices on one node of a group.
func (c *Cluster) MaxGPUs(g int) int32 { return int32(len(c.groups[g].exact)) - 1 }

// Room is how many pods of a role (not RoleSplit) a node can hold at once, at most limit. Type and partition are the
// caller's to test; a closed node has room for none.
func (c *Cluster) Room(node int32, r *state.RoleSpec, limit int32) int32 {
	n := &c.nodes
	if !state.NodeOpen(n.Flags[node]) {
		return 0
	}
	room := limit
	if r.CPUMilli > 0 {
		room = min(room, int32(min(int64(n.CPUFree[node])/r.CPUMilli, int64(limit))))
	}
	if r.MemMiB > 0 {
		room = min(room, int32(min(int64(n.MemFree[node])/r.MemMiB, int64(limit))))
	}
	if r.PodGPUs == 0 || room == 0 {
		return room
	}
	if r.GPUMilli == Whole {
		return min(room, int32(n.GPUsFree[node])/r.PodGPUs)
	}
	if r.PodGPUs == 1 {
		per := Whole / r.GPUMilli
		slots := int32(n.GPUsFree[node]) * per
		for m := c.shared[node]; m != 0; m &= m - 1 {
			slots += int32(c.dev[n.FirstGPU[node]+uint32(bits.TrailingZeros64(m))]) / r.GPUMilli
		}
		return min(room, slots)
	}
	if c.fitting(node, r.GPUMilli) >= r.PodGPUs {
		return min(room, 1)
	}
	return 0
}

// fitting is the number of devices of a node with at least milli free.
func (c *Cluster) fitting(node int32, milli int32) int32 {
	k := int32(c.nodes.GPUsFree[node])
	for m := c.shared[node]; m != 0; m &= m - 1 {
		if int32(c.dev[c.nodes.FirstGPU[node]+uint32(bits.TrailingZeros64(m))]) >= milli {
			k++
		}
	}
	return k
}

// Accepts reports whether a role's type mask accepts a node.
func (c *Cluster) Accepts(node int32, r *state.RoleSpec) bool {
	if r.TypeMask == 0 {
		return r.PodGPUs == 0 || c.nodes.GPUsTotal[node] > 0
	}
	t := c.nodes.Type[node]
	return t < state.MaxGPUTypes && r.TypeMask>>t&1 != 0
}

// Lowest returns the lowest k set bits of mask (all of them if there are fewer).
func Lowest(mask uint64, k int32) uint64 {
	if k >= int32(bits.OnesCount64(mask)) {
		return mask
	}
	rest := mask
	for ; k > 0; k-- {
		rest &= rest - 1
	}
	return mask &^ rest
}

// Devices picks the devices for one pod of a role on a node: whole GPUs take the lowest-index free ones; a fraction takes
// the fullest device that fits, the lowest index among equals. It returns 0 when they do not fit (or none are asked).
func (c *Cluster) Devices(node int32, r *state.RoleSpec) uint64 {
	n := &c.nodes
	if r.PodGPUs == 0 {
		return 0
	}
	if r.GPUMilli == Whole {
		if int32(n.GPUsFree[node]) < r.PodGPUs {
			return 0
		}
		return Lowest(n.FreeMask[node], r.PodGPUs)
	}
	var picked uint64
	for k := r.PodGPUs; k > 0; k-- {
		best, bestFree := uint64(0), int32(Whole+1)
		for m := c.shared[node] &^ picked; m != 0; m &= m - 1 {
			f := int32(c.dev[n.FirstGPU[node]+uint32(bits.TrailingZeros64(m))])
			if f >= r.GPUMilli && f < bestFree {
				best, bestFree = m&-m, f
			}
		}
		if best == 0 {
			free := n.FreeMask[node] &^ picked
			best = free & -free
		}
		if best == 0 {
			return 0
		}
		picked |= best
	}
	return picked
}

// NodeOfGPU is the node of a device slot.
func (c *Cluster) NodeOfGPU(slot int32) int32 { return c.gpuNode[slot] }

// SharedMilli is what is free on a device in shared mode, in thousandths; first is the node's FirstGPU.
func (c *Cluster) SharedMilli(first uint32, device int) uint32 {
	return uint32(c.dev[first+uint32(device)])
}
