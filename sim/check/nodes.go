package check

import (
	"fmt"
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

const whole = 1000

// nodes is the occupancy rebuilt from parts.
type nodes struct {
	list []node
	now  state.Time
	used int64      // thousandths of GPUs held
	time state.Wide // thousandths of a GPU x ns held until now
}

type node struct {
	known    bool
	flags    uint32
	parts    int32
	cpu, mem int64
	device   []uint16 // thousandths in use
}

func (n *nodes) advance(t state.Time) {
	if t > n.now {
		n.time.AddMul(n.used, int64(t-n.now))
		n.now = t
	}
}

func (c *Checker) nodeEvent(ev *state.Event, cols *state.Nodes) {
	for int(ev.Node) >= len(c.nodes.list) {
		c.nodes.list = append(c.nodes.list, node{})
	}
	n := &c.nodes.list[ev.Node]
	if !n.known {
		if ev.Kind != state.EvNodeUp {
			c.violate("node", -1, "node %d changes before it comes up for the first time", ev.Node)
		}
		n.known, n.device = true, make([]uint16, cols.GPUsTotal[ev.Node])
	}
	n.flags = uint32(ev.Z)
	if up := n.flags&state.NodeUp != 0; up != (ev.Kind == state.EvNodeUp) && ev.Kind != state.EvNodeFlags {
		c.violate("node", -1, "node %d comes or goes with flags %#x", ev.Node, n.flags)
	}
	if ev.Kind == state.EvNodeDown {
		c.down = append(c.down, ev.Node)
	}
}

// take books a part or says what is wrong with it; what is wrong is booked as well, so that it can be given back.
func (n *nodes) take(p *state.Part, cols *state.Nodes) string {
	if p.Node < 0 || int(p.Node) >= len(n.list) || !n.list[p.Node].known {
		return fmt.Sprintf("it gets a part of node %d, which never came up", p.Node)
	}
	s := &n.list[p.Node]
	what := ""
	if !state.NodeOpen(s.flags) {
		what = fmt.Sprintf("it gets a part of node %d, which is not open (flags %#x)", p.Node, s.flags)
	}
	if p.Mask != 0 && (p.Milli == 0 || p.Milli > whole) {
		what = fmt.Sprintf("it gets %d thousandths of devices %#x of node %d", p.Milli, p.Mask, p.Node)
	}
	for m := p.Mask; m != 0; m &= m - 1 {
		d := bits.TrailingZeros64(m)
		if d >= len(s.device) {
			what = fmt.Sprintf("it gets device %d of node %d, which has %d", d, p.Node, len(s.device))
			continue
		}
		if s.device[d] += p.Milli; s.device[d] > whole {
			what = fmt.Sprintf("device %d of node %d is given twice: %d thousandths are in use", d, p.Node, s.device[d])
		}
	}
	s.parts++
	s.cpu += int64(p.CPU)
	s.mem += int64(p.Mem)
	if p.CPU > 0 && s.cpu > int64(cols.CPUTotal[p.Node]) || p.Mem > 0 && s.mem > int64(cols.MemTotal[p.Node]) {
		what = fmt.Sprintf("node %d gives %d thousandths of a CPU and %d MiB (it has %d and %d)", p.Node, s.cpu, s.mem,
			cols.CPUTotal[p.Node], cols.MemTotal[p.Node])
	}
	n.used += int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
	return what
}

func (n *nodes) give(p *state.Part) {
	if p.Node < 0 || int(p.Node) >= len(n.list) || !n.list[p.Node].known {
		return // never booked
	}
	s := &n.list[p.Node]
	for m := p.Mask; m != 0; m &= m - 1 {
		if d := bits.TrailingZeros64(m); d < len(s.device) {
			s.device[d] -= p.Milli
		}
	}
	s.parts--
	s.cpu -= int64(p.CPU)
	s.mem -= int64(p.Mem)
	n.used -= int64(bits.OnesCount64(p.Mask)) * int64(p.Milli)
}

func (n *nodes) clone() nodes {
	c := *n
	c.list = append([]node(nil), n.list...)
	for i := range c.list {
		c.list[i].device = append([]uint16(nil), n.list[i].device...)
	}
	return c
}
