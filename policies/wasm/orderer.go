package wasm

import (
	"strings"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// Orderer is a guest that says who is next.
type Orderer struct{ *guest }

// NewOrderer makes an instance of a module that exports sched1_keys.
func (m *Module) NewOrderer(o Options) (*Orderer, error) {
	if !m.Has(sched1.HookKeys) {
		return nil, loadError(m.Name, "it exports no %s, so it is no order; it has %s", sched1.HookKeys, strings.Join(m.Hooks, ", "))
	}
	g, err := m.newGuest(o)
	if err != nil {
		return nil, err
	}
	return &Orderer{g}, nil
}

// Observe follows the simulation.
func (o *Orderer) Observe(v *state.View, events []state.Event) error { return o.observe(v, events) }

// When are the guest's flags. One that has fallen is asked about all jobs, so that those with old keys get new ones.
func (o *Orderer) When() hook.Asked {
	switch {
	case o.fallen || o.in.desc.flags&sched1.DescKeysAll != 0:
		return hook.AskAll
	case o.in.desc.flags&sched1.DescKeysExpire != 0:
		return hook.AskExpired
	}
	return hook.AskJoined
}

// Keys asks the guest, as many jobs at a time as its buffers hold. A guest that has fallen orders by arrival.
func (o *Orderer) Keys(v *state.View, jobs []int32, keys []int64, until []state.Time) error {
	ok, err := o.try(v, func() error { return o.ask(v, jobs, keys, until) })
	if !ok {
		clear(keys)
		for i := range until {
			until[i] = state.Never
		}
	}
	return err
}

func (o *Orderer) ask(v *state.View, jobs []int32, keys []int64, until []state.Time) error {
	if err := o.deliver(v); err != nil {
		return err
	}
	in := o.in
	if err := in.sync(v, &o.mirror, v.Capacity.(*cluster.Cluster)); err != nil {
		return err
	}
	if want := uint32(len(jobs)); want > min(in.desc.outCap, in.desc.idxCap) && want <= 1<<16 {
		in.desc.outCap = doubled(in.desc.outCap, want)
		in.desc.idxCap = doubled(in.desc.idxCap, want)
		if err := in.layout(); err != nil {
			return err
		}
		if err := in.sync(v, &o.mirror, v.Capacity.(*cluster.Cluster)); err != nil {
			return err
		}
	}
	for len(jobs) > 0 {
		n := min(len(jobs), int(min(in.desc.outCap, in.desc.idxCap)))
		copy(in.view[in.desc.idx:], bytesOfSlots(jobs[:n]))
		in.refuel(n)
		o.enter(v, 0, 0)
		in.stack[0] = uint64(n)
		status, err := in.call(in.hooks[sched1.HookKeys])
		if err == nil {
			err = o.went(n)
		}
		if err == nil && status != 0 {
			err = in.abi(KindStatus, "it returned %d; 0 is success", status)
		}
		if err != nil {
			return err
		}
		copy(keys[:n], slice[int64](in.view[in.desc.out:], n))
		if in.desc.flags&sched1.DescKeysExpire != 0 {
			for i, t := range slice[int64](in.view[in.desc.out2:], n) {
				if until[i] = state.Time(t); t < 0 || until[i] > state.End {
					until[i] = state.Never
				}
			}
		}
		jobs, keys, until = jobs[n:], keys[n:], until[n:]
	}
	return nil
}

// CloneOrderer copies the guest for a fork.
func (o *Orderer) CloneOrderer() (hook.Orderer, error) {
	g, err := o.clone()
	if err != nil {
		return nil, err
	}
	return &Orderer{g}, nil
}

var _ hook.Orderer = (*Orderer)(nil)
