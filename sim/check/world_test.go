package check_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// Whatever the engine does in random worlds, in a fork of them, and under policies that are hostile on purpose, holds.
func TestRandomWorldsHaveNoViolation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		policies := []state.Policy{simtest.FIFO{}, simtest.Greedy{}, simtest.Fickle{Preempts: true}}
		w := simtest.Random(pick, policies[pick(len(policies))]).Fresh(false)
		w.Config.Listeners = append(w.Config.Listeners, check.New())
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(state.Time(pick(60))); err != nil {
			t.Fatal(err)
		}
		f, err := e.Fork()
		if err != nil {
			t.Fatal(err)
		}
		for name, e := range map[string]*sim.Engine{"parent": e, "fork": f} {
			if _, err := e.Run(state.Never); err != nil {
				t.Fatal(name, err)
			}
			e.Finish(state.Time(pick(400)))
		}
		for name, e := range map[string]*sim.Engine{"parent": e, "fork": f} {
			for _, l := range e.Listeners() {
				if c, ok := l.(*check.Checker); ok {
					if err := c.Done(); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
				}
			}
		}
	})
}
