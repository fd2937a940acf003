package check

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// books are what queues of a quota tree use, from starts and ends alone.
type books struct {
	spec    *quota.Spec
	used    [][]int64 // by queue and resource
	told    [][]int64
	limit   [][]int64
	touched []int32
	started bool // the policy has started something at this instant
	off     bool // the tree was changed: where queues stand is not known from here
}

// Quota has the books of a tree checked as well. Call it before the first event.
func (c *Checker) Quota(spec *quota.Spec) {
	c.books = &books{spec: spec}
	for range spec.Queues {
		c.books.used = append(c.books.used, make([]int64, len(spec.Resources)))
		c.books.told = append(c.books.told, make([]int64, len(spec.Resources)))
		c.books.limit = append(c.books.limit, make([]int64, len(spec.Resources)))
	}
}

// quotaEvent follows an event that changes or tells what queues use.
func (c *Checker) quotaEvent(ev *state.Event, b *state.Batch) {
	k := c.books
	switch ev.Kind {
	case state.EvStart:
		k.move(ev, b, 1)
		k.started = k.started || ev.Flags&state.FlagOwn != 0
	case state.EvEnd, state.EvEvict:
		k.move(ev, b, -1)
	case state.EvQueueUse:
		k.told[ev.A][ev.B] = ev.X
		k.touched = append(k.touched, ev.A)
	case state.EvQueueLimit:
		k.limit[ev.A][ev.B] = ev.X
	case state.EvQueueSet:
		k.off = true
	}
}

// move books the parts of an attempt for its queue and those above.
func (k *books) move(ev *state.Event, b *state.Batch, sign int64) {
	for p := range b.EachPartOf(ev) {
		for r, res := range k.spec.Resources {
			var n int64
			switch gpus := int64(bits.OnesCount64(p.Mask)) * int64(p.Milli); {
			case res.Kind == quota.GPU && b.Nodes.Type[p.Node] == uint32(res.Type), res.Kind == quota.AnyGPU:
				n = gpus
			case res.Kind == quota.CPU:
				n = int64(p.CPU)
			case res.Kind == quota.Memory:
				n = int64(p.Mem)
			}
			for q := k.spec.Find(b.Names.Queues.Name(b.Jobs.Row[ev.Job].Queue)); n != 0 && q >= 0; q = k.spec.Queues[q].Parent {
				k.used[q][r] += sign * n
				k.touched = append(k.touched, q)
			}
		}
	}
}

// closeBooks compares what was told with what is, and with the limits, when an instant is over.
func (c *Checker) closeBooks() {
	k := c.books
	for _, q := range k.touched {
		for r := range k.spec.Resources {
			used := k.used[q][r]
			if used != k.told[q][r] {
				c.violate("quota", -1, "queue %q uses %d of %s (told: %d)", k.spec.Queues[q].Name, used, k.spec.Resources[r].Name, k.told[q][r])
				k.told[q][r] = used
			}
			if k.started && used > k.limit[q][r] && k.limit[q][r] >= 0 && c.wasWithin(q, r) {
				c.violate("quota", -1, "queue %q uses %d of %s after a start (it may have %d)", k.spec.Queues[q].Name, used, k.spec.Resources[r].Name, k.limit[q][r])
			}
		}
	}
	k.touched, k.started = k.touched[:0], false
}

// wasWithin reports whether a limit is one that every start keeps: what a cohort's queues keep to themselves does not count for it,
// and a cluster that lost nodes may have less than is in use.
func (c *Checker) wasWithin(q int32, r int) bool {
	k := c.books
	if k.spec.Rules == quota.Volcano {
		return false // its limits move with the cluster's nodes
	}
	for i := range k.spec.Queues {
		if k.spec.Queues[i].Parent == q && k.spec.Rules == quota.Kueue {
			return false
		}
	}
	return true
}

func (k *books) clone() *books {
	c := *k
	of := func(m [][]int64) [][]int64 {
		out := make([][]int64, len(m))
		for i := range m {
			out[i] = append([]int64(nil), m[i]...)
		}
		return out
	}
	c.used, c.told, c.limit, c.touched = of(k.used), of(k.told), of(k.limit), append([]int32(nil), k.touched...)
	return &c
}
