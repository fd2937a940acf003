package quota

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// entry is one change of the books that can be undone.
type entry struct {
	job      int32 // that it was tried for, or -1
	class    int32
	first, n int32 // of the amounts in the pool
	sign     int64
}

// Mark is a place in the log of changes, for Undo.
type Mark int

// amounts sums what parts take, by resource, into the pool and returns the range.
func (t *Tree) amounts(parts []state.Part, nodes *state.Nodes) (first, n int32) {
	first = int32(len(t.pool))
	t.touched = t.touched[:0]
	add := func(r int32, v int64) {
		if r < 0 || v == 0 {
			return
		}
		if t.scratch[r] == 0 {
			t.touched = append(t.touched, r)
		}
		t.scratch[r] += v
	}
	for i := range parts {
		p := &parts[i]
		times := int64(p.More) + 1
		if g := int64(bits.OnesCount64(p.Mask)) * int64(p.Milli); g > 0 {
			for node := p.Node; node <= p.Node+p.More; node++ {
				if typ := nodes.Type[node]; typ < state.MaxGPUTypes {
					add(t.gpuOf[typ], g)
				}
			}
			add(t.anyGPU, g*times)
		}
		add(t.cpu, int64(p.CPU)*times)
		add(t.mem, int64(p.Mem)*times)
	}
	for _, r := range t.touched {
		t.pool = append(t.pool, Amount{r, t.scratch[r]})
		t.scratch[r] = 0
	}
	return first, int32(len(t.pool)) - first
}

// Fits reports whether a class could be charged amounts now; at is the account that has too little, else -1.
func (t *Tree) Fits(class int32, need []Amount) (bool, int32) {
	c := &t.classes[class]
	if t.stopped[c.queue] {
		return false, strategyAccount
	}
	path := c.path
	for i := range need {
		n, r := need[i].N, need[i].Resource
		for _, acct := range path {
			at := t.at(acct, r)
			if t.coupled {
				n -= max(0, t.local[at]-t.flow[at])
				if n > t.limit[at]-max(t.flow[at], t.local[at]) && t.limit[at] < Unlimited {
					return false, acct
				}
			} else if t.flow[at]+n > t.limit[at] {
				return false, acct
			}
		}
	}
	return true, -1
}

// strategyAccount stands for a queue that starts nothing.
const strategyAccount = -2

// Take charges what a class's job is about to take, if it fits. It is kept once the engine has accepted the start (Settle),
// and undone with everything that is not.
func (t *Tree) Take(job, class int32, parts []state.Part, nodes *state.Nodes) bool {
	first, n := t.amounts(parts, nodes)
	if ok, _ := t.Fits(class, t.pool[first:first+n]); !ok {
		t.pool = t.pool[:first]
		return false
	}
	t.book(entry{job, class, first, n, 1})
	return true
}

// Try changes the books by what a job's parts are, for planning: sign 1 charges, whether it fits or not, and -1 releases.
// Undo takes it back.
func (t *Tree) Try(class int32, parts []state.Part, nodes *state.Nodes, sign int64) {
	first, n := t.amounts(parts, nodes)
	t.book(entry{-1, class, first, n, sign})
}

// book writes an entry into the accounts and the log.
func (t *Tree) book(e entry) {
	t.log = append(t.log, e)
	t.apply(e.class, t.pool[e.first:e.first+e.n], e.sign)
}

// Mark is where the log of changes stands.
func (t *Tree) Mark() Mark { return Mark(len(t.log)) }

// Undo takes back every change since m, the last first.
func (t *Tree) Undo(m Mark) {
	for len(t.log) > int(m) {
		e := t.log[len(t.log)-1]
		t.log = t.log[:len(t.log)-1]
		t.apply(e.class, t.pool[e.first:e.first+e.n], -e.sign)
		t.pool = t.pool[:e.first]
	}
	t.settled = min(t.settled, len(t.log))
}

// Settle keeps what was taken for a job whose start the engine accepts, or takes it now. It reports false, and nothing
// happened, when that does not fit.
func (t *Tree) Settle(job, class int32, parts []state.Part, nodes *state.Nodes) bool {
	for i := t.settled; i < len(t.log); i++ {
		if e := &t.log[i]; e.job == job && e.class == class && e.sign > 0 {
			e.sign = 0
			for t.settled < len(t.log) && t.log[t.settled].sign == 0 {
				t.settled++
			}
			return true
		}
	}
	first, n := t.amounts(parts, nodes)
	need := t.pool[first : first+n]
	ok, _ := t.Fits(class, need)
	if ok {
		t.apply(class, need, 1)
	}
	t.pool = t.pool[:first]
	return ok
}

