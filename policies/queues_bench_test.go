package policies_test

import (
	"fmt"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// 100,000 jobs wait from the start in 1,000 queues below 20: what a job costs from its arrival to its end.
func BenchmarkThousandQueues(b *testing.B) {
	for _, between := range []quota.Between{quota.Merged, quota.Fair} {
		for _, strategy := range []quota.Strategy{quota.ByPolicy, quota.StrictFIFO, quota.BestEffortFIFO} {
			b.Run(between.String()+"/"+fmt.Sprint("strategy=", strategy), func(b *testing.B) {
				for b.Loop() {
					thousand(b, between, strategy)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/job")
			})
		}
	}
}

func thousand(b *testing.B, between quota.Between, strategy quota.Strategy) {
	names := &state.Names{}
	names.Types.Intern([]byte("A"))
	spec := &quota.Spec{Rules: quota.Volcano, Between: between, Default: -1, Resources: []quota.Resource{{Name: "A", Kind: quota.GPU}}}
	for i := range 1020 {
		q := quota.Queue{Name: fmt.Sprint("q", i), Parent: -1, Deserved: []int64{200_000}, Capability: []int64{400_000}, Weight: 1e6}
		if i >= 20 {
			q.Parent, q.Deserved, q.Capability, q.Strategy = int32(i%20), []int64{4000}, []int64{16_000}, strategy
		}
		names.Queues.Intern([]byte(q.Name))
		spec.Queues = append(spec.Queues, q)
	}
	var nodes []cluster.NodeSpec
	for i := range 512 {
		nodes = append(nodes, cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: 8})
	}
	var jobs []state.JobSpec
	for i := range 100_000 {
		queue := int32(20 + i*7919%1000)
		jobs = append(jobs, simtest.Job("j", 0, state.Time(1+i*31%997)*state.Second, []int32{1, 1, 2, 4, 8}[i%5], func(j *state.JobSpec) { j.Queue = queue }))
	}
	p, err := policies.Build(policies.Spec{})
	if err != nil {
		b.Fatal(err)
	}
	e, err := sim.New(sim.Config{Names: names, Nodes: nodes, Quota: spec, Policy: p, Source: simtest.NewSource(jobs...)})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		b.Fatal(err)
	}
	if c := e.Counts(); c.Starts != 100_000 {
		b.Fatalf("%d jobs have started", c.Starts)
	}
}
