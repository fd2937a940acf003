package simtest

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// pick draws from rapid.
func pick(t *rapid.T) Pick {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
}

// policyFor draws a test policy with any trigger.
func policyFor(p Pick) state.Policy {
	var trigger state.Trigger
	switch p(4) {
	case 2:
		trigger.Every = state.Time(1 + p(9))
	case 3:
		trigger.Coalesce = state.Time(1 + p(9))
	}
	switch p(4) {
	case 1:
		return Greedy{FIFO{Trigger: trigger}}
	case 2:
		return Fickle{Trigger: trigger}
	case 3:
		return Fickle{Trigger: trigger, Preempts: true}
	}
	return FIFO{Trigger: trigger}
}

func TestCausesAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pick(t)
		w := Random(p, policyFor(p))
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		end := w.Config.Horizon
		if end == 0 {
			end = state.Time(p(1000))
		}
		if err := w.Oracle.Drive(e, w.Record, end, func() bool { return p(2) == 1 }); err != nil {
			t.Fatal(err)
		}
	})
}
