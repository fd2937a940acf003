package wasm_test

import (
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/sim/state"
)

// values listens to a policy's own series.
type values struct{ sum, n int64 }

func (s *values) Kinds() state.KindSet { return state.Kinds(state.EvMetric) }
func (s *values) Observe(b *state.Batch) {
	for i := range b.Events {
		if ev := &b.Events[i]; ev.Kind == state.EvMetric && b.Names.Metrics.Name(ev.A) == "asked" {
			s.sum, s.n = s.sum+ev.X, s.n+1
		}
	}
}

// TestSeriesOfParts: a placement and an order bring values of their series at every pass, however many in a run.
func TestSeriesOfParts(t *testing.T) {
	h := newHost(t)
	m, err := h.Load("series.wasm", wat(t, `
		(import "sched1" "metric" (func $metric (param i32 i32 i64)))
		(data (i32.const 4096) "asked")
		(func $setup (call $policy (i32.const 4096) (i32.const 5) (global.get $DESC_KEYS_ALL)))
		(func (export "sched1_score") (param i32 i32 i32) (result i32) (call $metric (i32.const 4096) (i32.const 5) (i64.const 1000)) (i32.const 0))
		(func (export "sched1_keys") (param i32) (result i32) (call $metric (i32.const 4096) (i32.const 5) (i64.const 1)) (i32.const 0))
		`), 64)
	if err != nil {
		t.Fatal(err)
	}
	guests := map[policies.Slot]*policies.Guest{}
	for _, slot := range policies.GuestSlots(m) {
		guests[slot] = &policies.Guest{Module: m, Options: options()}
	}
	p, err := policies.Build(policies.Spec{Guests: guests})
	if err != nil {
		t.Fatal(err)
	}
	defer policies.Close(p)
	w := small()
	for i := range int64(500) {
		w.Jobs = append(w.Jobs, trial.JobOf(20+i, 1, trial.Pods(1, 1, 0, 0)))
	}
	got := &values{}
	if _, err := trial.Run(w, p, got); err != nil {
		t.Fatal(err)
	}
	if scored, ordered := got.sum/1000, got.sum%1000; scored < 500 || ordered < 500 || scored+ordered != got.n {
		t.Errorf("%d values of the placement and %d of the order, %d in all", scored, ordered, got.n)
	}
}
