package policytest_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/sim/state"
)

// nodeByNode are the rules that go node by node; the others look for a domain first.
var nodeByNode = []place.Rule{place.FirstFit, place.BestFit, place.WorstFit, place.Consolidate, place.Spread, place.Random, place.AntiAffinity}

// The fast pipeline starts every job when the naive program does, on the same devices.
func TestPipelineIsItsDefinition(t *testing.T) {
	forms := map[string]policytest.Form{"any GPUs": policytest.FormAnyGPUs, "pods": policytest.FormPods, "gangs": policytest.FormGangs}
	for _, kind := range []backfill.Kind{backfill.None, backfill.Easy, backfill.Conserve} {
		for name, form := range forms {
			if form == policytest.FormGangs && kind != backfill.None {
				continue // role by role a gang may fail now and fit once less is free: a lane's first job does not speak for it
			}
			t.Run(fmt.Sprintf("%s, %s", backfill.Rule{Kind: kind}, name), func(t *testing.T) {
				rapid.Check(t, func(rt *rapid.T) {
					o := order.Rule(rapid.IntRange(0, len(order.Names())-1).Draw(rt, "order"))
					p := rapid.SampledFrom(nodeByNode).Draw(rt, "place")
					b := backfill.Rule{Kind: kind, Depth: rapid.SampledFrom([]int{1, 2, 5, 1000}).Draw(rt, "depth")}
					w := policytest.DrawWorld(rt, form)
					w.FreeEvictions() // the naive program writes no checkpoints
					compare(rt, &w, o, b, p)
				})
			})
		}
	}
}

type failer interface {
	Fatalf(format string, args ...any)
}

func compare(t failer, w *policytest.World, o order.Rule, b backfill.Rule, p place.Rule) {
	n := naive{world: w, order: o, backfill: b, place: p}
	starts, parts := n.run()
	rec, err := policytest.Run(w, policies.NewPipeline(o, b, p), policytest.Busy)
	if err != nil {
		t.Fatalf("%s+%s(%d)+%s: %v\n%s", o, b, b.Depth, p, err, w)
	}
	for i := range starts {
		if rec.Jobs[i].Start != starts[i] {
			t.Fatalf("%s+%s(%d)+%s: job %d starts at %v, by definition at %v\n%s", o, b, b.Depth, p, i, span(rec.Jobs[i].Start), span(starts[i]), w)
		}
		var want []policytest.Place
		for k := range parts[i] {
			want = append(want, policytest.Place{Node: int32(parts[i][k].node), Mask: parts[i][k].mask()})
		}
		if got := fmt.Sprint(rec.Jobs[i].Parts); got != fmt.Sprint(want) {
			t.Fatalf("%s+%s(%d)+%s: job %d is placed on %v, by definition on %v (node, devices)\n%s", o, b, b.Depth, p, i, got, want, w)
		}
	}
}

func span(t state.Time) string {
	if t == state.Unset {
		return "never"
	}
	return fmt.Sprint(float64(t) / 1e9)
}

// Cases that random worlds meet too rarely to rely on.
func TestPipelineInRareCases(t *testing.T) {
	guess := func(submit, length, estimate int64, r state.RoleSpec) state.JobSpec {
		j := policytest.JobOf(submit, length, r)
		j.Estimate = state.Time(estimate) * state.Second
		return j
	}
	gpus, pods := policytest.AnyGPUs, policytest.Pods
	for name, tc := range map[string]struct {
		order    order.Rule
		backfill backfill.Kind
		world    policytest.World
		start    []int64 // s, by job
	}{
		"a job that overtakes the head with the reservation moves its shadow time": {order.LJF, backfill.Easy, policytest.World{
			Nodes: policytest.NodesOf(1, 0, 8, 0, 0),
			Jobs: []state.JobSpec{guess(0, 4, 4, gpus(1)), guess(1, 1, 5, gpus(8)), guess(2, 1, 4, gpus(1)), guess(3, 9, 9, gpus(1)),
				guess(3, 1, 1, gpus(8))}}, []int64{0, 12, 3, 3, 13}},
		"a reservation that is a placement counts on jobs started in the same pass": {order.FIFO, backfill.Easy, policytest.World{
			Nodes: policytest.NodesOf(2, 0, 4, 0, 0),
			Jobs:  []state.JobSpec{guess(0, 5, 5, pods(1, 4, 0, 0)), guess(0, 2, 2, pods(1, 2, 0, 0)), guess(0, 5, 5, pods(2, 4, 0, 0)), guess(0, 6, 6, pods(1, 2, 0, 0))}},
			[]int64{0, 0, 5, 10}},
		"so does every reservation of conservative backfill": {order.FIFO, backfill.Conserve, policytest.World{
			Nodes: policytest.NodesOf(2, 0, 4, 0, 0),
			Jobs: []state.JobSpec{guess(0, 5, 5, pods(1, 4, 0, 0)), guess(0, 2, 2, pods(1, 2, 0, 0)), guess(0, 3, 3, pods(1, 4, 0, 0)), guess(0, 6, 6, pods(1, 2, 0, 0)),
				guess(0, 2, 2, pods(1, 2, 0, 0))}}, []int64{0, 0, 2, 5, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			b := backfill.Rule{Kind: tc.backfill, Depth: backfill.DefaultDepth}
			tc.world.Types = []string{"A"}
			compare(t, &tc.world, tc.order, b, place.FirstFit)
			rec, err := policytest.Run(&tc.world, policies.NewPipeline(tc.order, b, place.FirstFit), policytest.Busy)
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range tc.start {
				if rec.Jobs[i].Start != state.Time(want)*state.Second {
					t.Errorf("job %d starts at %s, want %d", i, span(rec.Jobs[i].Start), want)
				}
			}
		})
	}
}
