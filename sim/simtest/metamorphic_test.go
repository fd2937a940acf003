package simtest

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/market"
	"github.com/orrery-sim/orrery/sim/state"
)

func starts(events []state.Event) map[uint64][]state.Time {
	m := map[uint64][]state.Time{}
	for i := range events {
		if events[i].Kind == state.EvStart {
			m[events[i].Number] = append(m[events[i].Number], events[i].Time)
		}
	}
	return m
}

func TestScalingAllTimesScalesEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pick(t)
		w := Random(p, FIFO{}).Fresh(false)
		w.Config.Estimates = 0
		end := state.Time(400)
		want, _ := whole(t, fresh(w), end)
		k := state.Time(1 + p(1000))
		specs := append([]state.JobSpec(nil), w.Specs...)
		for i := range specs {
			s := &specs[i]
			s.Submit *= k
			s.MaxRun *= k
			for _, f := range []*state.Time{&s.Duration, &s.Estimate, &s.Patience} {
				if *f > 0 && *f != state.Never {
					*f *= k
				}
			}
			if s.Estimate == 0 { // reads as 1 s
				s.Estimate = k * state.Second
			}
		}
		for i := range w.Specs {
			if w.Specs[i].Estimate == 0 {
				w.Specs[i].Estimate = state.Second
			}
			if w.Specs[i].Estimate == state.Unset && w.Specs[i].Duration == 0 {
				w.Specs[i].Estimate, specs[i].Estimate = state.Second, k*state.Second
			}
		}
		w.Config.Failures = scaledFailures(w.Config.Failures, 1)
		want, _ = whole(t, fresh(w), end)
		scaled := &World{Config: w.Config, Specs: specs}
		scaled = fresh(scaled)
		scaled.Config.Horizon *= k
		scaled.Config.Changes = append(scaled.Config.Changes[:0:0], w.Config.Changes...)
		for i := range scaled.Config.Changes {
			scaled.Config.Changes[i].At *= k
		}
		scaled.Config.Recoveries = append(scaled.Config.Recoveries[:0:0], w.Config.Recoveries...)
		for i := range scaled.Config.Recoveries {
			r := &scaled.Config.Recoveries[i]
			for _, f := range []*state.Time{&r.Every, &r.Write, &r.Restore, &r.Grace, &r.Protect, &r.Backoff, &r.WriteEach, &r.RestoreEach,
				&r.Lag, &r.Retry, &r.Restart} {
				if *f != state.Never {
					*f *= k
				}
			}
		}
		scaled.Config.Failures = scaledFailures(w.Config.Failures, k)
		scaled.Config.Markets = scaledMarkets(w.Config.Markets, k)
		got, _ := whole(t, scaled, end*k)
		if len(got) != len(want) {
			t.Fatalf("%d events, want %d", len(got), len(want))
		}
		for i := range got {
			g, o := &got[i], &want[i]
			if g.Kind != o.Kind || g.Number != o.Number || g.Time != o.Time*k || g.Kind == state.EvWaited && g.X != o.X*int64(k) {
				t.Fatalf("event %d: %+v, want %+v times %d", i, *g, *o, k)
			}
		}
	})
}

// scaledFailures are the recorded ones, times k. What is drawn or slow ends at rounded instants, which do not scale.
func scaledFailures(m *fault.Model, k state.Time) *fault.Model {
	if m == nil {
		return nil
	}
	c := *m
	c.Jobs, c.Crash, c.Recorded = fault.Crash{}, m.Crash*k, nil
	for _, r := range m.Recorded {
		if r.Slow == 0 {
			r.At, r.For = r.At*k, r.For*k
			c.Recorded = append(c.Recorded, r)
		}
	}
	return &c
}

func scaledMarkets(m *market.Model, k state.Time) *market.Model {
	if m == nil {
		return nil
	}
	x := m.Markets[0]
	x.Notice, x.Protect, x.Prices, x.Stock = x.Notice*k, x.Protect*k, slices.Clone(x.Prices), slices.Clone(x.Stock)
	for i := range x.Prices {
		x.Prices[i].At *= k
		x.Stock[i].At *= k
	}
	return &market.Model{Markets: []market.Market{x}}
}

func TestNamesOfNodesDecideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, w, end := drawWorld(t)
		want, digest := whole(t, w, end)
		r := fresh(w)
		r.Config.Nodes = append([]cluster.NodeSpec(nil), w.Config.Nodes...)
		for i := range r.Config.Nodes {
			r.Config.Nodes[i].Name = fmt.Sprintf("other%d", i)
		}
		got, other := whole(t, r, end)
		same(t, "renamed", got, want)
		if digest == other {
			t.Fatal("the digest does not know the nodes' names")
		}
	})
}

// TestMoreCapacityStartsNothingLater: under FIFO without preemption, jobs that any GPUs suit start no later on a larger
// cluster.
func TestMoreCapacityStartsNothingLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pick(t)
		var specs []state.JobSpec
		at := state.Time(0)
		for i := 1 + p(40); i > 0; i-- {
			at += state.Time(p(8))
			specs = append(specs, Job("j", at, state.Time(p(30)), int32(1+p(8))))
		}
		run := func(gpus uint32) map[uint64][]state.Time {
			w := fresh(&World{Specs: specs, Config: Random(func(int) int { return 0 }, FIFO{}).Config})
			w.Config.Policy = FIFO{}
			w.Config.Nodes = []cluster.NodeSpec{{Name: "n", GPUs: gpus}}
			events, _ := whole(t, w, 0)
			return starts(events)
		}
		n := uint32(8 + p(8))
		small, large := run(n), run(n+1+uint32(p(8)))
		for number, s := range small {
			if large[number][0] > s[0] {
				t.Fatalf("job %d starts at %d on %d GPUs and later, at %d, on more", number, s[0], n, large[number][0])
			}
		}
		if len(small) != len(specs) || len(large) != len(specs) {
			t.Fatalf("%d and %d of %d jobs started", len(small), len(large), len(specs))
		}
	})
}
