package wasm_test

import (
	"testing"

	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// twice starts every job that arrives two times, the second time in vain.
const twice = `
(data (i32.const 4096) "twice")
(func $setup (call $policy (i32.const 4096) (i32.const 5) (i32.const 0)))
(func (export "sched1_decide") (param $n i32) (result i32)
  (local $e i32) (local $d i32) (local $k i32) (local $i i32)
  (local.set $e (i32.load (global.get $desc.events_ptr)))
  (local.set $d (i32.load (global.get $desc.decisions_ptr)))
  (block $done
    (loop $events
      (br_if $done (i32.eqz (local.get $n)))
      (if (i32.eq (i32.load16_u (local.get $e)) (global.get $EV_ARRIVE))
        (then
          (local.set $i (i32.const 2))
          (loop $again
            (memory.fill (local.get $d) (i32.const 0) (i32.const 48))
            (i32.store16 (local.get $d) (global.get $DO_START))
            (i32.store (i32.add (local.get $d) (i32.const 4)) (i32.load (i32.add (local.get $e) (i32.const 4))))
            (i32.store (i32.add (local.get $d) (i32.const 8)) (i32.load (i32.add (local.get $e) (i32.const 8))))
            (i32.store (i32.add (local.get $d) (i32.const 12)) (i32.const -1))
            (local.set $d (i32.add (local.get $d) (i32.const 48)))
            (local.set $k (i32.add (local.get $k) (i32.const 1)))
            (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))
      (local.set $e (i32.add (local.get $e) (i32.const 32)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $events)))
  (local.get $k))
`

// TestARefusedStartHoldsNothing: what a start that is refused would have taken is there for the decisions behind it.
func TestARefusedStartHoldsNothing(t *testing.T) {
	m, err := newHost(t).Load("twice.wasm", wat(t, twice), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.NewScheduler(options(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := trial.World{Nodes: trial.NodesOf(1, 0, 2, 0, 0), Types: []string{"A"},
		Jobs: []state.JobSpec{trial.JobOf(0, 5, trial.AnyGPUs(1)), trial.JobOf(0, 5, trial.AnyGPUs(1))}}
	e, _, err := w.Engine(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(1); err != nil {
		t.Fatal(err)
	}
	if c := e.Counts(); c.Starts != 2 || c.Refused != 2 {
		t.Errorf("%d starts, %d refused; want two of each at the first instant", c.Starts, c.Refused)
	}
}
