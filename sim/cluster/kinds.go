package cluster

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// ShareKind is the kind of a part that holds a share of a device; a part of k whole devices is of kind k.
const ShareKind = 0

const podKinds = state.MaxGPUsPerNode + 1

// CountKinds starts counting, for each node, its parts with GPUs by kind. It is to be called before anything is taken; who never
// calls it does not pay for it.
func (c *Cluster) CountKinds() {
	if c.kinds == nil {
		c.kinds = make([]int32, c.nodes.Len()*podKinds, (c.nodes.Len()+1)*podKinds)
	}
}

// PodsOfKind is how many parts of a kind a node holds, and Kinds of how many kinds it holds any; 0 unless CountKinds was called.
func (c *Cluster) PodsOfKind(node int32, kind int32) int32 {
	if c.kinds == nil {
		return 0
	}
	return c.kinds[int(node)*podKinds+int(kind)]
}

// Kinds is the number of different kinds of parts that a node holds.
func (c *Cluster) Kinds(node int32) (n int32) {
	if c.kinds == nil {
		return 0
	}
	for _, k := range c.kinds[int(node)*podKinds : int(node+1)*podKinds] {
		if k > 0 {
			n++
		}
	}
	return n
}

// kindOf is the kind of a part that takes a mask of devices.
func kindOf(mask uint64, milli uint16) int {
	if milli < Whole {
		return ShareKind
	}
	return bits.OnesCount64(mask)
}

// countKind notes a part that came (1) or went (-1). Callers test c.kinds first.
func (c *Cluster) countKind(node int32, mask uint64, milli uint16, by int32) {
	if mask != 0 {
		c.kinds[int(node)*podKinds+kindOf(mask, milli)] += by
	}
}
