package sim_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/orrery-sim/orrery/internal/stopwatch"
	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/conveyor"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// BenchmarkThread is what a job takes of the engine's own thread, which is what bounds BenchmarkLoad where two cores are free: jobs from
// memory, listeners and digest on the other. It is for machines that others use: package stopwatch has how. x-bare is to the bare
// loop, measured likewise.
func BenchmarkThread(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // collections come between runs
	for _, l := range benchLoads(b, benchJobs) {
		jobs := l.bare()
		for _, r := range rules {
			b.Run(r.name+"/"+l.name, func(b *testing.B) {
				runtime.LockOSThread() // whose time is measured
				defer runtime.UnlockOSThread()
				var engine, bare stopwatch.Slices
				for b.Loop() {
					belt := conveyor.NewBelt()
					e := threadEngine(b, &l, r.kind, belt)
					engine.Run(func() bool {
						more, err := e.Steps(1000)
						if err != nil {
							b.Fatal(err)
						}
						return more
					})
					e.Finish(0)
					belt.Close()
					bare.Run(func() bool { bareWait(jobs, r.kind); return false })
				}
				b.ReportMetric(engine.NS()/float64(len(jobs)), "ns/job")
				b.ReportMetric(engine.NS()/bare.NS(), "x-bare")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func threadEngine(b *testing.B, l *load, kind backfill.Kind, belt *conveyor.Belt) *sim.Engine {
	cfg := sim.Config{Names: &state.Names{}, Source: &memory{specs: l.specs}, Listeners: []state.Listener{metric.New(metric.Config{})}, Conveyor: belt}
	cfg.Nodes = make([]cluster.NodeSpec, loadNodes)
	for i := range cfg.Nodes {
		cfg.Nodes[i] = cluster.NodeSpec{Name: "n", GPUs: loadGPUs / loadNodes}
	}
	cfg.Policy = policies.NewPipeline(order.FIFO, backfill.Rule{Kind: kind}, place.FirstFit)
	e, err := sim.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	return e
}
