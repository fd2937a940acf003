package wasm_test

import (
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// waits sums what jobs waited for.
type waits [state.NumCauses]int64

func (w *waits) Kinds() state.KindSet { return state.Kinds(state.EvWaited) }
func (w *waits) Observe(b *state.Batch) {
	for i := range b.Events {
		if ev := &b.Events[i]; ev.Kind == state.EvWaited {
			w[ev.Cause] += ev.X
		}
	}
}

// TestNoScoreIsAChoice: a job that would fit, but whose every node has NO_SCORE, waits because the policy chose so; where nothing would
// fit anyhow it waits for capacity.
func TestNoScoreIsAChoice(t *testing.T) {
	m, err := newHost(t).Load("never.wasm", wat(t, `
		(data (i32.const 4096) "never")
		(func $setup (call $policy (i32.const 4096) (i32.const 5) (i32.const 0)))
		(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
		  (local $at i32)
		  (if (i32.eqz (local.get $job)) (then (return (i32.const 0)))) ;; the first job may start
		  (local.set $at (i32.load (global.get $desc.out_ptr)))
		  (loop $nodes
		    (i32.store (local.get $at) (i32.const 0x80000000))
		    (local.set $at (i32.add (local.get $at) (i32.const 4)))
		    (br_if $nodes (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
		  (i32.const 0))`), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewScorer(options())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := trial.World{Nodes: trial.NodesOf(2, 0, 2, 0, 0), Types: []string{"A"}, Horizon: 10 * state.Second, Jobs: []state.JobSpec{
		trial.JobOf(0, 4, trial.Pods(2, 2, 0, 0)), // all four GPUs until 4 s
		trial.JobOf(1, 1, trial.Pods(1, 1, 0, 0)),
	}}
	var got waits
	if _, err := trial.Run(&w, policies.NewPipelineOf(policies.Parts{Scorer: s}), &got); err != nil {
		t.Fatal(err)
	}
	if want := (waits{state.CauseCapacity: int64(3 * state.Second), state.CauseChoice: int64(6 * state.Second)}); got != want {
		t.Errorf("waited %v, want %v", got, want)
	}
}
