package wasm_test

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// newHost is a host for one test.
func newHost(t testing.TB) *wasm.Host {
	t.Helper()
	h, err := wasm.NewHost("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// example is a committed guest.
func example(t testing.TB, h *wasm.Host, name, file string) *wasm.Module {
	t.Helper()
	m, err := h.ReadFile(filepath.Join("..", "sdk", "examples", name, file), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func options() wasm.Options { return wasm.Options{Budget: wasm.DefaultBudget()} }

// TestBestFit: each language's best fit decides as its native twin, and passes the suite that every policy passes.
func TestBestFit(t *testing.T) {
	h := newHost(t)
	for _, lang := range []string{"c", "rust", "assemblyscript", "zig", "wat"} {
		t.Run(lang, func(t *testing.T) {
			m := example(t, h, "best-fit-"+lang, "best-fit.wasm")
			guest := func(kind backfill.Kind) (state.Policy, error) {
				s, err := m.NewScorer(options())
				if err != nil {
					return nil, err
				}
				return policies.NewPipelineOf(policies.Parts{Backfill: backfill.Rule{Kind: kind, Depth: 5}, Scorer: s}), nil
			}
			policytest.Suite(t, policytest.Subject{New: func() (state.Policy, error) { return guest(backfill.None) }, Promises: policytest.Busy})
			rapid.Check(t, func(rt *rapid.T) {
				kind := rapid.SampledFrom([]backfill.Kind{backfill.None, backfill.Easy, backfill.Conserve}).Draw(rt, "backfill")
				w := policytest.DrawWorld(rt, rapid.SampledFrom([]policytest.Form{policytest.FormAnyGPUs, policytest.FormPods, policytest.FormGangs}).Draw(rt, "form"))
				want, err := policytest.Run(&w, policies.NewPipelineOf(policies.Parts{Backfill: backfill.Rule{Kind: kind, Depth: 5}, Scorer: &place.BestFitScan{}}), 0)
				if err != nil {
					rt.Fatal(err)
				}
				p, err := guest(kind)
				if err != nil {
					rt.Fatal(err)
				}
				got, err := policytest.Run(&w, p, 0)
				if err != nil {
					rt.Fatal(err)
				}
				if got.Digest != want.Digest {
					rt.Fatalf("another run than the native twin's\n%s", w.String())
				}
			})
		})
	}
}

// TestManyAtOnce: more jobs at one instant than one call is told of are told of in several, and decided as by the native part.
func TestManyAtOnce(t *testing.T) {
	w := policytest.World{Nodes: policytest.NodesOf(100, 0, 8, 0, 0), Types: []string{"A"}}
	for i := range 70_000 {
		w.Jobs = append(w.Jobs, policytest.JobOf(5, int64(1+i%9), policytest.AnyGPUs(int32(1+i%5))))
	}
	m := example(t, newHost(t), "fcfs-c", "fcfs.wasm")
	s, err := m.NewScheduler(options(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := policytest.Run(&w, s, 0)
	if err != nil {
		t.Fatal(err)
	}
	want, err := policytest.Run(&w, policies.NewPipeline(order.FIFO, backfill.Rule{}, place.FirstFit), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got.Digest != want.Digest {
		t.Error("another run than the native twin's")
	}
}
