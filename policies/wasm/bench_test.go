package wasm_test

import (
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

// podsWorld is jobs of one pod of 1 to 8 GPUs on so many nodes, half of which are in use at a time.
func podsWorld(nodes, jobs int) *policytest.World {
	w := &policytest.World{Nodes: policytest.NodesOf(nodes, 0, 8, 0, 0), Types: []string{"A"}}
	for i := range jobs {
		j := policytest.JobOf(int64(i), int64(nodes)/2+int64(i*7919%nodes), policytest.Pods(1, int32(1+i*31%8), 0, 0))
		w.Jobs = append(w.Jobs, j)
	}
	return w
}

// BenchmarkWholeRun is whole runs on 10,000 nodes: guests beside their native twin, which looks at all nodes as they do, and beside
// the built-in that asks an index. x-twin is the ratio to the twin, measured in the same loop.
func BenchmarkWholeRun(b *testing.B) {
	w := podsWorld(10_000, 2_000)
	run := func(b *testing.B, p state.Policy) {
		if _, err := policytest.Run(w, p, 0); err != nil {
			b.Fatal(err)
		}
	}
	scorers := map[string]func() (hook.Scorer, error){"twin": func() (hook.Scorer, error) { return &place.BestFitScan{}, nil }}
	h := newHost(b)
	gofile := goGuest(b)
	for _, lang := range []string{"c", "rust", "zig", "assemblyscript", "wat"} {
		m := example(b, h, "best-fit-"+lang, "best-fit.wasm")
		scorers[lang] = func() (hook.Scorer, error) { return m.NewScorer(options()) }
	}
	scorers["go"] = func() (hook.Scorer, error) {
		m, err := h.ReadFile(gofile, wasm.DefaultBudget().MemoryPages)
		if err != nil {
			return nil, err
		}
		return m.NewScorer(options())
	}
	for _, name := range []string{"twin", "c", "rust", "zig", "assemblyscript", "wat", "go"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s, err := scorers[name]()
				if err != nil {
					b.Fatal(err)
				}
				run(b, policies.NewPipelineOf(policies.Parts{Scorer: s}))
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/2000, "ns/job")
		})
	}
	b.Run("indexed", func(b *testing.B) {
		for b.Loop() {
			run(b, policies.NewPipelineOf(policies.Parts{Place: place.BestFit}))
		}
		b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/2000, "ns/job")
	})
}
