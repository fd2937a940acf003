package cluster

import (
	"fmt"
	"math/bits"

	"github.com/orrery-sim/orrery/sim/internal/bitset"
	"github.com/orrery-sim/orrery/sim/state"
)

// Whole is a device's capacity in thousandths.
const Whole = 1000

// NodeSpec describes one node to add.
type NodeSpec struct {
	Name      string
	Type      uint32 // GPU type id; ignored without GPUs
	Pool      uint32
	Partition uint32
	GPUs      uint32
	CPUMilli  uint32
	MemMiB    uint32
	Flags     uint32 // beside NodeUp: cordoned, draining
	Down      bool   // it exists and does not work
}

// group is the nodes of one partition and GPU type: the unit that a type constraint selects.
type group struct {
	partition, typ uint32
	free           int32 // wholly free devices on its open nodes
	any            bitset.Set
	exact          []bitset.Set // exact[k], k > 0: open nodes with k wholly free devices
	counts         []int32      // members of exact[k]
}

// Cluster is the index of free capacity. It is not safe for concurrent use.
type Cluster struct {
	nodes      state.Nodes
	shared     []uint64 // devices in shared mode, by node
	sharedFree []uint32 // their free thousandths, by node
	dev        []uint16 // free thousandths of a shared device, by GPU slot
	gpuNode    []int32  // node of a GPU slot
	groupOf    []int32  // by node
	groups     []group
	typeCPU    bool // some node has CPUs or memory modelled
	byCount    bool // exact and counts are kept: from the first question about them on
	taken      int  // parts taken and not yet given back or adopted
	topo       *Topology
	leaf       []int32 // by node: its domain of the innermost tier, or -1; empty without a topology
	kinds      []int32 // parts by node and kind, or nil: see CountKinds
	Log        state.ChangeLog
}

// New returns a cluster without nodes.
func New() *Cluster { return &Cluster{} }

// Nodes are the columns; read-only for everybody else.
func (c *Cluster) Nodes() *state.Nodes { return &c.nodes }

// Add adds a node that is up and returns its slot.
func (c *Cluster) Add(s NodeSpec, now state.Time) (int32, error) {
	if s.GPUs > state.MaxGPUsPerNode {
		return 0, fmt.Errorf("node %q: %d GPUs (at most %d on one node)", s.Name, s.GPUs, state.MaxGPUsPerNode)
	}
	if s.GPUs == 0 {
		s.Type = state.NoType
	}
	n := &c.nodes
	slot := int32(n.Len())
	first := uint32(len(c.dev))
	n.Flags = append(n.Flags, 0)
	n.Type = append(n.Type, s.Type)
	n.Pool = append(n.Pool, s.Pool)
	n.Partition = append(n.Partition, s.Partition)
	n.FirstGPU = append(n.FirstGPU, first)
	n.GPUsTotal = append(n.GPUsTotal, s.GPUs)
	n.GPUsFree = append(n.GPUsFree, s.GPUs)
	n.FreeMask = append(n.FreeMask, maskOf(s.GPUs))
	n.MilliFree = append(n.MilliFree, s.GPUs*Whole)
	n.MilliMax = append(n.MilliMax, 0)
	n.CPUTotal = append(n.CPUTotal, s.CPUMilli)
	n.CPUFree = append(n.CPUFree, s.CPUMilli)
	n.MemTotal = append(n.MemTotal, s.MemMiB)
	n.MemFree = append(n.MemFree, s.MemMiB)
	n.Pods = append(n.Pods, 0)
	n.UpSince = append(n.UpSince, now)
	n.Name = append(n.Name, s.Name)
	c.shared = append(c.shared, 0)
	c.sharedFree = append(c.sharedFree, 0)
	if c.topo != nil {
		c.leaf = append(c.leaf, -1)
	}
	if c.kinds != nil {
		c.kinds = append(c.kinds, make([]int32, podKinds)...)
	}
	for i := uint32(0); i < s.GPUs; i++ {
		c.dev = append(c.dev, Whole)
		c.gpuNode = append(c.gpuNode, slot)
	}
	c.groupOf = append(c.groupOf, c.groupFor(s.Partition, s.Type, s.GPUs))
	c.typeCPU = c.typeCPU || s.CPUMilli > 0 || s.MemMiB > 0
	for g := range c.groups {
		c.groups[g].any.Grow(n.Len())
		for k := range c.groups[g].exact {
			c.groups[g].exact[k].Grow(n.Len())
		}
	}
	c.setMax(slot)
	if s.Down {
		c.nodes.Flags[slot] = s.Flags
	} else {
		c.SetFlags(slot, state.NodeUp|s.Flags)
	}
	return slot, nil
}

