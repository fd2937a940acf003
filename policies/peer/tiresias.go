package peer

import (
	"fmt"
	"slices"

	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Tiresias is the simulator of Tiresias (Gu et al., NSDI'19) under its orders without preemption. At one instant it takes
// ends, then arrivals, then schedules in order of arrival: under fifo the first job that does not fit blocks, under fjf
// ("first job that fits") it is skipped. Placement is count (one pool of GPUs) or yarn (see layout).
type Tiresias struct {
	skip   bool
	layout layout
	empty  vacant
	parts  []*backlog
	lanes  []int32
}

// NewTiresias returns the peer; skip is its order fjf. The placement is "count", "yarn", or "" for count.
func NewTiresias(skip bool, placement string) (*Tiresias, error) {
	t := &Tiresias{skip: skip}
	switch placement {
	case "", "count":
		t.layout = counted
	case "yarn":
		t.layout = yarned
	default:
		return nil, fmt.Errorf("%s: no placement %q (there are count and yarn)", t.name(), placement)
	}
	return t, nil
}

func (t *Tiresias) name() string {
	if t.skip {
		return "tiresias-fjf"
	}
	return "tiresias-fifo"
}

// Info names order and placement.
func (t *Tiresias) Info() state.Info {
	if t.layout == yarned {
		return state.Info{Name: t.name() + "+yarn"}
	}
	return state.Info{Name: t.name() + "+count"}
}

// Init has nothing to prepare.
func (t *Tiresias) Init(*state.View) error { return nil }

func (t *Tiresias) partition(id int32) *backlog {
	for int32(len(t.parts)) <= id {
		t.parts = append(t.parts, newBacklog(!t.skip))
	}
	return t.parts[id]
}

// Observe keeps the queues.
func (t *Tiresias) Observe(v *state.View, events []state.Event) {
	for i := range events {
		if ev := &events[i]; ev.Kind == state.EvQueue || ev.Kind == state.EvStart || ev.Kind == state.EvEnd {
			t.partition(v.Jobs.Row[ev.Job].Partition).follow(v.Jobs, ev, 0, turn(v.Jobs, ev))
		}
	}
}

// Pass schedules one partition.
func (t *Tiresias) Pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	b := t.partition(v.Partition)
	b.recall(v.Jobs, c.Nodes().Len())
	b.admit(v.Jobs)
	if t.skip {
		t.sweep(v, c, b, d)
	}
	for head := b.queue.Head(); head != nil; head = b.queue.Head() {
		e := *head
		switch {
		case !t.skip && t.start(v, c, b, e.Job, d):
		case drops(v, e.Job):
			b.reject(v.Jobs, e.Job, d)
		case !t.skip && !t.empty.holds(c, t.layout, t.request(v, e.Job)):
			b.setAside(v.Jobs, e)
		default:
			if d.Blocker = e.Job; !t.skip {
				d.FitCause = state.CauseOrder
			}
			return
		}
	}
}

func (t *Tiresias) request(v *state.View, job int32) *place.Request {
	return &place.Request{Partition: uint32(v.Partition), Roles: v.Shapes.Of(v.Jobs.Row[job].Shape)}
}

func (t *Tiresias) start(v *state.View, c *cluster.Cluster, b *backlog, job int32, d *state.Decisions) bool {
	mark := len(d.Parts)
	if !t.layout.place(c, t.request(v, job), &d.Parts) {
		return false
	}
	b.start(v.Jobs, job, mark, d)
	return true
}

// sweep starts, in order of arrival, whoever fits. There is a lane for each form of request, and free GPUs only shrink
// inside a sweep, so a lane whose first job does not fit is done.
func (t *Tiresias) sweep(v *state.View, c *cluster.Cluster, b *backlog, d *state.Decisions) {
	t.lanes = append(t.lanes[:0], b.queue.Lanes()...)
	for {
		var first *waiting.Entry
		at, kept := 0, t.lanes[:0]
		for _, lane := range t.lanes {
			if b.queue.LaneLen(lane) == 0 {
				continue
			}
			if e := b.queue.First(lane); first == nil || e.Before(first) {
				first, at = e, len(kept)
			}
			kept = append(kept, lane)
		}
		if t.lanes = kept; first == nil {
			return
		}
		if !t.start(v, c, b, first.Job, d) {
			t.lanes = append(t.lanes[:at], t.lanes[at+1:]...)
		}
	}
}

// Clone returns an independent copy.
func (t *Tiresias) Clone() (state.Policy, error) {
	c := *t
	c.empty, c.lanes = vacant{}, nil
	c.parts = slices.Clone(t.parts)
	for i := range c.parts {
		c.parts[i] = t.parts[i].clone()
	}
	return &c, nil
}

var _ state.Policy = (*Tiresias)(nil)
