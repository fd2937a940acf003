package policytest_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// ruled is a native order behind the hook, asked as when says.
type ruled struct {
	rule order.Rule
	when hook.Asked
	fail int // from which question on it fails; 0 = never
	n    int
}

var errRuled = errors.New("ruled: no more keys")

func (r *ruled) Name() string                             { return r.rule.String() }
func (r *ruled) Init(*state.View) error                   { return nil }
func (r *ruled) Observe(*state.View, []state.Event) error { return nil }
func (r *ruled) When() hook.Asked                         { return r.when }
func (r *ruled) CloneOrderer() (hook.Orderer, error)      { c := *r; return &c, nil }
func (r *ruled) Keys(v *state.View, jobs []int32, keys []int64, until []state.Time) error {
	if r.n++; r.fail > 0 && r.n >= r.fail {
		return errRuled
	}
	for i, job := range jobs {
		if v.Jobs.Row[job].State != state.JobQueued {
			return fmt.Errorf("asked about job slot %d, which does not wait", job)
		}
		keys[i] = r.rule.Key(v.Jobs, job, 0)
		until[i] = v.Now + state.Time(1+v.Jobs.Row[job].Number%3)*state.Second
	}
	return nil
}

// TestOrderBehindTheHook: an order that is asked in batches decides as the same order in the pipeline.
func TestOrderBehindTheHook(t *testing.T) {
	for _, when := range []hook.Asked{hook.AskJoined, hook.AskExpired, hook.AskAll} {
		t.Run(fmt.Sprint(when), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				rule := rapid.SampledFrom([]order.Rule{order.FIFO, order.SJF, order.LJF, order.Priority, order.SmallestFirst, order.LAS}).Draw(rt, "order")
				kind := rapid.SampledFrom([]backfill.Kind{backfill.None, backfill.Easy, backfill.Conserve}).Draw(rt, "backfill")
				if when == hook.AskExpired {
					kind = backfill.None // a pass at an expiry moves the expected ends of overrun jobs, which a backfill may use
				}
				w := policytest.DrawWorld(rt, rapid.SampledFrom([]policytest.Form{policytest.FormAnyGPUs, policytest.FormPods, policytest.FormGangs}).Draw(rt, "form"))
				parts := policies.Parts{Order: rule, Backfill: backfill.Rule{Kind: kind, Depth: 5}}
				want, err := policytest.Run(&w, policies.NewPipelineOf(parts), 0)
				if err != nil {
					rt.Fatal(err)
				}
				parts.Orderer = &ruled{rule: rule, when: when}
				got, err := policytest.Run(&w, policies.NewPipelineOf(parts), 0)
				if err != nil {
					rt.Fatal(err)
				}
				if got.Digest != want.Digest {
					rt.Fatalf("%s+%s: another run behind the hook\n%s", rule, parts.Backfill, w.String())
				}
			})
		})
	}
}

// TestAFailingHookEndsTheRun: with its error, and whatever the pass had taken given back.
func TestAFailingHookEndsTheRun(t *testing.T) {
	for _, w := range policytest.Worlds() {
		_, err := policytest.Run(&w, policies.NewPipelineOf(policies.Parts{Orderer: &ruled{fail: 2}}), 0)
		if err != nil && !errors.Is(err, errRuled) {
			t.Errorf("%s: %v", w.Name, err)
		}
	}
	w := policytest.World{Nodes: policytest.NodesOf(1, 0, 8, 0, 0), Types: []string{"A"},
		Jobs: []state.JobSpec{policytest.JobOf(0, 5, policytest.AnyGPUs(8)), policytest.JobOf(1, 5, policytest.AnyGPUs(8))}}
	if _, err := policytest.Run(&w, policies.NewPipelineOf(policies.Parts{Orderer: &ruled{fail: 2}}), 0); !errors.Is(err, errRuled) {
		t.Errorf("got %v", err)
	}
}

// TestAChangedPriorityIsAskedAbout: a waiting job whose priority a command changes gets a new key, whatever the order asks about.
func TestAChangedPriorityIsAskedAbout(t *testing.T) {
	w := policytest.World{Nodes: policytest.NodesOf(1, 0, 1, 0, 0), Types: []string{"A"}}
	for range 4 {
		w.Jobs = append(w.Jobs, policytest.JobOf(0, 5, policytest.AnyGPUs(1)))
	}
	run := func(parts policies.Parts) string {
		e, _, err := w.Engine(policies.NewPipelineOf(parts))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []sim.Command{{Kind: sim.CommandPriority, Job: 3, Priority: 9}, {Kind: sim.CommandPriority, Job: 2, Priority: 5}, {Kind: sim.CommandPriority, Job: 3, Priority: 1}} {
			if _, err := e.Apply(sim.Commands{At: e.Now() + state.Second, List: []sim.Command{c}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.Run(state.Never); err != nil {
			t.Fatal(err)
		}
		e.Finish(0)
		return e.Digest()
	}
	want := run(policies.Parts{Order: order.Priority})
	if fifo := run(policies.Parts{}); fifo == want {
		t.Fatal("priorities change nothing here: the test holds nothing")
	}
	for _, when := range []hook.Asked{hook.AskJoined, hook.AskExpired, hook.AskAll} {
		if got := run(policies.Parts{Orderer: &ruled{rule: order.Priority, when: when}}); got != want {
			t.Errorf("asked %d: another run than the native order's", when)
		}
	}
}