func maskOf(gpus uint32) uint64 {
	if gpus == 64 {
		return ^uint64(0)
	}
	return 1<<gpus - 1
}

func (c *Cluster) groupFor(partition, typ, gpus uint32) int32 {
	gi := -1
	for i := range c.groups {
		if c.groups[i].partition == partition && c.groups[i].typ == typ {
			gi = i
		}
	}
	if gi < 0 {
		gi = len(c.groups)
		c.groups = append(c.groups, group{partition: partition, typ: typ})
	}
	g := &c.groups[gi]
	for uint32(len(g.exact)) <= gpus {
		g.exact = append(g.exact, bitset.Set{})
		g.counts = append(g.counts, 0)
	}
	return int32(gi)
}

// SetFlags changes a node's flags: up and down, cordoned, drained. Devices that are held stay held.
func (c *Cluster) SetFlags(node int32, flags uint32) {
	was, is := state.NodeOpen(c.nodes.Flags[node]), state.NodeOpen(flags)
	if was && !is {
		c.leave(node)
	}
	c.nodes.Flags[node] = flags
	if !was && is {
		c.enter(node)
	}
	c.Log.Add(node)
}

// enter and leave put an open node into its group's index and take it out.
func (c *Cluster) enter(node int32) {
	g := &c.groups[c.groupOf[node]]
	k := c.nodes.GPUsFree[node]
	g.free += int32(k)
	if k > 0 {
		g.any.Add(int(node))
		if c.byCount {
			g.exact[k].Add(int(node))
			g.counts[k]++
		}
	}
}

func (c *Cluster) leave(node int32) {
	g := &c.groups[c.groupOf[node]]
	k := c.nodes.GPUsFree[node]
	g.free -= int32(k)
	if k > 0 {
		g.any.Remove(int(node))
		if c.byCount {
			g.exact[k].Remove(int(node))
			g.counts[k]--
		}
	}
}

// move re-indexes an open node whose count of wholly free devices went from old to new.
func (c *Cluster) move(node int32, old, new uint32) {
	g := &c.groups[c.groupOf[node]]
	g.free += int32(new) - int32(old)
	if new == 0 { // one test: whether it was in is as good as random
		g.any.Remove(int(node))
	} else {
		g.any.Add(int(node))
	}
	if c.byCount {
		g.moveCount(node, old, new)
	}
}

func (g *group) moveCount(node int32, old, new uint32) {
	if old > 0 {
		g.exact[old].Remove(int(node))
		g.counts[old]--
	}
	if new > 0 {
		g.exact[new].Add(int(node))
		g.counts[new]++
	}
}

// count starts the index by number of free devices: policies that never ask for it do not pay for it.
func (c *Cluster) count() {
	c.byCount = true
	for i := range c.nodes.Flags {
		if k := c.nodes.GPUsFree[i]; k > 0 && state.NodeOpen(c.nodes.Flags[i]) {
			g := &c.groups[c.groupOf[i]]
			g.exact[k].Add(i)
			g.counts[k]++
		}
	}
}

// setMax recomputes the free thousandths of the emptiest device.
func (c *Cluster) setMax(node int32) {
	n := &c.nodes
	if n.FreeMask[node] != 0 {
		n.MilliMax[node] = Whole
		return
	}
	var best uint32
	for m := c.shared[node]; m != 0; m &= m - 1 {
		if f := uint32(c.dev[n.FirstGPU[node]+uint32(bits.TrailingZeros64(m))]); f > best {
			best = f
		}
	}
	n.MilliMax[node] = best
}

// FreeMilli is what is free on one device of a node, in thousandths.
func (c *Cluster) FreeMilli(node int32, device int) uint32 {
	bit := uint64(1) << uint(device)
	switch {
	case c.nodes.FreeMask[node]&bit != 0:
		return Whole
	case c.shared[node]&bit != 0:
		return uint32(c.dev[c.nodes.FirstGPU[node]+uint32(device)])
	}
	return 0
}

// SharedMask are the devices of a node that are in shared mode.
func (c *Cluster) SharedMask(node int32) uint64 { return c.shared[node] }

// HasCPUs reports whether CPUs or memory are modelled on any node.
func (c *Cluster) HasCPUs() bool { return c.typeCPU }

// Clone returns an independent copy. Undo logs are the callers' and are not cloned.
func (c *Cluster) Clone() *Cluster {
	d := &Cluster{}
	d.CopyFrom(c)
	d.Log = c.Log.Clone()
	return d
}
