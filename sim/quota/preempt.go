package quota

// Within says who of its own queue a job may preempt.
type Within uint8

// The choices.
const (
	WithinNever Within = iota
	WithinLower        // jobs of lower priority
	WithinNewer        // those, and of equal priority those that were submitted later
	NumWithin   = iota
)

// Reclaim says whom of other queues a job may preempt whose queue wants its due.
type Reclaim uint8

// The choices.
const (
	ReclaimNever Reclaim = iota
	ReclaimLower         // jobs of lower priority
	ReclaimAny
	NumReclaim = iota
)

// Preemption is who must yield across a tree.
type Preemption struct {
	Within    Within
	Reclaim   Reclaim
	Borrow    bool  // Kueue: a job may preempt others' jobs of lower priority and borrow what they held
	Threshold int32 // Kueue: of such jobs only those up to this priority
	Siblings  bool  // PAI: jobs of lower priority in queues with the same parent
	Children  bool  // PAI: jobs of lower priority in the queues below
}

// Any reports whether anybody may be preempted.
func (p *Preemption) Any() bool {
	return p.Within != WithinNever || p.Reclaim != ReclaimNever || p.Siblings || p.Children
}

// Alternatives are the ways in which a class may be charged.
func (t *Tree) Alternatives(class int32) [][]Amount { return t.classes[class].alts }

// Alone reports whether a class's queue could hold a need without borrowing: what it uses then is no more than its due.
func (t *Tree) Alone(class int32, need []Amount) bool {
	q := t.classes[class].queue
	for i := range need {
		at := t.at(q, need[i].Resource)
		if t.flow[at]+need[i].N > t.owed[at] {
			return false
		}
	}
	return true
}

// Deserves reports whether a queue would be within its due of at least one resource with a need more (Volcano).
func (t *Tree) Deserves(class int32, need []Amount) bool {
	q := t.classes[class].queue
	for i := range need {
		at := t.at(q, need[i].Resource)
		if t.used[at]+need[i].N <= t.owed[at] {
			return true
		}
	}
	return false
}

// Shares reports whether two classes ask for a resource in common.
func (t *Tree) Shares(a, b int32) bool {
	for _, x := range t.classes[a].alts {
		for _, y := range t.classes[b].alts {
			for i := range x {
				for k := range y {
					if x[i].Resource == y[k].Resource {
						return true
					}
				}
			}
		}
	}
	return false
}

// Over reports whether a class's queue uses more than its due of a resource that the class asks for.
func (t *Tree) Over(class int32) bool {
	c := &t.classes[class]
	for _, alt := range c.alts {
		for i := range alt {
			if at := t.at(c.queue, alt[i].Resource); t.flow[at] > t.owed[at] {
				return true
			}
		}
	}
	return false
}

// MayLose reports whether a queue may lose a job of a class to others (Volcano): it is reclaimable, it keeps its guarantee, and it
// uses more than it deserves of what the job has, or deserves nothing of that.
func (t *Tree) MayLose(class int32) bool {
	c := &t.classes[class]
	q := &t.spec.Queues[c.queue]
	if !q.Reclaimable {
		return false
	}
	over, deserves := false, false
	for _, a := range c.alts[0] {
		at := t.at(c.queue, a.Resource)
		if t.used[at]-a.N < given(q.Guarantee, int(a.Resource), 0) {
			return false
		}
		deserves = deserves || t.owed[at] > 0
		over = over || t.used[at] > t.owed[at]
	}
	return over || !deserves
}

// SameRoot reports whether two queues hang together.
func (t *Tree) SameRoot(a, b int32) bool {
	for t.spec.Queues[a].Parent >= 0 {
		a = t.spec.Queues[a].Parent
	}
	for t.spec.Queues[b].Parent >= 0 {
		b = t.spec.Queues[b].Parent
	}
	return a == b
}

// Below reports whether a queue is below another.
func (t *Tree) Below(q, above int32) bool {
	for q = t.spec.Queues[q].Parent; q >= 0; q = t.spec.Queues[q].Parent {
		if q == above {
			return true
		}
	}
	return false
}

// FairShare is the share of a queue as seen from another, with a need more: that of the queue just below where their paths from
// the root part (AlmostLCA of KEP 1714).
func (t *Tree) FairShare(q, other int32, need []Amount) float64 {
	x, _ := t.part(q, other)
	return t.DRS(x, need)
}
