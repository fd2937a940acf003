package place

import (
	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/state"
)

// BestFitScan is best fit as a score of every node, behind the hook that WebAssembly guests use: the native twin to measure
// them against. For a pod with GPUs the score is -(wholly free GPUs x 131072 + free thousandths of GPUs), for one without
// -(free thousandths of a CPU), so that the fullest node wins.
type BestFitScan struct{ scores []int32 }

// scanUnit is more than the thousandths of any node's GPUs, 64 x 1000.
const scanUnit = 1 << 17

// Name is the placement's name in scenarios.
func (s *BestFitScan) Name() string { return "best-fit-scan" }

// Init has nothing to prepare.
func (s *BestFitScan) Init(*state.View) error { return nil }

// Observe has nothing to follow.
func (s *BestFitScan) Observe(*state.View, []state.Event) error { return nil }

// Traits ask for every node and every pod.
func (s *BestFitScan) Traits() hook.Traits { return hook.Traits{} }

// Score rates all nodes.
func (s *BestFitScan) Score(q *hook.Question) ([]int32, []uint64, error) {
	n := q.Cluster.Nodes()
	for len(s.scores) < n.Len() {
		s.scores = append(s.scores, 0)
	}
	scores := s.scores[:n.Len()]
	if q.View.Shapes.Roles[q.Role].PodGPUs == 0 {
		for i, cpu := range n.CPUFree {
			scores[i] = -int32(min(cpu, 1<<30))
		}
		return scores, nil, nil
	}
	free, milli := n.GPUsFree[:len(scores)], n.MilliFree[:len(scores)]
	for i := range scores {
		scores[i] = -int32(free[i]*scanUnit + milli[i])
	}
	return scores, nil, nil
}

// CloneScorer returns an independent copy.
func (s *BestFitScan) CloneScorer() (hook.Scorer, error) { return &BestFitScan{}, nil }

var _ hook.Scorer = (*BestFitScan)(nil)
