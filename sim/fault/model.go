package fault

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Each says what a process runs for.
type Each uint8

// The entities.
const (
	EachNode  Each = iota
	EachGPU        // one process for each GPU of a node: a node of 8 fails 8 times as often
	EachGroup      // nodes in a row of one pool fail together: a rack, a switch
)

// Process is an alternating renewal process for each of its entities: it lives for a draw of Life, fails of one of its causes, is
// repaired for a draw of that cause, and lives again. It runs in calendar time, whether the nodes are used or not.
type Process struct {
	Name   string // keys its streams
	Each   Each
	Group  int32    // EachGroup: nodes of a group
	Pools  []uint32 // of these pools; none: of all
	Life   rng.Dist // s
	Causes []Cause
}

// Cause is one reason to fail, with what comes of it.
type Cause struct {
	ID     uint8    // index of its name in Model.Names
	Weight int64    // relative, at least 0
	Repair rng.Dist // s from the end of detection until the node works again; 0: what runs on it is lost, the node works on
	Hang   float64  // share of these failures that show as a hang, 0 to 1; the others crash
	Slow   float64  // above 0: the node is not lost, it works at this share of its speed until it is repaired
}

// Recorded is a failure that is known from a record.
type Recorded struct {
	At, For state.Time
	Node    int32
	Cause   uint8
	Slow    float64
}

// Spares are nodes of a pool that stand by: one takes a failed node's place after Swap, and goes back when the failed one is
// repaired.
type Spares struct {
	Pool uint32
	N    int32
	Swap state.Time
}

// Isolation keeps a node that fails again and again out of use: after After failures Within so long it stays out For so long.
type Isolation struct {
	After       int32 // 0: never
	Within, For state.Time
}

// Model is all that a cluster's failures are drawn from.
type Model struct {
	Seed      uint64
	Names     []string // of causes
	Processes []Process
	Recorded  []Recorded // in order of At
	Spares    []Spares
	Isolation Isolation
	// Crash and Hang are how long it takes until a failure of the kind is found; until then what runs there stands still.
	Crash, Hang state.Time
	Jobs        Crash // of jobs, in their own running time
}

// mostCauses bounds the causes: one is a byte in an event, 0 being none.
const mostCauses = 250

// Validate says what cannot be simulated.
func (m *Model) Validate() error {
	if len(m.Names) > mostCauses {
		return fmt.Errorf("%d causes of failure (at most %d)", len(m.Names), mostCauses)
	}
	for i := range m.Processes {
		p := &m.Processes[i]
		var sum int64
		for k := range p.Causes {
			c := &p.Causes[k]
			sum += c.Weight
			if int(c.ID) >= len(m.Names) || c.Weight < 0 || !(c.Hang >= 0 && c.Hang <= 1) || !(c.Slow >= 0 && c.Slow < 1) || c.Repair == nil {
				return fmt.Errorf("failure process %q: cause %d cannot be drawn: %+v", p.Name, k, *c)
			}
			if err := c.Repair.Validate(); err != nil {
				if d, ok := c.Repair.(rng.Constant); !ok || d.Value != 0 {
					return fmt.Errorf("failure process %q: repair: %w", p.Name, err)
				}
			}
		}
		if p.Life == nil || sum <= 0 || p.Each == EachGroup && p.Group < 1 {
			return fmt.Errorf("failure process %q: got no life, no cause of a weight above 0, or a group of %d nodes", p.Name, p.Group)
		}
		if err := p.Life.Validate(); err != nil {
			return fmt.Errorf("failure process %q: %w", p.Name, err)
		}
	}
	return m.Jobs.validate(len(m.Names))
}
