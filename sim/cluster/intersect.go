package cluster

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// Intersect leaves free in c only what is free in o as well. Both have the same nodes.
func (c *Cluster) Intersect(o *Cluster) {
	for i := range c.nodes.Flags {
		c.IntersectNode(int32(i), c, o)
	}
}

// IntersectNode makes one node of c free exactly where it is free in both a and b (either may be c itself).
func (c *Cluster) IntersectNode(i int32, a, b *Cluster) {
	n := &c.nodes
	first := n.FirstGPU[i]
	free := a.nodes.FreeMask[i] & b.nodes.FreeMask[i]
	usable := (a.nodes.FreeMask[i] | a.shared[i]) & (b.nodes.FreeMask[i] | b.shared[i]) &^ free
	var shared uint64
	var sharedFree uint32
	for m := usable; m != 0; m &= m - 1 {
		k := bits.TrailingZeros64(m)
		f := min(a.FreeMilli(i, k), b.FreeMilli(i, k))
		if f == 0 {
			continue
		}
		shared |= 1 << uint(k)
		c.dev[first+uint32(k)] = uint16(f)
		sharedFree += f
	}
	n.CPUFree[i] = min(a.nodes.CPUFree[i], b.nodes.CPUFree[i])
	n.MemFree[i] = min(a.nodes.MemFree[i], b.nodes.MemFree[i])
	flags := n.Flags[i]
	if !state.NodeOpen(a.nodes.Flags[i]) || !state.NodeOpen(b.nodes.Flags[i]) {
		flags |= state.NodeCordoned
	}
	c.shared[i], c.sharedFree[i] = shared, sharedFree
	n.MilliFree[i] = uint32(bits.OnesCount64(free))*Whole + sharedFree
	c.setFree(i, free)
	c.setMax(i)
	if flags != n.Flags[i] {
		c.SetFlags(i, flags)
	}
}
