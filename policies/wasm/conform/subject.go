package conform

import (
	"errors"
	"slices"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// guest is what the kit sees of a guest in any slot.
type guest interface {
	Name() string
	Uses() []wasm.Use
	Report() wasm.Report
	StateHash() string
	Memory() int
	Wants() []string
	Flags() []string
	Inject(v *state.View, kind uint16)
	Close() error
}

// subject is a policy with the module's guests in its slots, as the engine sees it.
type subject struct {
	state.Policy
	guests []guest
	inject []uint16 // kinds of events that guests hear of beside the run's
	every  uint64   // passes between them
	passes uint64
	most   int        // decisions in one pass
	forks  []*subject // of the latest Clone
	closed bool
}

// newSubject puts a module's guests into their slots, beside the plainest native parts.
func newSubject(m *wasm.Module, o wasm.Options) (*subject, error) {
	s := &subject{}
	plain := func() *policies.Pipeline { return policies.NewPipeline(order.FIFO, backfill.Rule{}, place.FirstFit) }
	if m.Has(sched1.HookDecide) {
		d, err := m.NewScheduler(o, plain())
		if err != nil {
			return nil, err
		}
		s.Policy, s.guests = d, []guest{d}
		return s, nil
	}
	var parts policies.Parts
	if m.Has(sched1.HookKeys) {
		g, err := m.NewOrderer(o)
		if err != nil {
			return nil, err
		}
		parts.Orderer, s.guests = g, append(s.guests, g)
	}
	if m.Has(sched1.HookScore) {
		g, err := m.NewScorer(o)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		parts.Scorer, s.guests = g, append(s.guests, g)
	}
	if m.Has(sched1.HookPreempt) {
		g, err := m.NewPreempter(o)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		parts.Preempt, s.guests = g, append(s.guests, g)
	}
	s.Policy = policies.NewPipelineOf(parts)
	return s, nil
}

// suited is a world as the module can live in it: where it declares that it counts GPUs only, every job takes as many as it asks for
// wherever they are, and one at least.
func (s *subject) suited(w *trial.World) *trial.World {
	if !slices.Contains(s.guests[0].Flags(), "ANY_GPUS") {
		return w
	}
	c := *w
	c.Jobs = slices.Clone(w.Jobs)
	for i := range c.Jobs {
		c.Jobs[i].Roles = []state.RoleSpec{trial.AnyGPUs(int32(max(1, c.Jobs[i].GPUs())))}
	}
	return &c
}

// Pass lets guests hear of the injected events, then decides.
func (s *subject) Pass(v *state.View, d *state.Decisions) {
	if s.passes++; len(s.inject) > 0 && s.passes%s.every == 0 {
		for _, g := range s.guests {
			g.Inject(v, s.inject[int(s.passes/s.every)%len(s.inject)])
		}
	}
	s.Policy.Pass(v, d)
	s.most = max(s.most, len(d.List))
}

// Clone copies the subject for a fork and keeps the copy.
func (s *subject) Clone() (state.Policy, error) {
	p, err := s.Policy.Clone()
	if err != nil {
		return nil, err
	}
	c := *s
	c.Policy, c.guests, c.forks = p, nil, nil
	switch p := p.(type) {
	case *wasm.Scheduler:
		c.guests = []guest{p}
	case *policies.Pipeline:
		if g, ok := p.Parts().Orderer.(guest); ok {
			c.guests = append(c.guests, g)
		}
		if g, ok := p.Parts().Scorer.(guest); ok {
			c.guests = append(c.guests, g)
		}
		if g, ok := p.Parts().Preempt.(guest); ok {
			c.guests = append(c.guests, g)
		}
	}
	s.forks = append(s.forks, &c)
	return &c, nil
}

// Close frees the guests and those of the forks.
func (s *subject) Close() error {
	var errs []error
	for _, f := range s.forks {
		errs = append(errs, f.Close())
	}
	for _, g := range s.guests {
		errs = append(errs, g.Close())
	}
	return errors.Join(errs...)
}

// mark is what two runs of the same must agree in.
type mark struct {
	digest string
	calls  uint64
	fuel   uint64
	state  string
}

// mark is that of the guests now, of a run with a digest.
func (s *subject) mark(digest string) mark {
	m := mark{digest: digest}
	for _, g := range s.guests {
		r := g.Report()
		m.calls, m.fuel, m.state = m.calls+r.Calls, m.fuel+r.Fuel, m.state+g.StateHash()
	}
	return m
}

// differ says in what two marks differ, or "".
func (m mark) differ(o mark) string {
	switch {
	case m.digest != o.digest:
		return "decisions"
	case m.calls != o.calls:
		return "number of calls"
	case m.fuel != o.fuel:
		return "fuel"
	case m.state != o.state:
		return "memory or globals"
	}
	return ""
}

// outcome is a run of a fresh subject in a world.
type outcome struct {
	*subject
	rec  *trial.Record // nil: the run did not end
	err  error
	mark mark
}

// run runs a world with a fresh guest; with changes the subject before it begins. The caller closes it.
func (k *kit) run(w *trial.World, o wasm.Options, with func(*subject)) *outcome {
	s, err := newSubject(k.module, o)
	if err != nil {
		return &outcome{subject: &subject{}, err: err}
	}
	if with != nil {
		with(s)
	}
	out := &outcome{subject: s}
	if out.rec, out.err = trial.Run(s.suited(w), s); out.err == nil {
		out.mark = s.mark(out.rec.Digest)
	}
	return out
}
