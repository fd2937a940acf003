package wasm

import (
	"strings"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Preempter is a guest that says who may yield.
type Preempter struct {
	*guest
	mark []bool // by job slot, during a call: a candidate that has not been named yet
}

// NewPreempter makes an instance of a module that exports sched1_preempt.
func (m *Module) NewPreempter(o Options) (*Preempter, error) {
	if !m.Has(sched1.HookPreempt) {
		return nil, loadError(m.Name, "it exports no %s, so it preempts nobody; it has %s", sched1.HookPreempt, strings.Join(m.Hooks, ", "))
	}
	g, err := m.newGuest(o)
	if err != nil {
		return nil, err
	}
	return &Preempter{guest: g}, nil
}

// Observe follows the simulation.
func (p *Preempter) Observe(v *state.View, events []state.Event) error { return p.observe(v, events) }

// Why is what its preemptions are told to be for: the guest does not say.
func (p *Preempter) Why() state.PreemptKind { return state.PreemptOther }

// Victims asks the guest. One that has fallen lets nobody yield.
func (p *Preempter) Victims(v *state.View, job int32, candidates []int32) (n int, again state.Time, err error) {
	ok, err := p.try(v, func() error {
		n, err = p.ask(v, job, candidates)
		return err
	})
	if !ok {
		n = 0
	}
	return n, state.Never, err
}

func (p *Preempter) ask(v *state.View, job int32, candidates []int32) (int, error) {
	if err := p.deliver(v); err != nil {
		return 0, err
	}
	in := p.in
	if err := in.sync(v, &p.mirror, v.Capacity.(*cluster.Cluster)); err != nil {
		return 0, err
	}
	if want := uint32(len(candidates)); want > in.desc.idxCap {
		in.desc.idxCap = doubled(in.desc.idxCap, want)
		if err := in.layout(); err != nil {
			return 0, err
		}
		if err := in.sync(v, &p.mirror, v.Capacity.(*cluster.Cluster)); err != nil {
			return 0, err
		}
	}
	copy(in.view[in.desc.idx:], bytesOfSlots(candidates))
	in.refuel(len(candidates))
	p.enter(v, 0, 0)
	in.stack[0], in.stack[1] = uint64(uint32(job)), uint64(len(candidates))
	n, err := in.call(in.hooks[sched1.HookPreempt])
	if err == nil {
		err = p.went(len(candidates))
	}
	if err != nil {
		return 0, err
	}
	return p.take(v, int(n), candidates)
}

// take reads the guest's answer in place of the candidates: each at most once, and nobody else.
func (p *Preempter) take(v *state.View, n int, candidates []int32) (int, error) {
	in := p.in
	if n < 0 || n > len(candidates) {
		return 0, in.abi(KindABI, "it named %d of %d candidates", n, len(candidates))
	}
	for len(p.mark) < v.Jobs.Len() {
		p.mark = append(p.mark, false)
	}
	for _, c := range candidates {
		p.mark[c] = true
	}
	defer func(all []int32) {
		for _, c := range all {
			p.mark[c] = false
		}
	}(append([]int32(nil), candidates...))
	for i := range n {
		job := in.u32(in.desc.idx + uint32(4*i))
		if int64(job) >= int64(len(p.mark)) || !p.mark[job] {
			return 0, in.abi(KindABI, "it named job slot %d, which is no candidate or was named before", job)
		}
		p.mark[job] = false
		candidates[i] = int32(job)
	}
	return n, nil
}

// ClonePreempter copies the guest for a fork.
func (p *Preempter) ClonePreempter() (hook.Preempter, error) {
	g, err := p.clone()
	if err != nil {
		return nil, err
	}
	return &Preempter{guest: g}, nil
}

var _ hook.Preempter = (*Preempter)(nil)