// Close undoes what was taken and not settled, at the end of a pass. It reports how many starts that were.
func (t *Tree) Close() int {
	open := 0
	for i := len(t.log) - 1; i >= 0; i-- {
		if e := &t.log[i]; e.sign != 0 {
			t.apply(e.class, t.pool[e.first:e.first+e.n], -e.sign)
			open++
		}
	}
	t.log, t.pool, t.settled = t.log[:0], t.pool[:0], 0
	return open
}

// Charge books what a job holds whether it fits or not: it ran before its queue had a limit. Release gives it back.
func (t *Tree) Charge(class int32, parts []state.Part, nodes *state.Nodes) {
	t.direct(class, parts, nodes, 1)
}

// Release books what a job gives back.
func (t *Tree) Release(class int32, parts []state.Part, nodes *state.Nodes) {
	t.direct(class, parts, nodes, -1)
}

func (t *Tree) direct(class int32, parts []state.Part, nodes *state.Nodes, sign int64) {
	first, n := t.amounts(parts, nodes)
	t.apply(class, t.pool[first:first+n], sign)
	t.pool = t.pool[:first]
}

// apply moves every account on a class's path and tests again what may come out otherwise.
func (t *Tree) apply(class int32, need []Amount, sign int64) {
	path := t.classes[class].path
	for i := range need {
		t.held[t.at(class, need[i].Resource)] += sign * need[i].N
	}
	if t.coupled {
		t.applyCoupled(path, need, sign)
		return
	}
	for _, acct := range path {
		for i := range need {
			at := t.at(acct, need[i].Resource)
			was := t.used[at]
			t.used[at] = was + sign*need[i].N
			if t.limit[at] < Unlimited {
				t.cross(acct, need[i].Resource, t.limit[at]-was, t.limit[at]-t.used[at])
			}
		}
	}
	for _, acct := range path {
		if a := &t.accounts[acct]; a.kind == queueAccount {
			t.stale[a.queue] = true
		}
	}
}

// applyCoupled is apply where only what is beyond an account's own part reaches its parent.
func (t *Tree) applyCoupled(path []int32, need []Amount, sign int64) {
	for i := range need {
		r, through := need[i].Resource, sign*need[i].N
		for _, acct := range path {
			at := t.at(acct, r)
			t.used[at] += sign * need[i].N
			was := max(0, t.flow[at]-t.local[at])
			t.flow[at] += through
			through = max(0, t.flow[at]-t.local[at]) - was
		}
	}
	for _, acct := range path {
		t.stale[t.accounts[acct].queue] = true
	}
	t.retestBelow(path[len(path)-1])
}

// Used is what is in use in a queue and below it, in thousandths or MiB.
func (t *Tree) Used(queue, resource int32) int64 { return t.used[t.at(queue, resource)] }

// Limit is what a queue may have now; Unlimited where nothing bounds it by itself.
func (t *Tree) Limit(queue, resource int32) int64 { return t.limit[t.at(queue, resource)] }

// Owed is what a queue is due: deserved (Volcano), nominal with what comes from below (Kueue), guarantee (PAI).
func (t *Tree) Owed(queue, resource int32) int64 { return t.owed[t.at(queue, resource)] }

// Own is what a queue uses of what it is due, Borrowed what it uses beyond that.
func (t *Tree) Own(queue, resource int32) int64 {
	return min(t.Used(queue, resource), t.Owed(queue, resource))
}

// Borrowed is what a queue uses beyond what it is due.
func (t *Tree) Borrowed(queue, resource int32) int64 {
	return max(0, t.Used(queue, resource)-t.Owed(queue, resource))
}

// Lent is what others use of what a queue is due and does not use. What its siblings and itself borrow comes first from what
// nobody among them is due; the rest is lent by those whose due is idle, in proportion to their idle parts, rounded down.
func (t *Tree) Lent(queue, resource int32) int64 {
	idle := t.Owed(queue, resource) - t.Used(queue, resource)
	parent := t.spec.Queues[queue].Parent
	if idle <= 0 {
		return 0
	}
	have := t.total[resource]
	if parent >= 0 {
		have = min(have, t.limit[t.at(parent, resource)])
		if t.spec.Rules == Kueue {
			have = t.subtree[t.at(parent, resource)]
		}
	}
	var owed, borrowed, idles int64
	for i := range t.spec.Queues {
		if t.spec.Queues[i].Parent == parent {
			owed += t.Owed(int32(i), resource)
			borrowed += t.Borrowed(int32(i), resource)
			idles += max(0, t.Owed(int32(i), resource)-t.Used(int32(i), resource))
		}
	}
	lent := borrowed - max(0, have-owed)
	switch {
	case lent <= 0:
		return 0
	case lent >= idles:
		return idle
	}
	return int64(state.MulDiv(state.Time(idle), lent, idles))
}
