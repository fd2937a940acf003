package wasm

import (
	"strings"
	"unsafe"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// scores reports whether the module places.
func (m *Module) scores() bool { return m.Has(sched1.HookScore) }

// Scorer is a guest that rates nodes.
type Scorer struct {
	*guest
	native []int32 // first-fit as scores, for a guest that has fallen
}

// NewScorer makes an instance of a module that exports sched1_score.
func (m *Module) NewScorer(o Options) (*Scorer, error) {
	if !m.Has(sched1.HookScore) {
		return nil, loadError(m.Name, "it exports no %s, so it is no placement; it has %s", sched1.HookScore, strings.Join(m.Hooks, ", "))
	}
	g, err := m.newGuest(o)
	if err != nil {
		return nil, err
	}
	return &Scorer{guest: g}, nil
}

// Observe follows the simulation.
func (s *Scorer) Observe(v *state.View, events []state.Event) error { return s.observe(v, events) }

// Traits are the guest's flags; what stands in for it answers as it would have been asked.
func (s *Scorer) Traits() hook.Traits {
	f := s.in.desc.flags
	return hook.Traits{Once: f&sched1.DescScoreOnce != 0, Sparse: f&sched1.DescSparse != 0, Picks: f&sched1.DescPicksGPUs != 0}
}

// Score asks the guest. What it returns lies in the guest's memory.
func (s *Scorer) Score(q *hook.Question) (scores []int32, masks []uint64, err error) {
	ok, err := s.try(q.View, func() error {
		scores, masks, err = s.ask(q)
		return err
	})
	if ok || err != nil {
		return scores, masks, err
	}
	n := q.Cluster.Nodes().Len()
	if s.Traits().Sparse {
		n = len(q.Nodes)
	}
	for i := len(s.native); i < n; i++ {
		s.native = append(s.native, -int32(i))
	}
	return s.native[:n], nil, nil
}

func (s *Scorer) ask(q *hook.Question) ([]int32, []uint64, error) {
	if err := s.deliver(q.View); err != nil {
		return nil, nil, err
	}
	in := s.in
	if err := in.sync(q.View, &s.mirror, q.Cluster); err != nil {
		return nil, nil, err
	}
	n := q.Cluster.Nodes().Len()
	if in.desc.flags&sched1.DescSparse != 0 {
		n = len(q.Nodes)
		copy(in.view[in.desc.idx:], bytesOfSlots(q.Nodes))
	}
	var flags uint32
	if q.Plan {
		flags = sched1.CtxPlan
	}
	in.refuel(n)
	s.enter(q.View, flags, 0)
	if in.desc.ctxSize >= sched1.CtxWant+4 {
		in.set32(in.desc.ctx+sched1.CtxPod, uint32(q.Pod))
		in.set32(in.desc.ctx+sched1.CtxWant, uint32(q.Want))
	}
	in.stack[0], in.stack[1], in.stack[2] = uint64(uint32(q.Job)), uint64(uint32(q.Role)), uint64(n)
	status, err := in.call(in.hooks[sched1.HookScore])
	if err == nil && status != 0 {
		err = in.abi(KindStatus, "it returned %d; 0 is success", status)
	}
	if err != nil {
		return nil, nil, err
	}
	out := in.desc.out
	scores := slice[int32](in.view[out:], n)
	if in.desc.flags&sched1.DescPicksGPUs == 0 {
		return scores, nil, nil
	}
	return scores, slice[uint64](in.view[in.desc.out2:], n), nil
}

// slice reads n numbers from a guest's memory in place; the place is aligned to their size.
func slice[T int32 | int64 | uint64](b []byte, n int) []T {
	if n == 0 {
		return nil
	}
	var zero T
	_ = b[n*int(unsafe.Sizeof(zero))-1]
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), n)
}

// bytesOfSlots is a list of slots as bytes.
func bytesOfSlots(s []int32) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), 4*len(s))
}

// CloneScorer copies the guest for a fork.
func (s *Scorer) CloneScorer() (hook.Scorer, error) {
	g, err := s.clone()
	if err != nil {
		return nil, err
	}
	return &Scorer{guest: g}, nil
}

var _ hook.Scorer = (*Scorer)(nil)
