package place

import (
	"cmp"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// TypicalPod is one form of request with its share of all pods.
type TypicalPod struct {
	CPU   int64  // thousandths of a CPU
	GPUs  int32  // 0 = none
	Milli int32  // thousandths of each GPU
	Types uint64 // GPU types that it accepts; 0 = any
	Share float64
}

// TypicalPods counts pods by what they ask for. The zero value is empty.
type TypicalPods struct {
	count map[TypicalPod]int64
	total int64
}

// typicalShare is how many of all pods the typical ones cover, in hundredths.
const typicalShare = 95

// Add counts the pods of a job. A role that may be split is so many pods of one GPU.
func (t *TypicalPods) Add(roles []state.RoleSpec) {
	if t.count == nil {
		t.count = map[TypicalPod]int64{}
	}
	for i := range roles {
		p := podOf(&roles[i])
		form := TypicalPod{CPU: p.cpu, GPUs: p.gpus, Milli: p.milli}
		if p.gpus > 0 {
			form.Types = roles[i].TypeMask
		}
		t.count[form] += int64(roles[i].Replicas)
		t.total += int64(roles[i].Replicas)
	}
}

// Total is the number of pods counted.
func (t *TypicalPods) Total() int64 { return t.total }

// List are the forms by count, the most frequent first, until 95 % of the pods are covered; their shares add up to 1. Among equal
// counts the larger CPU, share of a GPU, number of GPUs and types come first, as in the peer.
func (t *TypicalPods) List() []TypicalPod {
	type row struct {
		TypicalPod
		n int64
	}
	rows := make([]row, 0, len(t.count))
	for form, n := range t.count {
		rows = append(rows, row{form, n})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(b.CPU, a.CPU), cmp.Compare(b.Milli, a.Milli), cmp.Compare(b.GPUs, a.GPUs),
			cmp.Compare(b.Types, a.Types))
	})
	var covered int64
	k := 0
	for ; k < len(rows) && covered*100 < t.total*typicalShare; k++ {
		covered += rows[k].n
	}
	out := make([]TypicalPod, k)
	for i := range out {
		out[i] = rows[i].TypicalPod
		out[i].Share = float64(rows[i].n) / float64(covered)
	}
	return out
}

// clone returns an independent copy.
func (t *TypicalPods) clone() TypicalPods {
	c := TypicalPods{total: t.total, count: make(map[TypicalPod]int64, len(t.count))}
	for form, n := range t.count {
		c.count[form] = n
	}
	return c
}

// fragment is FGD's measure of a node: the thousandths of its GPUs that a pod drawn from the typical ones is expected to find
// useless. It is all that is free where the pod cannot run (it asks no GPU, or type, GPUs or CPU do not do), else what is free on
// GPUs with less than it asks of each. Memory is not looked at.
func fragment(typical []TypicalPod, typ uint32, cpu int64, left []uint16) float64 {
	var all int64
	for _, l := range left {
		all += int64(l)
	}
	if all == 0 {
		return 0
	}
	var f float64
	for i := range typical {
		p := &typical[i]
		lost := all
		if p.GPUs > 0 && p.CPU <= cpu && (p.Types == 0 || typ < state.MaxGPUTypes && p.Types>>typ&1 != 0) {
			if small, fits := tooSmall(left, uint16(p.Milli)); fits >= p.GPUs {
				lost = small
			}
		}
		f = float64(p.Share*float64(lost)) + f
	}
	return f
}

// tooSmall is what is left on devices with less than milli, and the number of the others.
func tooSmall(left []uint16, milli uint16) (small int64, fits int32) {
	for _, l := range left {
		if l < milli {
			small += int64(l)
		} else {
			fits++
		}
	}
	return small, fits
}
