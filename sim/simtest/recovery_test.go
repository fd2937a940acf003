package simtest_test

import (
	"slices"
	"testing"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// Every ns in which a job held its GPUs is work, lost, overhead or standing still, and a job that finished has worked for
// its duration exactly, however often it lost its GPUs.
func TestEveryNanosecondOfAnAttemptIsInOneClass(t *testing.T) {
	evictions, finished := 0, 0
	for seed := range uint64(500) {
		s := rng.NewKey(seed, "recovery").Stream(0, 0)
		w := simtest.Random(func(n int) int { return s.IntN(n) }, simtest.Fickle{Preempts: true})
		c := check.New()
		cfg := w.Fresh(false).Config
		if m := cfg.Failures; m != nil { // at half the speed work and running are not the same
			whole := *m
			whole.Recorded = slices.Clone(m.Recorded)
			for i := range whole.Recorded {
				whole.Recorded[i].Slow = 0
			}
			cfg.Failures = &whole
		}
		r := &simtest.Recorder{}
		cfg.Listeners = []state.Listener{r, c}
		e, err := sim.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(1000); err != nil {
			t.Fatal(err)
		}
		e.Finish(e.Now())
		if err := c.Done(); err != nil {
			t.Fatal(err)
		}
		type account struct{ run, other int64 }
		jobs := map[uint64]*account{}
		of := func(ev *state.Event) *account {
			if jobs[ev.Number] == nil {
				jobs[ev.Number] = &account{}
			}
			return jobs[ev.Number]
		}
		lost := map[uint64]int64{} // told with the attempt that ends next
		for i := range r.Events {
			switch ev := &r.Events[i]; ev.Kind {
			case state.EvCost:
				of(ev).other += ev.X + ev.Y + int64(ev.Z)
				lost[ev.Number] = ev.Y
			case state.EvEvict:
				evictions++
				a := of(ev)
				a.run += ev.X
				if was, told := lost[ev.Number]; !told {
					a.other += ev.Y
				} else if was != ev.Y {
					t.Fatalf("job %d loses %d ns of running and %d of work at full speed", ev.Number, was, ev.Y)
				}
				delete(lost, ev.Number)
			case state.EvEnd:
				a := of(ev)
				a.run += int64(ev.Z)
				spec := &w.Specs[ev.Number]
				if ev.Outcome == spec.Outcome && state.EndReason(ev.Cause) == state.ReasonRecorded {
					finished++
					if a.run-a.other != int64(spec.Duration) {
						t.Fatalf("job %d of %d ns ran %d, of which %d were no work", ev.Number, spec.Duration, a.run, a.other)
					}
				}
			}
		}
	}
	if evictions < 50 || finished < 500 {
		t.Errorf("%d evictions and %d ends were looked at: too few to tell", evictions, finished)
	}
}
