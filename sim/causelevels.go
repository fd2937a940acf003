package sim

import "github.com/orrery-sim/orrery/sim/state"

// level is the number of pods of podGPUs whole devices that fit on the nodes of a partition and type mask.
type level struct {
	partition, podGPUs int32
	mask               uint64
	value              int32
	since              state.Time
	spent              [][numFits]int64 // Fenwick tree over values, by reason in force
	share              []int32          // each node's part of value, by node
}

// level finds or makes the level of a partition, type mask and pod size.
func (c *causes) level(e *Engine, p int32, mask uint64, podGPUs int32) int32 {
	for i := range c.levels {
		if l := &c.levels[i]; l.partition == p && l.mask == mask && l.podGPUs == podGPUs {
			return int32(i)
		}
	}
	i := int32(len(c.levels))
	c.levels = append(c.levels, level{partition: p, podGPUs: podGPUs, mask: mask, since: e.now})
	c.attach(i)
	return i
}

// attach counts the cluster's nodes into a level; levels made while jobs wait start from the present free capacity.
func (c *causes) attach(i int32) {
	l := &c.levels[i]
	n := c.cl.Nodes()
	var most int32
	l.value = 0
	l.share = l.share[:0]
	for len(c.byNode) < n.Len() {
		c.byNode = append(c.byNode, nil)
	}
	r := state.RoleSpec{PodGPUs: l.podGPUs, TypeMask: l.mask}
	for node := range n.Flags {
		l.share = append(l.share, 0)
		if n.Partition[node] != uint32(l.partition) || !c.cl.Accepts(int32(node), &r) {
			continue
		}
		most += int32(n.GPUsTotal[node]) / l.podGPUs
		l.share[node] = c.share(l, int32(node))
		l.value += l.share[node]
		if l.podGPUs > 1 {
			c.pods = true
			c.byNode[node] = append(c.byNode[node], i)
		}
	}
	for int32(len(l.spent)) < most+2 {
		l.spent = append(l.spent, [numFits]int64{})
	}
}

func (c *causes) share(l *level, node int32) int32 {
	n := c.cl.Nodes()
	if !state.NodeOpen(n.Flags[node]) {
		return 0
	}
	return int32(n.GPUsFree[node]) / l.podGPUs
}

// reclassify follows new nodes: every level is counted anew. Its tree cannot grow in place, so it is rebuilt.
func (c *causes) reclassify(e *Engine) {
	c.advanceTo(e, e.now)
	for i := range c.byNode {
		c.byNode[i] = c.byNode[i][:0]
	}
	for i := range c.levels {
		l := &c.levels[i]
		counts := l.counts()
		l.spent = nil
		c.attach(int32(i))
		for v, t := range counts {
			for f := range t {
				if t[f] != 0 {
					l.add(int32(v), f, t[f])
				}
			}
		}
	}
	for shape := range e.shapes.GPUs {
		if k := &e.shapes.clock[shape]; e.shapes.Live[shape] > 0 && !k.clocks {
			r := &e.shapes.Of(int32(shape))[0]
			e.shapes.Flags[shape] &^= state.ShapeAnyGPUs
			if r.PodGPUs == 1 && c.acceptsAll(e, e.shapes.Partition[shape], r) {
				e.shapes.Flags[shape] |= state.ShapeAnyGPUs
			}
		}
	}
}

// add notes t ns at value v.
func (l *level) add(v int32, fit int, t int64) {
	for i := int(v) + 1; i < len(l.spent); i += i & -i {
		l.spent[i][fit] += t
	}
}

// below is the time spent at values under v, by reason, including the open interval.
func (l *level) below(v int32, now state.Time, fit int) (a, b, c int64) {
	i := int(v)
	if i > len(l.spent)-1 {
		i = len(l.spent) - 1
	}
	for ; i > 0; i -= i & -i {
		s := &l.spent[i]
		a += s[fitReservation]
		b += s[fitOrder]
		c += s[fitChoice]
	}
	if l.value < v {
		switch open := int64(now - l.since); fit {
		case fitReservation:
			a += open
		case fitOrder:
			b += open
		default:
			c += open
		}
	}
	return a, b, c
}

// counts are the times at each value, read back out of the tree.
func (l *level) counts() [][numFits]int64 {
	out := make([][numFits]int64, max(len(l.spent)-1, 0))
	for v := range out {
		for f := range out[v] {
			var a, b int64
			for i := v + 1; i > 0; i -= i & -i {
				a += l.spent[i][f]
			}
			for i := v; i > 0; i -= i & -i {
				b += l.spent[i][f]
			}
			out[v][f] = a - b
		}
	}
	return out
}

// settle closes a level's open interval.
func (c *causes) settle(l *level, now state.Time) {
	if d := int64(now - l.since); d > 0 {
		l.add(l.value, c.part(l.partition).fit, d)
	}
	l.since = now
}

// moveLevels brings every level to the present free capacity. The levels of single GPUs are the index's own counts.
func (c *causes) moveLevels(e *Engine, changed []int32) {
	for i := range c.levels {
		l := &c.levels[i]
		if l.podGPUs != 1 {
			continue
		}
		if v := c.cl.Free(uint32(l.partition), l.mask); v != l.value {
			c.settle(l, e.now)
			l.value = v
		}
	}
	if !c.pods {
		return
	}
	for _, node := range changed {
		for _, i := range c.byNode[node] {
			l := &c.levels[i]
			if s := c.share(l, node); s != l.share[node] {
				c.settle(l, e.now)
				l.value += s - l.share[node]
				l.share[node] = s
			}
		}
	}
}
