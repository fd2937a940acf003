package peer

import (
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// BestFit is the openb simulator's BestFit. With s = (CPU left - CPU)/128000/2 + (GPU thousandths left - asked)/8000/2, a node's
// value is 100 (1 - s) without its fraction; values are stretched to 0..100 over the nodes that can hold the pod, in integers.
type BestFit struct{ scores []int32 }

// Name is the policy's name behind openb-.
func (b *BestFit) Name() string { return "best-fit" }

// Init has nothing to prepare.
func (b *BestFit) Init(*state.View) error { return nil }

// Observe has nothing to follow.
func (b *BestFit) Observe(*state.View, []state.Event) error { return nil }

// Traits ask about the nodes that can hold the pod.
func (b *BestFit) Traits() hook.Traits { return hook.Traits{Sparse: true} }

// Score rates the nodes that are asked about.
func (b *BestFit) Score(q *hook.Question) ([]int32, []uint64, error) {
	n, r := q.Cluster.Nodes(), &q.View.Shapes.Roles[q.Role]
	cpu, ask := uint32(r.CPUMilli), uint32(r.PodGPUs)*uint32(r.GPUMilli)
	if r.Flags&state.RoleSplit != 0 {
		cpu = uint32(cluster.ShareOf(r.CPUMilli, 1, r.Replicas))
	}
	lo, hi := int32(1<<30), int32(-1<<30)
	b.scores = b.scores[:0]
	for _, i := range q.Nodes {
		// Dividing by two is exact, so this is the peer's float64 in any order of its factors. What is asked may be more than is
		// left where CPUs are not modelled.
		s := 0.5*(float64(int64(n.CPUFree[i])-int64(cpu))/place.RatedCPU) + 0.5*(float64(int64(n.MilliFree[i])-int64(ask))/place.RatedMilli)
		v := int32(100 * (1 - s))
		b.scores = append(b.scores, v)
		lo, hi = min(lo, v), max(hi, v)
	}
	for k, v := range b.scores {
		if b.scores[k] = 0; hi > lo {
			b.scores[k] = (v - lo) * 100 / (hi - lo)
		}
	}
	return b.scores, nil, nil
}

// CloneScorer returns an independent copy.
func (b *BestFit) CloneScorer() (hook.Scorer, error) { return &BestFit{}, nil }

var _ hook.Scorer = (*BestFit)(nil)
