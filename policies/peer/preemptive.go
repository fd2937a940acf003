package peer

import (
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Preemptive is a peer's preemptive order. At each event all jobs, those that run and those that wait, are walked in its order; who
// fits into the GPUs that are left runs, and nobody blocks. See srtf, bySize, byRemaining, leveled and byIndex.
type Preemptive struct {
	name   string
	rule   ruler
	layout layout
	every  state.Time
	truth  bool
	parts  []*greedy
}

// NewHeliosSRTF returns the preemptive order of the Helios simulator, with ticks of a second and its placement.
func NewHeliosSRTF() *Preemptive {
	return &Preemptive{name: "helios-srtf", rule: srtf{}, layout: consolidated, every: state.Second, truth: true}
}

// TiresiasOrders are the preemptive orders of the Tiresias simulator, without gittins.
func TiresiasOrders() []string {
	return []string{"dlas", "dlas-gpu", "shortest", "shortest-gpu", "sjf"}
}

// NewTiresiasPreemptive returns a preemptive order of the Tiresias simulator, placed on any free GPUs (count).
func NewTiresiasPreemptive(order string) (*Preemptive, error) {
	p := &Preemptive{name: "tiresias-" + order, layout: counted}
	switch order {
	case "sjf":
		p.rule = bySize{}
	case "shortest":
		p.rule, p.truth = byRemaining{}, true
	case "shortest-gpu":
		p.rule, p.truth = byRemaining{area: true}, true
	case "dlas":
		p.rule = leveled{}
	case "dlas-gpu":
		p.rule = leveled{area: true}
	default:
		return nil, fmt.Errorf("tiresias: no preemptive order %q (there are %q and gittins)", order, TiresiasOrders())
	}
	return p, nil
}

// NewTiresiasGittins returns the order by Gittins index.
func NewTiresiasGittins(h *History) *Preemptive {
	return &Preemptive{name: "tiresias-gittins", layout: counted, rule: byIndex{leveled{area: true}, h}}
}

// Info names the order; those by remaining time know true durations.
func (p *Preemptive) Info() state.Info {
	return state.Info{Name: p.name, Trigger: state.Trigger{Every: p.every}, Clairvoyant: p.truth}
}

// Init has nothing to prepare.
func (p *Preemptive) Init(*state.View) error { return nil }

func (p *Preemptive) partition(id int32) *greedy {
	for int32(len(p.parts)) <= id {
		p.parts = append(p.parts, newGreedy(p.rule, p.layout))
	}
	return p.parts[id]
}

// Observe follows jobs and nodes.
func (p *Preemptive) Observe(v *state.View, events []state.Event) {
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case state.EvQueue, state.EvStart, state.EvStopping, state.EvEvict, state.EvEnd:
			p.partition(v.Jobs.Row[ev.Job].Partition).observe(v, ev)
		case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
			for _, g := range p.parts {
				g.dirty = true
			}
		}
	}
}

// Pass walks one partition, where something has happened.
func (p *Preemptive) Pass(v *state.View, d *state.Decisions) { p.partition(v.Partition).pass(v, d) }

// Clone returns an independent copy.
func (p *Preemptive) Clone() (state.Policy, error) {
	c := *p
	c.parts = slices.Clone(p.parts)
	for i := range c.parts {
		c.parts[i] = p.parts[i].clone()
	}
	return &c, nil
}

var _ state.Policy = (*Preemptive)(nil)
