package sdk

import (
	"context"
	"fmt"
	"testing"

	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/state"
)

// BenchmarkScore scores 10,000 nodes, without fuel: what a language's code costs.
func BenchmarkScore(b *testing.B) {
	const n = 10_000
	for _, e := range examples {
		if e.policy != "best-fit" {
			continue
		}
		b.Run(e.lang, func(b *testing.B) {
			g := load(b, code(b, e))
			g.layout(n)
			g.set(sched1.TableRoles, sched1.RolesPodGPUs, []uint32{1})
			f, ctx, stack := g.module.ExportedFunction(sched1.HookScore), context.Background(), make([]uint64, 3)
			for b.Loop() {
				stack[0], stack[1], stack[2] = 0, 0, n
				if err := f.CallWithStack(ctx, stack); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/node")
		})
	}
}

// BenchmarkSchedulers runs jobs of a load through whole schedulers and the native ones.
func BenchmarkSchedulers(b *testing.B) {
	const jobs = 100_000
	loads := map[string][]state.JobSpec{}
	run := func(name, preset string, make maker) {
		b.Run(fmt.Sprintf("%s/%s", name, preset), func(b *testing.B) {
			for b.Loop() {
				underLoad(b, loads[preset], make)
			}
			b.ReportMetric(float64(b.N)*jobs/b.Elapsed().Seconds(), "jobs/s")
		})
	}
	for _, preset := range []string{"swf-load", "swf-load-sizes"} {
		loads[preset] = drawn(b, preset, jobs)
		run("native-fcfs", preset, native(order.FIFO, backfill.None, place.FirstFit))
		run("native-easy", preset, native(order.FIFO, backfill.Easy, place.FirstFit))
		for _, e := range examples {
			if e.policy != "fcfs" && e.policy != "easy" {
				continue
			}
			m := module(b, code(b, e))
			run(e.name(), preset, func() (state.Policy, error) { return m.NewScheduler(options(), nil) })
		}
	}
}
