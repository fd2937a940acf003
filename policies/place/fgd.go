package place

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/policies/hook"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// FGD is fragmentation gradient descent (Weng et al., ATC'23): a pod goes where it adds least to what typical pods could not use.
// A node's score is 100 sigmoid((F before - F after)/1000) without its fraction, F as in fragment; a share tries every GPU that
// fits and takes the one with the highest score, the lowest index among equals; whole GPUs are the lowest free ones.
//
// A node's score for a form of pod is computed again only when the node has changed.
type FGD struct {
	typical []TypicalPod
	learn   *TypicalPods // the pods that have arrived, where nobody said which are typical
	next    int64        // pods at which typical is taken from learn again

	seen  []snapshot // by node: what the scores in forms were computed on
	epoch uint32     // of typical
	forms []form
	index map[pod]int

	scores []int32
	masks  []uint64
	after  []uint16
}

// snapshot is a node as it was last looked at.
type snapshot struct {
	version uint32
	epoch   uint32
	cpu     uint32
	left    []uint16
	before  float64
}

// form is the answers for one form of pod, by node.
type form struct {
	version []uint32
	score   []int32
	mask    []uint64
}

// maxForms bounds the memory of answers; past it they are forgotten.
const maxForms = 1024

// firstTypical is the number of pods at which a list is made of those that have arrived; then at each doubling.
const firstTypical = 64

// NewFGD returns the placement "fgd" for a list of typical pods (TypicalPods.List). Without one, the pods that have arrived
// stand in: their list is made after 64 of them, and again whenever their number has doubled.
func NewFGD(typical []TypicalPod) *FGD {
	f := &FGD{typical: typical, index: map[pod]int{}}
	if len(typical) == 0 {
		f.learn, f.next = &TypicalPods{}, firstTypical
	}
	return f
}

// Name is the placement's name in scenarios.
func (f *FGD) Name() string { return "fgd" }

// Init has nothing to prepare.
func (f *FGD) Init(*state.View) error { return nil }

// Traits ask about the nodes that can hold the pod only, and pick devices for shares.
func (f *FGD) Traits() hook.Traits { return hook.Traits{Sparse: true, Picks: true} }

// Observe counts arrivals where nobody said which pods are typical.
func (f *FGD) Observe(v *state.View, events []state.Event) error {
	if f.learn == nil {
		return nil
	}
	for i := range events {
		if events[i].Kind == state.EvArrive {
			f.learn.Add(v.Shapes.Of(events[i].B))
		}
	}
	if f.learn.Total() >= f.next {
		f.typical, f.next = f.learn.List(), 2*f.learn.Total()
		f.epoch++
	}
	return nil
}

// Score rates the nodes that are asked about.
func (f *FGD) Score(q *hook.Question) ([]int32, []uint64, error) {
	f.scores, f.masks = f.scores[:0], f.masks[:0]
	p := podOf(&q.View.Shapes.Roles[q.Role])
	k := f.form(p, q.Cluster.Nodes().Len())
	for _, node := range q.Nodes {
		s := f.look(q.Cluster, node)
		if w := &f.forms[k]; w.version[node] != s.version {
			w.version[node] = s.version
			w.score[node], w.mask[node] = f.rate(q.Cluster.Nodes().Type[node], s, &p)
		}
		f.scores = append(f.scores, f.forms[k].score[node])
		f.masks = append(f.masks, f.forms[k].mask[node])
	}
	return f.scores, f.masks, nil
}

// form finds or makes the table of a form of pod.
func (f *FGD) form(p pod, nodes int) int {
	k, ok := f.index[p]
	if !ok {
		if len(f.forms) == maxForms {
			f.forms = f.forms[:0]
			clear(f.index)
		}
		k = len(f.forms)
		f.index[p] = k
		f.forms = append(f.forms, form{})
	}
	w := &f.forms[k]
	for len(w.version) < nodes {
		w.version, w.score, w.mask = append(w.version, 0), append(w.score, 0), append(w.mask, 0)
	}
	for len(f.seen) < nodes {
		f.seen = append(f.seen, snapshot{})
	}
	return k
}

// look brings a node's snapshot up to date.
func (f *FGD) look(c *cluster.Cluster, node int32) *snapshot {
	n, s := c.Nodes(), &f.seen[node]
	same := s.version > 0 && s.epoch == f.epoch && s.cpu == n.CPUFree[node]
	if s.left == nil {
		s.left = make([]uint16, n.GPUsTotal[node])
	}
	free, shared, first := n.FreeMask[node], c.SharedMask(node), n.FirstGPU[node]
	for d := range s.left {
		var l uint16
		if bit := uint64(1) << d; free&bit != 0 {
			l = cluster.Whole
		} else if shared&bit != 0 {
			l = uint16(c.SharedMilli(first, d))
		}
		if s.left[d] != l {
			s.left[d], same = l, false
		}
	}
	if !same {
		s.version++
		s.epoch, s.cpu = f.epoch, n.CPUFree[node]
		s.before = fragment(f.typical, n.Type[node], int64(s.cpu), s.left)
	}
	return s
}

// rate is the score of a node for a pod that it can hold, and for a share the device.
func (f *FGD) rate(typ uint32, s *snapshot, p *pod) (int32, uint64) {
	f.after = append(f.after[:0], s.left...)
	cpu := int64(s.cpu) - p.cpu
	if p.gpus == 1 && p.shares() {
		best, device := int32(-1), 0
		for d, l := range s.left {
			if int32(l) < p.milli || d > 0 && slices.Contains(s.left[:d], l) { // a GPU like an earlier one scores like it
				continue
			}
			f.after[d] -= uint16(p.milli)
			if score := gradient(s.before, fragment(f.typical, typ, cpu, f.after)); score > best {
				best, device = score, d
			}
			f.after[d] = l
		}
		return best, 1 << device
	}
	var mask uint64
	for need := p.gpus; need > 0; need-- { // those with the least left that fit first; for whole GPUs the lowest
		at := -1
		for d, l := range f.after {
			if mask>>d&1 == 0 && int32(l) >= p.milli && (at < 0 || l < f.after[at]) {
				at = d
			}
		}
		if at < 0 {
			break
		}
		mask |= 1 << at
	}
	for m := mask; m != 0; m &= m - 1 {
		f.after[bits.TrailingZeros64(m)] -= uint16(p.milli)
	}
	return gradient(s.before, fragment(f.typical, typ, cpu, f.after)), 0
}

// gradient is the score of a step from one fragmentation to another.
func gradient(before, after float64) int32 {
	return int32(1 / (1 + rng.Exp((after-before)/1000)) * 100)
}

// CloneScorer returns an independent copy; it computes its answers anew.
func (f *FGD) CloneScorer() (hook.Scorer, error) {
	c := NewFGD(f.typical)
	c.learn, c.next = nil, f.next
	if f.learn != nil {
		learn := f.learn.clone()
		c.learn = &learn
	}
	return c, nil
}

var _ hook.Scorer = (*FGD)(nil)
