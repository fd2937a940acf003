package simtest_test

import (
	"testing"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// What Why says at the end of each instant, charged until the next, is what the engine charges.
func TestWhyIsWhatIsCharged(t *testing.T) {
	for seed := range uint64(150) {
		s := rng.NewKey(seed, "why").Stream(0, 0)
		w := simtest.Random(func(n int) int { return s.IntN(n) }, simtest.Fickle{Preempts: true})
		f := w.Fresh(false)
		e, err := sim.New(f.Config)
		if err != nil {
			t.Fatal(err)
		}
		got := map[uint64][state.NumCauses]int64{}
		for i := 0; i < 400; i++ {
			if more, err := e.Steps(1); err != nil {
				t.Fatal(err)
			} else if !more {
				break
			}
			next, ok := e.Peek()
			if !ok {
				break
			}
			for number := range uint64(len(w.Specs)) {
				why, _, ok := e.Why(number, -1)
				if !ok || why.State != state.JobHeld && why.State != state.JobQueued {
					continue
				}
				c := got[number]
				c[why.Cause] += int64(next - e.Now())
				got[number] = c
			}
		}
		e.Finish(e.Now())
		for number, want := range simtest.Waited(f.Record.Events) {
			if got[number] != want {
				t.Fatalf("seed %d, job %d: Why tells %v, charged is %v", seed, number, got[number], want)
			}
		}
	}
}
