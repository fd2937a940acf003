package place

import (
	"math/bits"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// The openb simulator (Weng et al., ATC'23) measures nodes against the largest one that it knows, whatever the cluster holds.
const (
	RatedCPU   = 128000 // thousandths of a CPU
	RatedMilli = 8000   // thousandths of a GPU
)

// pod is what one pod asks for. Of a role that may be split it is one GPU with its share of CPU and memory.
type pod struct {
	cpu   int64 // thousandths
	gpus  int32
	milli int32 // of each GPU; 0 for a pod without
}

func podOf(r *state.RoleSpec) pod {
	p := pod{cpu: r.CPUMilli, gpus: r.PodGPUs, milli: r.GPUMilli}
	if r.Flags&state.RoleSplit != 0 {
		p.cpu, p.gpus = cluster.ShareOf(r.CPUMilli, 1, r.Replicas), 1
	}
	if p.gpus == 0 {
		p.milli = 0
	}
	return p
}

func (p *pod) total() int64 { return int64(p.gpus) * int64(p.milli) }
func (p *pod) shares() bool { return p.gpus > 0 && p.milli < cluster.Whole }

// rated are the nodes' scores by a formula of the openb simulator that looks at one node at a time.
type rated struct {
	name   string
	score  func(c *cluster.Cluster, node int32, p *pod) int32 `snapshot:"keep"`
	init   func(c *cluster.Cluster)                           `snapshot:"keep"`
	scores []int32
}

// NewDotProduct is the placement "dot-product": with d = (CPU left/128 x CPU asked/128 + GPUs left/8 x GPUs asked/8)/2 a node
// scores 100 (1 - d) without its fraction: a pod goes where it is least aligned with what is left.
func NewDotProduct() hook.Scorer { return &rated{name: "dot-product", score: dotProduct} }

// NewGPUPacking is the placement "gpu-packing": shared GPUs already in use before idle GPUs of nodes in use before idle nodes,
// small ones first. Pods without GPUs score 0 everywhere.
func NewGPUPacking() hook.Scorer { return &rated{name: "gpu-packing", score: gpuPacking} }

// NewGPUClustering is the placement "gpu-clustering": nodes that hold pods of the same kind only (shares, or so many whole GPUs),
// then among others, then idle nodes, then nodes that hold other kinds; in each the fullest. Pods without GPUs score 0 everywhere.
func NewGPUClustering() hook.Scorer {
	return &rated{name: "gpu-clustering", score: gpuClustering, init: (*cluster.Cluster).CountKinds}
}

// Name is the placement's name in scenarios.
func (s *rated) Name() string { return s.name }

// Init prepares what the formula looks at.
func (s *rated) Init(v *state.View) error {
	if s.init != nil {
		s.init(v.Capacity.(*cluster.Cluster))
	}
	return nil
}

// Observe has nothing to follow: a node's score is a function of what it holds.
func (s *rated) Observe(*state.View, []state.Event) error { return nil }

// Traits ask about the nodes that can hold the pod only.
func (s *rated) Traits() hook.Traits { return hook.Traits{Sparse: true} }

// Score rates the nodes that are asked about.
func (s *rated) Score(q *hook.Question) ([]int32, []uint64, error) {
	s.scores = s.scores[:0]
	p := podOf(&q.View.Shapes.Roles[q.Role])
	for _, node := range q.Nodes {
		s.scores = append(s.scores, s.score(q.Cluster, node, &p))
	}
	return s.scores, nil, nil
}

// CloneScorer returns an independent copy.
func (s *rated) CloneScorer() (hook.Scorer, error) {
	return &rated{name: s.name, score: s.score, init: s.init}, nil
}

func dotProduct(c *cluster.Cluster, node int32, p *pod) int32 {
	n := c.Nodes()
	cpu := float64(float64(n.CPUFree[node]) / RatedCPU * (float64(p.cpu) / RatedCPU))
	gpu := float64(float64(n.MilliFree[node]) / RatedMilli * (float64(p.total()) / RatedMilli))
	return int32(100 * (1 - (cpu+gpu)/2))
}

// The bands of gpu-packing are those of a score from 0 to 100: shared GPUs from 50 on, GPUs of used nodes from 33 on.
func gpuPacking(c *cluster.Cluster, node int32, p *pod) int32 {
	n := c.Nodes()
	free, all := int32(n.GPUsFree[node]), int32(n.GPUsTotal[node])
	if p.gpus == 0 {
		return 0
	}
	if free == all {
		return max(33-free, free)
	}
	// The GPUs with the least left first: shared ones that fit, then free ones.
	need, left := p.gpus, int32(0)
	if p.shares() {
		first := n.FirstGPU[node]
		for taken := uint64(0); need > 0; need-- {
			best, bestLeft := uint64(0), uint32(cluster.Whole+1)
			for m := c.SharedMask(node) &^ taken; m != 0; m &= m - 1 {
				if f := c.SharedMilli(first, bits.TrailingZeros64(m)); f >= uint32(p.milli) && f < bestLeft {
					best, bestLeft = m&-m, f
				}
			}
			if best == 0 {
				break
			}
			taken |= best
			left += int32(bestLeft) * 100 / cluster.Whole
		}
	}
	if need > 0 {
		return max(50-need, 33)
	}
	return max(100-left/10, 50)
}

func gpuClustering(c *cluster.Cluster, node int32, p *pod) int32 {
	if p.gpus == 0 {
		return 0
	}
	b := int32(25 * (RatedMilli - int64(c.Nodes().MilliFree[node])) / RatedMilli)
	kind := p.gpus
	if p.shares() {
		kind = cluster.ShareKind
	}
	switch kinds, same := c.Kinds(node), c.PodsOfKind(node, kind) > 0; {
	case same && kinds == 1:
		return b + 75
	case same:
		return b + 50
	case kinds == 0:
		return b + 25
	}
	return b
}
