package quota

import "math"

// Share is the part of its due that a queue uses, for Between: Fair. Volcano and PAI: the largest of used over due among the
// resources that it is due; a queue that is due nothing comes behind all others. Kueue: its weighted share with a request
// added; see dominant.
func (t *Tree) Share(queue int32) float64 {
	if t.stale[queue] {
		t.shares[queue], t.stale[queue] = t.shareOfDue(queue), false
	}
	return t.shares[queue]
}

func (t *Tree) shareOfDue(queue int32) float64 {
	share, due := 0.0, false
	for r := range t.spec.Resources {
		at := t.at(queue, int32(r))
		if t.owed[at] > 0 {
			due = true
			share = max(share, float64(t.used[at])/float64(t.owed[at]))
		}
	}
	if !due {
		return math.MaxFloat64
	}
	return share
}

// Dominant is the largest part of the cluster's resources that a queue uses, divided by its weight (Ghodsi et al., NSDI'11).
func (t *Tree) Dominant(queue int32) float64 {
	share := 0.0
	for r := range t.spec.Resources {
		if t.total[r] > 0 {
			share = max(share, float64(t.used[t.at(queue, int32(r))])/float64(t.total[r]))
		}
	}
	return weighted(share, t.spec.Queues[queue].Weight)
}

func weighted(share float64, weight int64) float64 {
	switch {
	case share == 0:
		return 0
	case weight == 0:
		return math.MaxFloat64
	}
	return share / (float64(weight) / 1e6)
}

// DRS is Kueue's share of a queue with a request of need more: what it would borrow of a resource, over what its parent could
// lend of it, in thousandths, the largest over resources, divided by its weight. GPU types are flavors of one resource.
func (t *Tree) DRS(queue int32, need []Amount) float64 {
	parent := t.spec.Queues[queue].Parent
	if parent < 0 {
		return 0
	}
	var borrowed, lendable [4]int64
	for r := range t.spec.Resources {
		kind, at := t.spec.Resources[r].Kind, t.at(queue, int32(r))
		use := t.flow[at]
		for i := range need {
			if need[i].Resource == int32(r) {
				use += need[i].N
			}
		}
		borrowed[kind] += max(0, use-t.subtree[at])
		lendable[kind] += t.potential(parent, int32(r))
	}
	share := 0.0
	for k := range borrowed {
		if borrowed[k] > 0 && lendable[k] > 0 {
			share = max(share, float64(borrowed[k]*1000)/float64(lendable[k]))
		}
	}
	return weighted(share, t.spec.Queues[queue].Weight)
}

// potential is what a cohort could use of a resource if nobody used anything.
func (t *Tree) potential(queue, r int32) int64 {
	at := t.at(queue, r)
	if t.spec.Queues[queue].Parent < 0 {
		return t.subtree[at]
	}
	local := int64(0)
	if t.coupled {
		local = t.local[at]
	}
	return min(local+t.potential(t.spec.Queues[queue].Parent, r), t.limit[at])
}

// Before compares two queues that both have a job that could be next, by what they would use with it: negative when a comes
// first. Queues below different ones are compared by those: by the first on which their paths from the root part.
func (t *Tree) Before(between Between, a, b int32, needA, needB []Amount) int {
	a, b = t.part(a, b)
	if a == b {
		return 0
	}
	if between == ByPriority {
		if p, q := t.spec.Queues[a].Priority, t.spec.Queues[b].Priority; p != q {
			return sign(p < q)
		}
	}
	var x, y float64
	switch {
	case between == DRF:
		x, y = t.Dominant(a), t.Dominant(b)
	case t.spec.Rules == Kueue:
		x, y = t.DRS(a, needA), t.DRS(b, needB)
	default:
		x, y = t.Share(a), t.Share(b)
	}
	if x != y {
		return sign(x > y)
	}
	return 0
}

func sign(later bool) int {
	if later {
		return 1
	}
	return -1
}

// part is the queues just below where the paths of a and b from the root part: a and b themselves, or some above them.
func (t *Tree) part(a, b int32) (int32, int32) {
	da, db := t.depths[a], t.depths[b]
	if t.spec.Queues[a].Parent == t.spec.Queues[b].Parent {
		return a, b
	}
	x, y := a, b
	for ; da > db; da-- {
		if x = t.spec.Queues[x].Parent; x == b {
			return b, b
		}
	}
	for ; db > da; db-- {
		if y = t.spec.Queues[y].Parent; y == a {
			return a, a
		}
	}
	for t.spec.Queues[x].Parent != t.spec.Queues[y].Parent {
		x, y = t.spec.Queues[x].Parent, t.spec.Queues[y].Parent
	}
	return x, y
}

// Need is what a class asks for, in the way in which it fits now.
func (t *Tree) Need(class int32) []Amount {
	c := &t.classes[class]
	if len(c.alts) > 1 {
		for _, alt := range c.alts {
			if ok, _ := t.Fits(class, alt); ok {
				return alt
			}
		}
	}
	return c.alts[0]
}
