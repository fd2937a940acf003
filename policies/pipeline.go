package policies

import (
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/pass"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/waiting"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// Parts are what a pipeline is made of. Orderer and Scorer, where they are set, stand in for Order and Place.
type Parts struct {
	Order    order.Rule
	Backfill backfill.Rule
	Place    place.Rule
	Orderer  hook.Orderer
	Scorer   hook.Scorer
	Preempt  hook.Preempter // nil: nobody yields
}

// Pipeline is the policy built from parts: an order, a backfill and a placement. Without backfill the head blocks.
type Pipeline struct {
	parts  Parts
	scored *place.Scored // Scorer's placement, or nil
	seed   uint64
	sides  []partition
	err    error // of a hook; it ends the run at the next pass
	reader int   // of the quota tree's changes
	treed  bool  // there is a quota tree
	plain  bool  // all its queues make one list
}

type partition struct {
	*pass.Partition
	easy         *backfill.EASY
	conservative *backfill.Conservative
}

// NewPipeline builds a policy from native parts.
func NewPipeline(o order.Rule, b backfill.Rule, p place.Rule) *Pipeline {
	return NewPipelineOf(Parts{Order: o, Backfill: b, Place: p})
}

// NewPipelineOf builds a policy from parts.
func NewPipelineOf(parts Parts) *Pipeline {
	p := &Pipeline{parts: parts}
	if parts.Scorer != nil {
		p.scored = place.NewScored(parts.Scorer)
	}
	return p
}

// Parts are what the pipeline is made of; a clone has its own hooks.
func (p *Pipeline) Parts() Parts { return p.parts }

// Info names the parts.
func (p *Pipeline) Info() state.Info {
	order, place := p.parts.Order.String(), p.parts.Place.String()
	if p.parts.Orderer != nil {
		order = p.parts.Orderer.Name()
	}
	if p.scored != nil {
		place = p.scored.Name()
	}
	name := order + "+" + p.parts.Backfill.String() + "+" + place
	if p.parts.Preempt != nil {
		name += "+" + p.parts.Preempt.Name()
	}
	return state.Info{Name: name, Clairvoyant: clairvoyant(p.parts.Orderer) || clairvoyant(p.parts.Scorer) || clairvoyant(p.parts.Preempt)}
}

// clairvoyant reports whether a hook declares that it uses true durations.
func clairvoyant(h any) bool {
	c, ok := h.(interface{ Clairvoyant() bool })
	return ok && c.Clairvoyant()
}

// ReadsEstimates reports whether estimates change what the pipeline does.
func (p *Pipeline) ReadsEstimates() bool {
	return p.parts.Backfill.Kind != backfill.None || p.parts.Order == order.SJF || p.parts.Order == order.LJF || p.parts.Orderer != nil
}

// Init keeps the seed for random placement and prepares the hooks.
func (p *Pipeline) Init(v *state.View) error {
	p.seed = v.Seed
	if v.Quota != nil {
		t := v.Quota.(*quota.Tree)
		p.reader, p.treed, p.plain = t.Reader(), true, pass.Plain(t)
	}
	if p.parts.Orderer != nil {
		if err := p.parts.Orderer.Init(v); err != nil {
			return err
		}
	}
	if p.parts.Preempt != nil {
		if err := p.parts.Preempt.Init(v); err != nil {
			return err
		}
	}
	if p.scored != nil {
		return p.scored.Init(v)
	}
	return nil
}

func (p *Pipeline) rules() pass.Rules {
	return pass.Rules{Order: p.parts.Order, Place: p.parts.Place, Orderer: p.parts.Orderer, Scored: p.scored,
		Profile: p.parts.Backfill.Kind != backfill.None, Tree: p.treed, Plain: p.plain, Preempter: p.parts.Preempt}
}

func (p *Pipeline) partition(id int32) *partition {
	for int32(len(p.sides)) <= id {
		n := partition{Partition: pass.NewPartition(p.rules(), uint32(len(p.sides)), p.seed)}
		switch p.parts.Backfill.Kind {
		case backfill.Easy:
			n.easy = &backfill.EASY{}
		case backfill.Conserve:
			n.conservative = backfill.NewConservative(p.parts.Backfill.Depth)
		}
		p.sides = append(p.sides, n)
	}
	return &p.sides[id]
}

// interesting are the events that change who waits, who runs, or what is free.
const interesting = state.KindSet(1<<state.EvQueue | 1<<state.EvStart | 1<<state.EvEnd | 1<<state.EvEvict | 1<<state.EvPriority | 1<<state.EvStopping)

// Observe keeps queues and profiles.
func (p *Pipeline) Observe(v *state.View, events []state.Event) {
	for i := range events {
		ev := &events[i]
		switch {
		case interesting.Has(ev.Kind):
			p.partition(v.Jobs.Row[ev.Job].Partition).Observe(v, ev)
		case ev.Kind >= state.EvNodeUp && ev.Kind <= state.EvNodeFlags:
			for i := range p.sides {
				p.sides[i].Gained()
				p.sides[i].Uneven = p.sides[i].Uneven || uneven(v.Shapes, int32(i))
			}
		case ev.Kind == state.EvQueueSet:
			p.plain = pass.Plain(v.Quota.(*quota.Tree))
			for i := range p.sides {
				p.sides[i].Restrategise(v, ev.A, p.plain)
			}
		}
	}
	if p.parts.Orderer != nil && p.err == nil {
		p.err = p.parts.Orderer.Observe(v, events)
	}
	if p.parts.Preempt != nil && p.err == nil {
		p.err = p.parts.Preempt.Observe(v, events)
	}
	if p.scored != nil {
		p.scored.Observe(v, events)
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
	if s := p.partition(v.Partition); p.treed {
		p.scheduleWithin(v, s, d)
	} else {
		p.schedule(v, s, d)
	}
	if p.scored != nil && p.err == nil {
		p.err = p.scored.Err()
	}
	d.Fault = p.err
	for _, h := range []any{p.parts.Orderer, p.parts.Scorer, p.parts.Preempt} {
		if m, ok := h.(hook.Meter); ok {
			m.TakeMetrics(d)
		}
	}
}

func (p *Pipeline) schedule(v *state.View, s *partition, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	if s.Rules().Profile {
		s.Overruns(v)
	}
	if s.Rules().Orderer != nil && p.err == nil {
		if p.err = s.Rekey(v, d); p.err != nil {
			return
		}
	}
	for {
		head := s.Head(v)
		if head == nil {
			return
		}
		if s.MayFit(v, c, head) && s.TryStart(v, c, head, d) {
			s.Changed = true // it may have overtaken the job that has a reservation
			if p.treed {
				p.follow(v)
			}
			continue
		}
		if s.Rules().Preempter != nil && p.err == nil {
			made, err := s.Preempt(v, c, head, d)
			if p.err = err; made || err != nil {
				return
			}
			d.Again = d.Again || len(d.Parts) > 0 // who starts with this pass can yield in the next
		}
		if v.DropUnfit && v.Jobs.Row[head.Job].FirstStart == state.Unset {
			s.Reject(v, head, d)
			continue
		}
		p.sweep(v, c, s, head, d)
		return
	}
}

// sweep lets the backfill look behind a head that cannot start.
func (p *Pipeline) sweep(v *state.View, c *cluster.Cluster, s *partition, head *waiting.Entry, d *state.Decisions) {
	d.Blocker = head.Job
	excluded := p.scored != nil && p.scored.Excluded() && s.MayFit(v, c, head) // the head would fit, but for what the scorer refuses
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
	if excluded {
		d.FitCause = state.CauseChoice
	}
}

// Clone returns an independent copy, or the error of a hook that cannot be cloned.
func (p *Pipeline) Clone() (state.Policy, error) {
	c := *p
	var err error
	if p.parts.Orderer != nil {
		if c.parts.Orderer, err = p.parts.Orderer.CloneOrderer(); err != nil {
			return nil, err
		}
	}
	if p.parts.Preempt != nil {
		if c.parts.Preempt, err = p.parts.Preempt.ClonePreempter(); err != nil {
			return nil, err
		}
	}
	if p.scored != nil {
		if c.scored, err = p.scored.Clone(); err != nil {
			return nil, err
		}
		c.parts.Scorer = c.scored.Scorer()
	}
	c.sides = make([]partition, len(p.sides))
	for i := range p.sides {
		c.sides[i] = partition{Partition: p.sides[i].Partition.Clone(c.rules())}
		if p.sides[i].easy != nil {
			c.sides[i].easy = p.sides[i].easy.Clone()
		}
		if p.sides[i].conservative != nil {
			c.sides[i].conservative = p.sides[i].conservative.Clone()
		}
	}
	return &c, nil
}
