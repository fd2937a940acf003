package cluster

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// TakePodOn takes one pod of a role on devices that somebody else picked, or reports that they will not do.
func (c *Cluster) TakePodOn(log *[]state.Part, node, role, pod int32, r *state.RoleSpec, mask uint64) bool {
	if int32(bits.OnesCount64(mask)) != r.PodGPUs {
		return false
	}
	return c.Take(log, state.Part{Node: node, Role: uint16(role), Pod: pod, Milli: uint16(r.GPUMilli), Mask: mask,
		CPU: uint32(r.CPUMilli), Mem: uint32(r.MemMiB)}) == 0
}

// TakeSplitOn takes devices that somebody else picked for a role that may be split, or reports that they will not do.
func (c *Cluster) TakeSplitOn(log *[]state.Part, node, role, pod int32, r *state.RoleSpec, mask uint64) bool {
	k := int32(bits.OnesCount64(mask))
	return c.Take(log, state.Part{Node: node, Role: uint16(role), Pod: pod, Milli: Whole, Mask: mask,
		CPU: uint32(ShareOf(r.CPUMilli, k, r.Replicas)), Mem: uint32(ShareOf(r.MemMiB, k, r.Replicas))}) == 0
}
