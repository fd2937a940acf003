package policies

import (
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/pass"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Pipeline is the policy built from parts: an order, a backfill and a placement. Without backfill the head blocks.
type Pipeline struct {
	order    order.Rule
	backfill backfill.Rule
	place    place.Rule
	seed     uint64
	parts    []partition
}

type partition struct {
	*pass.Partition
	easy         *backfill.EASY
	conservative *backfill.Conservative
}

// NewPipeline builds a policy from its parts.
func NewPipeline(o order.Rule, b backfill.Rule, p place.Rule) *Pipeline {
	return &Pipeline{order: o, backfill: b, place: p}
}

// Info names the parts.
func (p *Pipeline) Info() state.Info {
	return state.Info{Name: p.order.String() + "+" + p.backfill.String() + "+" + p.place.String()}
}

// ReadsEstimates reports whether estimates change what the pipeline does.
func (p *Pipeline) ReadsEstimates() bool {
	return p.backfill.Kind != backfill.None || p.order == order.SJF || p.order == order.LJF
}

// Init keeps the seed for random placement.
func (p *Pipeline) Init(v *state.View) error {
	p.seed = v.Seed
	return nil
}

func (p *Pipeline) partition(id int32) *partition {
	for int32(len(p.parts)) <= id {
		rules := pass.Rules{Order: p.order, Place: p.place, Profile: p.backfill.Kind != backfill.None}
		n := partition{Partition: pass.NewPartition(rules, uint32(len(p.parts)), p.seed)}
		switch p.backfill.Kind {
		case backfill.Easy:
			n.easy = &backfill.EASY{}
		case backfill.Conserve:
			n.conservative = backfill.NewConservative(p.backfill.Depth)
		}
		p.parts = append(p.parts, n)
	}
	return &p.parts[id]
}

// interesting are the events that change who waits, who runs, or what is free.
const interesting = state.KindSet(1<<state.EvQueue | 1<<state.EvStart | 1<<state.EvEnd | 1<<state.EvEvict | 1<<state.EvPriority)

// Observe keeps queues and profiles.
func (p *Pipeline) Observe(v *state.View, events []state.Event) {
	for i := range events {
		ev := &events[i]
		switch {
		case interesting.Has(ev.Kind):
			p.partition(v.Jobs.Row[ev.Job].Partition).Observe(v, ev)
		case ev.Kind >= state.EvNodeUp && ev.Kind <= state.EvNodeFlags:
			for i := range p.parts {
				p.parts[i].Changed = true
				p.parts[i].Uneven = p.parts[i].Uneven || uneven(v.Shapes, int32(i))
			}
		}
	}
}

// uneven reports whether some live shape of a partition asks for more than any free GPUs: a new node of another type can make
// a request uneven that was not.
func uneven(s *state.Shapes, partition int32) bool {
	for i := range s.Live {
		if s.Live[i] > 0 && s.Partition[i] == partition && s.Flags[i]&state.ShapeAnyGPUs == 0 {
			return true
		}
	}
	return false
}

// Pass starts from the head on while jobs fit, then backfills behind the one that does not.
func (p *Pipeline) Pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	s := p.partition(v.Partition)
	if s.Rules().Profile {
		s.Overruns(v)
	}
	for {
		head := s.Queue.Head()
		if head == nil {
			return
		}
		if s.MayFit(v, c, head) && s.TryStart(v, c, head, d) {
			s.Changed = true // it may have overtaken the job that has a reservation
			continue
		}
		if v.DropUnfit && v.Jobs.Row[head.Job].FirstStart == state.Unset {
			s.Reject(v, head, d)
			continue
		}
		d.Blocker = head.Job
		switch {
		case s.easy != nil:
			d.FitCause = state.CauseReservation
			s.easy.Sweep(v, c, s.Partition, head, d)
		case s.conservative != nil:
			d.FitCause = state.CauseReservation
			s.conservative.Sweep(v, c, s.Partition, d)
		default:
			d.FitCause = state.CauseOrder
		}
		return
	}
}

// Clone returns an independent copy.
func (p *Pipeline) Clone() (state.Policy, error) {
	c := *p
	c.parts = make([]partition, len(p.parts))
	for i := range p.parts {
		c.parts[i] = partition{Partition: p.parts[i].Partition.Clone()}
		if p.parts[i].easy != nil {
			c.parts[i].easy = p.parts[i].easy.Clone()
		}
		if p.parts[i].conservative != nil {
			c.parts[i].conservative = p.parts[i].conservative.Clone()
		}
	}
	return &c, nil
}
