package policies_test

import (
	"os"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

func BenchmarkLoad(b *testing.B) {
	file := os.Getenv("ORRERY_LOAD")
	if file == "" {
		b.Skip("ORRERY_LOAD is not set")
	}
	for _, k := range []backfill.Kind{backfill.None, backfill.Easy} {
		b.Run(backfill.Rule{Kind: k}.String(), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				names := &state.Names{}
				src, _, err := trace.Open("swf", file, trace.Options{}, names)
				if err != nil {
					b.Fatal(err)
				}
				var nodes []cluster.NodeSpec
				for i := 0; i < 256; i++ {
					nodes = append(nodes, cluster.NodeSpec{Name: "n", GPUs: 8})
				}
				w := &waits{}
				col := metric.New(metric.Config{})
				e, err := sim.New(sim.Config{Names: names, Nodes: nodes, Source: src, Listeners: []state.Listener{w, col},
					Policy: policies.NewPipeline(order.FIFO, backfill.Rule{Kind: k}, place.FirstFit)})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := e.Run(state.Never); err != nil {
					b.Fatal(err)
				}
				e.Finish(0)
				n := e.Counts()
				b.ReportMetric(float64(n.Events)/float64(w.jobs), "events/job")
				b.ReportMetric(float64(n.Instants)/float64(w.jobs), "instants/job")
				b.ReportMetric(float64(n.Passes)/float64(w.jobs), "passes/job")
				b.ReportMetric(float64(w.wait)/1e9/float64(w.jobs), "wait-s")
				b.ReportMetric(float64(w.jobs)*float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
			}
		})
	}
}
