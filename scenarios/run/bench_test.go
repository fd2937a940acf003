package run

import (
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// load is jobs of 1 to 32 GPUs that offer 1.05 times what 2,048 GPUs can do.
func load(n int) []state.JobSpec {
	s := rng.NewKey(1, "bench").Stream(0, 0)
	specs := make([]state.JobSpec, n)
	at := state.Time(0)
	for i := range specs {
		j := &specs[i]
		j.Reset()
		gpus, run := int32(1)<<s.IntN(6), state.Time(1+s.IntN(2000))*state.Second
		j.Name, j.Submit, j.Duration = []byte("job"), at, run
		j.Roles = []state.RoleSpec{simtest.Split(gpus)}
		at += state.Time(float64(run)*float64(gpus)/(1.05*2048)) / state.Second * state.Second
	}
	return specs
}

// BenchmarkFolder compares a simulation with its figures alone to one that writes a run folder as well.
func BenchmarkFolder(b *testing.B) {
	const jobs = 100_000
	specs := load(jobs)
	for name, opt := range map[string]*FolderOptions{"figures": nil, "folder": {}, "folder+csv": {CSV: true}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				policy, err := policies.Build(policies.Spec{})
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
				e, err := sim.New(sim.Config{Names: names, Nodes: nodes, Source: simtest.NewSource(specs...), Policy: policy, Listeners: listeners})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := e.Run(state.Never); err != nil {
					b.Fatal(err)
				}
				e.Finish(e.Now())
				if folder != nil {
					if err := folder.Finish(record()); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N)*jobs/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}
