package cluster

import (
	"github.com/orrery-sim/orrery/sim/internal/bitset"
	"github.com/orrery-sim/orrery/sim/state"
)

// CopyFrom makes c equal to o in everything but the change log, reusing c's storage: a policy keeps one scratch cluster
// for "what would be free at time t".
func (c *Cluster) CopyFrom(o *Cluster) {
	n, m := &c.nodes, &o.nodes
	n.Flags = append(n.Flags[:0], m.Flags...)
	n.Type = append(n.Type[:0], m.Type...)
	n.Pool = append(n.Pool[:0], m.Pool...)
	n.Partition = append(n.Partition[:0], m.Partition...)
	n.FirstGPU = append(n.FirstGPU[:0], m.FirstGPU...)
	n.GPUsTotal = append(n.GPUsTotal[:0], m.GPUsTotal...)
	n.GPUsFree = append(n.GPUsFree[:0], m.GPUsFree...)
	n.FreeMask = append(n.FreeMask[:0], m.FreeMask...)
	n.MilliFree = append(n.MilliFree[:0], m.MilliFree...)
	n.MilliMax = append(n.MilliMax[:0], m.MilliMax...)
	n.CPUTotal = append(n.CPUTotal[:0], m.CPUTotal...)
	n.CPUFree = append(n.CPUFree[:0], m.CPUFree...)
	n.MemTotal = append(n.MemTotal[:0], m.MemTotal...)
	n.MemFree = append(n.MemFree[:0], m.MemFree...)
	n.Pods = append(n.Pods[:0], m.Pods...)
	n.UpSince = append(n.UpSince[:0], m.UpSince...)
	n.Name = append(n.Name[:0], m.Name...)
	c.shared = append(c.shared[:0], o.shared...)
	c.sharedFree = append(c.sharedFree[:0], o.sharedFree...)
	c.dev = append(c.dev[:0], o.dev...)
	c.gpuNode = append(c.gpuNode[:0], o.gpuNode...)
	c.groupOf = append(c.groupOf[:0], o.groupOf...)
	c.topo, c.leaf = o.topo, append(c.leaf[:0], o.leaf...)
	if c.kinds = append(c.kinds[:0], o.kinds...); o.kinds == nil {
		c.kinds = nil
	}
	c.typeCPU, c.byCount, c.taken = o.typeCPU, o.byCount, o.taken
	for len(c.groups) < len(o.groups) {
		c.groups = append(c.groups, group{})
	}
	c.groups = c.groups[:len(o.groups)]
	for i := range o.groups {
		c.groups[i].copyFrom(&o.groups[i])
	}
}

func (g *group) copyFrom(o *group) {
	g.partition, g.typ, g.free = o.partition, o.typ, o.free
	g.any.CopyFrom(&o.any)
	for len(g.exact) < len(o.exact) {
		g.exact = append(g.exact, bitset.Set{})
	}
	g.exact = g.exact[:len(o.exact)]
	for k := range o.exact {
		g.exact[k].CopyFrom(&o.exact[k])
	}
	g.counts = append(g.counts[:0], o.counts...)
}

var _ state.Capacity = (*Cluster)(nil)
