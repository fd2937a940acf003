package cluster

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// Check says why a part cannot be taken, or 0.
func (c *Cluster) Check(p *state.Part) state.Refusal {
	n := &c.nodes
	if p.Node < 0 || int(p.Node) >= n.Len() || !state.NodeOpen(n.Flags[p.Node]) {
		return state.RefusedNode
	}
	if p.CPU > n.CPUFree[p.Node] && p.CPU > 0 || p.Mem > n.MemFree[p.Node] && p.Mem > 0 {
		return state.RefusedDevices
	}
	if p.Mask == 0 {
		return 0
	}
	if p.Milli == Whole {
		if p.Mask&^n.FreeMask[p.Node] != 0 {
			return state.RefusedDevices
		}
		return 0
	}
	if p.Milli == 0 || p.Milli > Whole || p.Mask&^(n.FreeMask[p.Node]|c.shared[p.Node]) != 0 {
		return state.RefusedDevices
	}
	for m := p.Mask & c.shared[p.Node]; m != 0; m &= m - 1 {
		if c.dev[n.FirstGPU[p.Node]+uint32(bits.TrailingZeros64(m))] < p.Milli {
			return state.RefusedDevices
		}
	}
	return 0
}

// Take takes a part and appends it to log, or refuses and changes nothing.
func (c *Cluster) Take(log *[]state.Part, p state.Part) state.Refusal {
	if r := c.Check(&p); r != 0 {
		return r
	}
	c.apply(&p)
	*log = append(*log, p)
	c.taken++
	return 0
}

// Undo gives back everything in log from mark on, last first.
func (c *Cluster) Undo(log *[]state.Part, mark int) {
	l := *log
	for i := len(l) - 1; i >= mark; i-- {
		c.Release(&l[i])
		c.taken--
	}
	*log = l[:mark]
}

// Outstanding is the number of parts taken that were neither undone nor adopted: what a pass took.
func (c *Cluster) Outstanding() int { return c.taken }

// Adopt says that n outstanding parts now belong to running jobs (or were given back by Release).
func (c *Cluster) Adopt(n int) { c.taken -= n }

func (c *Cluster) apply(p *state.Part) {
	n := &c.nodes
	i := p.Node
	n.Pods[i]++
	if c.kinds != nil {
		c.countKind(i, p.Mask, p.Milli, 1)
	}
	n.CPUFree[i] -= p.CPU
	n.MemFree[i] -= p.Mem
	if p.Mask != 0 {
		if p.Milli == Whole {
			n.MilliFree[i] -= uint32(bits.OnesCount64(p.Mask)) * Whole
			c.setFree(i, n.FreeMask[i]&^p.Mask)
		} else {
			c.share(i, p.Mask, p.Milli)
		}
	}
	c.Log.Add(i)
}

// takeWhole takes free devices of an open node, gpus of them.
func (c *Cluster) takeWhole(i int32, mask uint64, gpus uint32) {
	n := &c.nodes
	old := n.GPUsFree[i]
	n.Pods[i]++
	if c.kinds != nil {
		c.countKind(i, mask, Whole, 1)
	}
	n.MilliFree[i] -= gpus * Whole
	n.FreeMask[i] &^= mask
	n.GPUsFree[i] = old - gpus
	c.move(i, old, old-gpus)
	if old == gpus {
		c.setMax(i)
	}
	c.Log.Add(i)
}

// ReleaseAll gives parts back, in order, as a batch tells of them (Part.More). They must have been taken before.
func (c *Cluster) ReleaseAll(parts []state.Part) {
	for i := range parts {
		p := &parts[i]
		if p.Milli == Whole && p.Mask != 0 && p.CPU|p.Mem == 0 {
			c.releaseWhole(p)
			continue
		}
		for one, more := *p, p.More; more >= 0; more-- {
			c.Release(&one)
			one.Node++
		}
	}
}

