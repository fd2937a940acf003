package sdk

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/preempt"
	"github.com/orrery-sim/orrery/sim/state"
)

// preemptsAsPriority holds that a guest lets the same jobs yield as the native part, in drawn worlds with every form of request, and
// that it is held to what every policy is.
func preemptsAsPriority(t *testing.T, binary []byte) {
	m := module(t, binary)
	parts := func(o order.Rule, b backfill.Kind, p hook.Preempter) (state.Policy, error) {
		return policies.NewPipelineOf(policies.Parts{Order: o, Backfill: backfill.Rule{Kind: b, Depth: 5}, Preempt: p}), nil
	}
	evictions := uint64(0)
	rapid.Check(t, func(rt *rapid.T) {
		w := policytest.DrawWorld(rt, rapid.SampledFrom([]policytest.Form{policytest.FormAnyGPUs, policytest.FormPods, policytest.FormGangs}).Draw(rt, "form"))
		o := rapid.SampledFrom([]order.Rule{order.FIFO, order.Priority, order.SJF}).Draw(rt, "order")
		b := rapid.SampledFrom([]backfill.Kind{backfill.None, backfill.Easy, backfill.Conserve}).Draw(rt, "backfill")
		twin := func() (state.Policy, error) { return parts(o, b, preempt.Priority{}) }
		guest := func() (state.Policy, error) {
			g, err := m.NewPreempter(options())
			if err != nil {
				return nil, err
			}
			return parts(o, b, g)
		}
		if err := alike(&w, twin, guest); err != nil {
			rt.Fatalf("%v\n%s", err, w.String())
		}
		p, err := guest()
		if err != nil {
			rt.Fatal(err)
		}
		r, err := policytest.Run(&w, p, 0)
		if err != nil {
			rt.Fatal(err)
		}
		evictions += r.Counts.Evictions
	})
	if evictions == 0 {
		t.Error("nobody ever yielded")
	}
	policytest.Suite(t, policytest.Subject{Promises: policytest.Busy, New: func() (state.Policy, error) {
		g, err := m.NewPreempter(options())
		if err != nil {
			return nil, err
		}
		return parts(order.Priority, backfill.Easy, g)
	}})
}
