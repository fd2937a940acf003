package preempt_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/state"
)

// trespass listens for jobs that run on kept nodes while they may not.
type trespass struct {
	kept []state.Reservation
	on   map[uint64][]int32 // nodes by job number
	from map[uint64]state.Time
	errs []error
}

func (t *trespass) Kinds() state.KindSet {
	return state.Kinds(state.EvStart, state.EvEnd, state.EvEvict)
}

func (t *trespass) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		if !t.Kinds().Has(ev.Kind) {
			continue
		}
		if ev.Kind == state.EvStart {
			t.from[ev.Number], t.on[ev.Number] = ev.Time, nil
			for p := range b.EachPartOf(ev) {
				t.on[ev.Number] = append(t.on[ev.Number], p.Node)
			}
			continue
		}
		for _, r := range t.kept {
			if r.Admits(&b.Jobs.Row[ev.Job]) || t.from[ev.Number] >= r.End || ev.Time <= r.Start || ev.Time == t.from[ev.Number] {
				continue
			}
			if slices.ContainsFunc(t.on[ev.Number], func(n int32) bool { return slices.Contains(r.Nodes, n) }) {
				t.errs = append(t.errs, fmt.Errorf("job %d runs from %d to %d on nodes %v; %v are kept from %d to %d", ev.Number, t.from[ev.Number], ev.Time,
					t.on[ev.Number], r.Nodes, r.Start, r.End))
			}
		}
		delete(t.on, ev.Number)
	}
}

// Where every job ends when it is expected to, nobody is met on nodes that are kept for others, whatever the parts, every job that can
// be placed ends, and no decision is refused.
func TestNobodyTrespasses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := policytest.DrawWorld(rt, rapid.SampledFrom([]policytest.Form{policytest.FormAnyGPUs, policytest.FormPods}).Draw(rt, "form"))
		w.Recoveries = nil
		for i := range w.Jobs {
			w.Jobs[i].Recovery, w.Jobs[i].Estimate = 0, w.Jobs[i].Duration
		}
		var kept []state.Reservation
		for range rapid.IntRange(1, 3).Draw(rt, "reservations") {
			start := rapid.Int64Range(0, 20).Draw(rt, "start_s")
			r := state.Reservation{Start: state.Time(start) * state.Second, End: state.Time(start+rapid.Int64Range(1, 15).Draw(rt, "length_s")) * state.Second,
				Queue: state.None, User: state.None, Ahead: true}
			if rapid.Bool().Draw(rt, "for_user") {
				r.User = 1
			}
			for n := range w.Nodes {
				if rapid.Bool().Draw(rt, "node") {
					r.Nodes = append(r.Nodes, int32(n))
				}
			}
			if len(r.Nodes) > 0 {
				kept = append(kept, r)
			}
		}
		name := rapid.SampledFrom([]string{"fifo+none+first-fit", "sjf+easy+best-fit", "fifo+easy+first-fit", "fifo+conservative+first-fit", "priority+conservative+consolidate",
			"priority+easy+first-fit+priority"}).Draw(rt, "policy")
		watch, c := &trespass{kept: kept, on: map[uint64][]int32{}, from: map[uint64]state.Time{}}, check.New()
		cfg := w.Config(policyOf(t, name), watch, c)
		if err := cfg.Reserve(kept); err != nil {
			rt.Fatal(err)
		}
		e, err := sim.New(cfg)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := e.Run(state.Never); err != nil {
			rt.Fatal(err)
		}
		waiting, running := e.Live()
		e.Finish(e.Now())
		if err := errors.Join(append(watch.errs, c.Done())...); err != nil {
			rt.Fatalf("%s, kept %+v\n%s%v", name, kept, w.String(), err)
		}
		if n := e.Counts(); waiting > int(n.NeverFits) || running > 0 || n.Refused > 0 {
			rt.Fatalf("%s, kept %+v: %d wait (%d never fit), %d run, %d decisions refused\n%s", name, kept, waiting, n.NeverFits, running, n.Refused, w.String())
		}
	})
}
