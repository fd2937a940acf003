package fault

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// naive walks an attempt unit by unit: it works for every, writes for write, and so on.
func naive(c *Checkpoints, t state.Time) (worked, last state.Time, saved bool) {
	phase, writing := state.Time(0), false
	for now := c.Begin; now < t; now++ {
		phase++
		if !writing {
			worked++
			if phase == c.Every {
				writing, phase = true, 0
			}
		}
		if writing && phase == c.Write {
			writing, phase, last, saved = false, 0, now+1, true
		}
	}
	return worked, last, saved
}

func TestCheckpointsAgreeWithAWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := func(name string, lo, hi int64) state.Time { return state.Time(rapid.Int64Range(lo, hi).Draw(t, name)) }
		c := Checkpoints{Begin: gen("begin", -20, 20), Every: gen("every", 1, 12), Write: gen("write", 0, 5)}
		at := c.Begin + gen("span", 0, 80)
		worked, last, saved := naive(&c, at)
		if got := c.Worked(at); got != worked {
			t.Fatalf("%+v worked %d by %d, want %d", c, got, at, worked)
		}
		if c.Write > 0 { // a write of no length is complete when it begins, which the walk sees one step later
			if got, ok := c.Last(at); ok != saved || ok && got != last {
				t.Fatalf("%+v last checkpoint by %d at %d (%v), want %d (%v)", c, at, got, ok, last, saved)
			}
		}
		n := gen("more", 1, 60)
		end := c.After(at, n)
		if c.Worked(end) != worked+n || c.Worked(end-1) == worked+n {
			t.Fatalf("%+v: %d more work after %d is done at %d: worked %d, one before %d, want %d", c, n, at, end, c.Worked(end), c.Worked(end-1), worked+n)
		}
	})
}

func TestCheckpointsWithoutCycles(t *testing.T) {
	free, none := Checkpoints{Begin: 5, Write: 3}, Checkpoints{Begin: 5, Every: state.Never, Write: 3}
	for _, c := range []Checkpoints{free, none} {
		if c.Worked(25) != 20 || c.After(10, 7) != 17 || c.After(10, state.Never) != state.Never {
			t.Errorf("%+v: worked %d, after %d", c, c.Worked(25), c.After(10, 7))
		}
	}
	if at, ok := free.Last(25); at != 25 || !ok {
		t.Errorf("free: last %d %v", at, ok)
	}
	if _, ok := none.Last(25); ok {
		t.Error("none has a checkpoint")
	}
	long := Checkpoints{Every: 1, Write: state.End}
	if at := long.After(0, 100); at != state.Never {
		t.Errorf("a write that takes for ever ends at %d", at)
	}
}
