package cluster

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// CheckGang says why parts are not exactly what the roles of a gang ask for, on nodes of a partition that accept them, within the level that they require, or 0. Parts
// stand in the order of their roles, and none has More.
func (c *Cluster) CheckGang(parts []state.Part, roles []state.RoleSpec, partition uint32) state.Refusal {
	i := 0
	for ri := range roles {
		r := &roles[ri]
		var pods int32
		var cpu, mem int64
		for ; i < len(parts) && int(parts[i].Role) == ri; i++ {
			p := &parts[i]
			if c.nodes.Partition[p.Node] != partition || !c.Accepts(p.Node, r) {
				return state.RefusedNode
			}
			n := int32(bits.OnesCount64(p.Mask))
			if n > 0 && int32(p.Milli) != r.GPUMilli || p.More != 0 {
				return state.RefusedParts
			}
			cpu += int64(p.CPU)
			mem += int64(p.Mem)
			if r.Flags&state.RoleSplit != 0 {
				pods += n
				continue
			}
			if n != r.PodGPUs || int64(p.CPU) != r.CPUMilli || int64(p.Mem) != r.MemMiB {
				return state.RefusedParts
			}
			pods++
		}
		if pods != r.Replicas || r.Flags&state.RoleSplit != 0 && (cpu < r.CPUMilli || mem < r.MemMiB) {
			return state.RefusedParts
		}
	}
	if i != len(parts) {
		return state.RefusedParts
	}
	if level := RequiredLevel(roles); level > 0 {
		for i := range parts {
			if d := c.Domain(parts[i].Node, level); d < 0 || d != c.Domain(parts[0].Node, level) {
				return state.RefusedTopology
			}
		}
	}
	return 0
}