// releaseWhole gives whole devices back on one node and those that follow.
func (c *Cluster) releaseWhole(p *state.Part) {
	n := &c.nodes
	gpus := uint32(bits.OnesCount64(p.Mask))
	for i := p.Node; i <= p.Node+p.More; i++ {
		old := n.GPUsFree[i]
		n.Pods[i]--
		if c.kinds != nil {
			c.countKind(i, p.Mask, Whole, -1)
		}
		n.MilliFree[i] += gpus * Whole
		n.FreeMask[i] |= p.Mask
		n.GPUsFree[i], n.MilliMax[i] = old+gpus, Whole
		c.Log.Add(i)
		if !state.NodeOpen(n.Flags[i]) {
			continue
		}
		g := &c.groups[c.groupOf[i]]
		g.free += int32(gpus)
		g.any.Add(int(i))
		if c.byCount {
			g.moveCount(i, old, old+gpus)
		}
	}
}

// Release gives a part back. It must have been taken before.
func (c *Cluster) Release(p *state.Part) {
	n := &c.nodes
	i := p.Node
	n.Pods[i]--
	if c.kinds != nil {
		c.countKind(i, p.Mask, p.Milli, -1)
	}
	if p.CPU|p.Mem != 0 {
		n.CPUFree[i] += p.CPU
		n.MemFree[i] += p.Mem
	}
	if p.Mask != 0 {
		if p.Milli == Whole {
			n.MilliFree[i] += uint32(bits.OnesCount64(p.Mask)) * Whole
			c.setFree(i, n.FreeMask[i]|p.Mask)
		} else {
			c.unshare(i, p.Mask, p.Milli)
		}
	}
	c.Log.Add(i)
}

// Retake takes back a part that Release gave back, with nothing taken in between: a plan that asks what would fit undoes itself so.
func (c *Cluster) Retake(p *state.Part) { c.apply(p) }

// setFree changes which devices of a node are wholly free.
func (c *Cluster) setFree(i int32, mask uint64) {
	n := &c.nodes
	old := n.GPUsFree[i]
	now := uint32(bits.OnesCount64(mask))
	n.FreeMask[i] = mask
	n.GPUsFree[i] = now
	if old != now && state.NodeOpen(n.Flags[i]) {
		c.move(i, old, now)
	}
	if now != 0 {
		n.MilliMax[i] = Whole
	} else {
		c.setMax(i)
	}
}

// share takes milli of each device in mask; wholly free devices turn to shared mode.
func (c *Cluster) share(i int32, mask uint64, milli uint16) {
	n := &c.nodes
	first := n.FirstGPU[i]
	for m := mask & n.FreeMask[i]; m != 0; m &= m - 1 {
		c.dev[first+uint32(bits.TrailingZeros64(m))] = Whole
		c.sharedFree[i] += Whole
	}
	c.shared[i] |= mask
	for m := mask; m != 0; m &= m - 1 {
		c.dev[first+uint32(bits.TrailingZeros64(m))] -= milli
		c.sharedFree[i] -= uint32(milli)
		n.MilliFree[i] -= uint32(milli)
	}
	c.setFree(i, n.FreeMask[i]&^mask)
	c.setMax(i)
}

// unshare gives milli of each device in mask back; a device with nothing left on it is wholly free again.
func (c *Cluster) unshare(i int32, mask uint64, milli uint16) {
	n := &c.nodes
	first := n.FirstGPU[i]
	free := n.FreeMask[i]
	for m := mask; m != 0; m &= m - 1 {
		bit := m & -m
		d := first + uint32(bits.TrailingZeros64(m))
		c.dev[d] += milli
		c.sharedFree[i] += uint32(milli)
		n.MilliFree[i] += uint32(milli)
		if c.dev[d] == Whole {
			c.shared[i] &^= bit
			c.sharedFree[i] -= Whole
			free |= bit
		}
	}
	c.setFree(i, free)
	c.setMax(i)
}
