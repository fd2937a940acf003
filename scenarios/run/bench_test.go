package run

import (
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/scenarios/conveyor"
	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// load is the benchmarks' jobs of a preset of scenarios/gen.
func load(b *testing.B, preset string, n int64) []state.JobSpec {
	spec, ok := gen.Preset(preset)
	if !ok {
		b.Fatalf("no preset %q", preset)
	}
	spec.Jobs = n
	src, err := gen.New(spec, 1, &state.Names{})
	if err != nil {
		b.Fatal(err)
	}
	specs := make([]state.JobSpec, n)
	for i := range specs {
		if ok, err := src.Next(&specs[i]); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
	return specs
}

// BenchmarkFolder compares a simulation with its figures alone to one that writes a run folder as well: jobs.parquet and
// series.parquet, and the same as CSV. Jobs come from memory; the stages before are in package sim.
func BenchmarkFolder(b *testing.B) {
	const jobs = 100_000
	writes := []struct {
		name   string
		folder *FolderOptions
	}{{"figures", nil}, {"parquet", &FolderOptions{}}, {"parquet+csv", &FolderOptions{CSV: true}}}
	for _, rule := range []string{"none", "easy"} {
		for _, l := range []struct{ name, preset string }{{"sizes=6", "swf-load"}, {"sizes=2048", "swf-load-sizes"}} {
			specs := load(b, l.preset, jobs)
			for _, w := range writes {
				b.Run(w.name+"/"+rule+"/"+l.name, func(b *testing.B) { benchmarkFolder(b, specs, rule, w.folder) })
			}
		}
	}
}

// convey runs a simulation with what Simulate has beside it.
func convey(b *testing.B, cfg sim.Config) {
	jobs, names := conveyor.NewAhead(cfg.Source, cfg.Names)
	defer jobs.Close()
	belt := conveyor.NewBelt()
	defer belt.Close()
	cfg.Source, cfg.Names, cfg.Conveyor = jobs, names, belt
	e, err := sim.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		b.Fatal(err)
	}
	e.Finish(e.Now())
}

func benchmarkFolder(b *testing.B, specs []state.JobSpec, rule string, opt *FolderOptions) {
	for b.Loop() {
		policy, err := policies.Build(policies.Spec{Backfill: rule})
		if err != nil {
			b.Fatal(err)
		}
		names := &state.Names{}
		names.Types.Intern([]byte("A"))
		listeners := []state.Listener{metric.New(metric.Config{})}
		var folder *Folder
		if opt != nil {
			if folder, err = CreateFolder(b.TempDir(), record(), names, *opt); err != nil {
				b.Fatal(err)
			}
			listeners = append(listeners, folder.Listeners()...)
		}
		nodes := make([]cluster.NodeSpec, 256)
		for i := range nodes {
			nodes[i] = cluster.NodeSpec{Name: "node", GPUs: 8}
		}
		convey(b, sim.Config{Names: names, Nodes: nodes, Source: simtest.NewSource(specs...), Policy: policy, Listeners: listeners})
		if folder != nil {
			if err := folder.Finish(record()); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(specs))/b.Elapsed().Seconds(), "jobs/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(specs)), "ns/job")
}
