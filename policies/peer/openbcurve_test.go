package peer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/peer"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// arrivals are pods in an order of their own, one a second, that never end.
type arrivals struct {
	roles []state.RoleSpec
	next  int
}

func (s *arrivals) Next(spec *state.JobSpec) (bool, error) {
	spec.Reset()
	if s.next == len(s.roles) {
		return false, nil
	}
	spec.Submit, spec.Duration = state.Time(s.next)*state.Second, state.Never
	spec.Roles = append(spec.Roles, s.roles[s.next])
	s.next++
	return true, nil
}

func (s *arrivals) Clone(*state.Names) (state.Source, error) {
	c := *s
	return &c, nil
}

// tuned draws an order of the pods of the default list, with pods drawn again until they ask for 130 % of all GPUs.
func tuned(t testing.TB, names *state.Names, seed uint64) *arrivals {
	t.Helper()
	src, _, err := trace.Open("openb", traceFile(t, "openb/openb_pod_list_default.csv.gz"), trace.Options{Sort: true}, names)
	if err != nil {
		t.Fatal(err)
	}
	var all []state.RoleSpec
	var job state.JobSpec
	asked := int64(0)
	ask := func(r *state.RoleSpec) int64 { return int64(r.PodGPUs) * int64(r.GPUMilli) }
	for {
		more, err := src.Next(&job)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		all = append(all, job.Roles[0])
		asked += ask(&job.Roles[0])
	}
	r := rand.New(rand.NewPCG(seed, 0))
	pods := all
	for asked < 6212*1300 {
		again := all[r.IntN(len(all))]
		pods = append(pods, again)
		asked += ask(&again)
	}
	r.Shuffle(len(pods), func(i, j int) { pods[i], pods[j] = pods[j], pods[i] })
	return &arrivals{roles: pods}
}

// TestOpenBCurves: the allocated share of all GPUs when 130 % of them have been asked for, against the published means of ten
// orders. The orders are ours, so a policy may be off by what orders differ.
func TestOpenBCurves(t *testing.T) {
	for _, tc := range []struct {
		scorer func(*state.Names) hook.Scorer
		want   float64
	}{
		{func(*state.Names) hook.Scorer { return place.NewDotProduct() }, 90.85},
		{func(*state.Names) hook.Scorer { return place.NewGPUClustering() }, 91.88},
		{func(*state.Names) hook.Scorer { return place.NewGPUPacking() }, 92.00},
		{bestFit, 93.08},
		{fgd(t), 95.39},
	} {
		const orders = 2
		var sum float64
		var name string
		for seed := range uint64(orders) {
			names := &state.Names{}
			c, err := trace.ReadNodes("openb", traceFile(t, "openb/openb_node_list_gpu_node.csv"), trace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			nodes := nodesOf(t, c, names)
			for i, at := range rand.New(rand.NewPCG(seed, 1)).Perm(len(nodes)) { // the peer shuffles them too: ties go by name
				nodes[i].Name = fmt.Sprintf("%04d-%s", at, nodes[i].Name)
			}
			p := peer.NewOpenB(tc.scorer(names))
			name = p.Info().Name
			l := run(t, sim.Config{Names: names, Nodes: nodes, Source: tuned(t, names, seed), Policy: p})
			used := 0.0
			for i := range l.jobs {
				if l.jobs[i].start != state.Unset {
					used += float64(l.jobs[i].asked)
				}
			}
			sum += used / 62120
		}
		t.Logf("%s: %.2f %%, published %.2f", name, sum/orders, tc.want)
		if math.Abs(sum/orders-tc.want) > 0.5 {
			t.Errorf("%s: %.2f %% of all GPUs allocated, published %.2f", name, sum/orders, tc.want)
		}
	}
}
