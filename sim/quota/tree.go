package quota

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// accountKind says what an account counts, in the order in which tests of them fail first (DESIGN.md rule 10).
type accountKind uint8

const (
	queueAccount accountKind = iota
	userAccount              // of one user, in a queue with a user limit
	capAccount               // of one user, in a queue with a cap on a range of priorities
)

// account is a place where what is in use is counted: a queue, or a limit of one. Amounts are in Tree's arrays.
type account struct {
	kind   accountKind
	queue  int32
	parent int32 // of queueAccount: the account above, or -1
	cap    int32 // of capAccount: index in the queue's Caps
}

// Tree is the books of one quota tree. Queue i of the specification is account i. It is not safe for concurrent use.
type Tree struct {
	spec    *Spec // never changed in place: forks share it
	total   []int64
	order   []int32 // queues, parents before children
	depths  []int32 // by queue; a root's is 0
	stopped []bool  // by queue: it or one above starts nothing
	coupled bool    // some queue keeps a part of its own to itself: what reaches its parent depends on what it holds

	accounts []account
	limit    []int64 // by account and resource: used + request may not be over it
	used     []int64 // by account and resource: in use in it and below
	flow     []int64 // of coupled trees: what an account's limit is held against; else used itself
	local    []int64 // of coupled trees: what an account never lends
	subtree  []int64 // Kueue: own and what comes from below
	owed     []int64 // what a queue is due, by resource: deserved, nominal or guarantee; 0 = nothing said

	gpuOf            [state.MaxGPUTypes]int32 // resource of a GPU type, or -1
	anyGPU, cpu, mem int32                    // resource, or -1
	users            map[[2]int32]int32       // account of a user in a queue with a user limit
	caps             map[[3]int32]int32       // account of a user in a cap of a queue

	classes   []class
	classOf   map[classKey]int32
	held      []int64 // by class and resource: what its jobs hold
	steps     []rungs // by account and resource
	lines     []line
	freeLines []int32
	needs     needTable
	changed   state.ChangeLog // classes whose test came out otherwise
	shares    []float64       // by queue; see Share
	stale     []bool

	log     []entry
	pool    []Amount
	settled int // entries of log before it are settled
	scratch []int64
	touched []int32
}

// Amount is so much of one resource.
type Amount struct {
	Resource int32
	N        int64
}

// New opens the books of a tree that Check has nothing to say about. total is what the cluster has, by resource.
func New(spec *Spec, total []int64) *Tree {
	t := &Tree{users: map[[2]int32]int32{}, caps: map[[3]int32]int32{}, classOf: map[classKey]int32{}}
	t.needs.init()
	t.adopt(spec)
	for i := range spec.Queues {
		t.addAccount(account{kind: queueAccount, queue: int32(i), parent: spec.Queues[i].Parent})
	}
	t.total = slices.Clone(total)
	t.derive()
	return t
}

// adopt takes a specification over.
func (t *Tree) adopt(spec *Spec) {
	t.spec = spec
	t.scratch = make([]int64, len(spec.Resources))
	for i := range t.gpuOf {
		t.gpuOf[i] = -1
	}
	t.anyGPU, t.cpu, t.mem = -1, -1, -1
	for i, r := range spec.Resources {
		switch r.Kind {
		case GPU:
			t.gpuOf[r.Type] = int32(i)
		case AnyGPU:
			t.anyGPU = int32(i)
		case CPU:
			t.cpu = int32(i)
		case Memory:
			t.mem = int32(i)
		}
	}
	t.order, t.depths, t.stopped = nil, make([]int32, len(spec.Queues)), make([]bool, len(spec.Queues))
	done := make([]bool, len(spec.Queues))
	for len(t.order) < len(spec.Queues) {
		for i := range spec.Queues {
			if p := spec.Queues[i].Parent; !done[i] && (p < 0 || done[p]) {
				done[i] = true
				t.order = append(t.order, int32(i))
				t.stopped[i] = spec.Queues[i].State == Hold || spec.Queues[i].State == Drain
				if p >= 0 {
					t.depths[i] = t.depths[p] + 1
					t.stopped[i] = t.stopped[i] || t.stopped[p]
				}
			}
		}
	}
	t.coupled = false
	for i := range spec.Queues {
		if spec.Rules == Kueue && spec.Queues[i].LendingLimit != nil {
			t.coupled = true
		}
	}
}

// addAccount opens an account without a limit.
func (t *Tree) addAccount(a account) int32 {
	id := int32(len(t.accounts))
	t.accounts = append(t.accounts, a)
	for range t.spec.Resources {
		t.limit = append(t.limit, Unlimited)
		t.used = append(t.used, 0)
		t.steps = append(t.steps, rungs{})
		if t.coupled {
			t.flow = append(t.flow, 0)
			t.local = append(t.local, 0)
		}
	}
	if !t.coupled {
		t.flow = t.used
	}
	return id
}

// Spec is the tree as it stands now. It must not be changed.
func (t *Tree) Spec() *Spec { return t.spec }

// Len is the number of queues; Resources what is counted.
func (t *Tree) Len() int              { return len(t.spec.Queues) }
func (t *Tree) Resources() []Resource { return t.spec.Resources }

// at is the place of an account's resource in the arrays.
func (t *Tree) at(acct, resource int32) int { return int(acct)*len(t.spec.Resources) + int(resource) }

// SetTotal tells what the cluster has, by resource: what Volcano's queues may have depends on it.
func (t *Tree) SetTotal(total []int64) {
	if slices.Equal(t.total, total) {
		return
	}
	t.total = append(t.total[:0:0], total...)
	t.derive()
	t.retestAll()
}

// Total is what the cluster has of a resource.
func (t *Tree) Total(resource int32) int64 { return t.total[resource] }

// derive computes every limit from the specification and the cluster.
func (t *Tree) derive() {
	n, r := len(t.spec.Queues), len(t.spec.Resources)
	t.owed = make([]int64, n*r)
	t.shares, t.stale = resized(t.shares, n), resized(t.stale, n)
	for i := range t.stale {
		t.stale[i] = true
	}
	switch t.spec.Rules {
	case Volcano:
		t.deriveVolcano()
	case Kueue:
		t.deriveKueue()
	default:
		t.derivePAI()
	}
	for id := n; id < len(t.accounts); id++ {
		t.deriveExtra(int32(id))
	}
}

// deriveExtra sets the limit of an account of one user.
func (t *Tree) deriveExtra(id int32) {
	a := &t.accounts[id]
	q := &t.spec.Queues[a.queue]
	list := q.UserLimit
	if a.kind == capAccount {
		list = nil
		if int(a.cap) < len(q.Caps) {
			list = q.Caps[a.cap].Amount
		}
	}
	for r := range t.spec.Resources {
		t.limit[t.at(id, int32(r))] = given(list, r, Unlimited)
	}
}

// deriveVolcano: a queue may have what its parent may have, without what is guaranteed to its siblings, and at most its
// capability. Deserved is at most that and at least its guarantee. Where neither a capability nor a guarantee of others bounds
// it, it has no limit: what the cluster has is not a matter of quota.
func (t *Tree) deriveVolcano() {
	s := t.spec
	for r := range s.Resources {
		real := make([]int64, len(s.Queues)) // what each may have; its limit where somebody bounds it
		bounded := make([]bool, len(s.Queues))
		guaranteed := make([]int64, len(s.Queues)+1) // to the children of queue i at i + 1, to the roots at 0
		for i := range s.Queues {
			guaranteed[s.Queues[i].Parent+1] += given(s.Queues[i].Guarantee, r, 0)
		}
		for _, i := range t.order {
			q := &s.Queues[i]
			above := t.total[r]
			if q.Parent >= 0 {
				above, bounded[i] = real[q.Parent], bounded[q.Parent]
			}
			g := given(q.Guarantee, r, 0)
			room := max(above-guaranteed[q.Parent+1]+g, 0)
			real[i] = min(room, given(q.Capability, r, Unlimited))
			bounded[i] = bounded[i] || amount(q.Capability, r) != Unset || guaranteed[q.Parent+1] > g
			at := t.at(i, int32(r))
			t.owed[at] = max(min(given(q.Deserved, r, 0), real[i]), g)
			if t.limit[at] = Unlimited; bounded[i] {
				t.limit[at] = real[i]
			}
		}
	}
}

// deriveKueue: a queue and those below it may use what they have together and what its parent has left, at most by its
// borrowing limit more than their own; what is beyond its lending limit is for itself alone.
func (t *Tree) deriveKueue() {
	s := t.spec
	n := len(s.Queues) * len(s.Resources)
	t.subtree = make([]int64, n)
	leaf := t.leaves()
	for r := range s.Resources {
		for _, i := range t.order {
			t.subtree[t.at(i, int32(r))] = given(s.Queues[i].Nominal, r, 0)
		}
		for k := len(t.order) - 1; k >= 0; k-- {
			i := t.order[k]
			q, at := &s.Queues[i], t.at(i, int32(r))
			sub := t.subtree[at]
			local := int64(0)
			if lend := amount(q.LendingLimit, r); lend != Unset && q.Parent >= 0 {
				local = max(0, sub-lend)
			}
			if t.coupled {
				t.local[at] = local
			}
			t.owed[at] = sub
			switch borrow := amount(q.BorrowingLimit, r); {
			case leaf[i] && amount(q.Nominal, r) == Unset:
				t.limit[at] = -1 // it does not have this resource, not even 0 of it
			case q.Parent < 0:
				t.limit[at] = sub
			case borrow != Unset:
				t.limit[at] = sub + borrow
			default:
				t.limit[at] = Unlimited
			}
			if q.Parent >= 0 {
				t.subtree[t.at(q.Parent, int32(r))] += sub - local
			}
		}
	}
	t.reflow()
}

// derivePAI: a quota has at most its capability, or where it has none its guarantee; its parents' are tested as well.
func (t *Tree) derivePAI() {
	for i := range t.spec.Queues {
		q := &t.spec.Queues[i]
		for r := range t.spec.Resources {
			at := t.at(int32(i), int32(r))
			g := given(q.Guarantee, r, Unlimited)
			t.limit[at] = given(q.Capability, r, g)
			t.owed[at] = given(q.Guarantee, r, 0)
		}
	}
}

// leaves says which queues have nothing below them.
func (t *Tree) leaves() []bool {
	leaf := make([]bool, len(t.spec.Queues))
	for i := range leaf {
		leaf[i] = true
	}
	for i := range t.spec.Queues {
		if p := t.spec.Queues[i].Parent; p >= 0 {
			leaf[p] = false
		}
	}
	return leaf
}

// IsLeaf reports whether a queue has none below it.
func (t *Tree) IsLeaf(queue int32) bool {
	for i := range t.spec.Queues {
		if t.spec.Queues[i].Parent == queue {
			return false
		}
	}
	return true
}

// TakesJobs says why a queue takes no jobs, or "": under Volcano and Kueue only queues without others below them do.
func (t *Tree) TakesJobs(queue int32) string {
	if t.spec.Rules != PAI && !t.IsLeaf(queue) {
		return "it has queues below it, and only those take jobs under the rules " + t.spec.Rules.String()
	}
	return ""
}

// Closed reports whether a queue, or one above it, takes no new jobs now.
func (t *Tree) Closed(queue int32) bool {
	for ; queue >= 0; queue = t.spec.Queues[queue].Parent {
		if t.spec.Queues[queue].State == Closed {
			return true
		}
	}
	return false
}

// reflow computes flow anew from what is in use: limits on lending changed.
func (t *Tree) reflow() {
	if !t.coupled {
		t.flow = t.used
		return
	}
	t.flow, t.local = resized(t.flow, len(t.used)), resized(t.local, len(t.used))
	own := slices.Clone(t.used) // of each queue itself, without those below
	for _, i := range t.order {
		if p := t.spec.Queues[i].Parent; p >= 0 {
			for r := range t.spec.Resources {
				own[t.at(p, int32(r))] -= t.used[t.at(i, int32(r))]
			}
		}
	}
	copy(t.flow, own)
	for k := len(t.order) - 1; k >= 0; k-- {
		i := t.order[k]
		p := t.spec.Queues[i].Parent
		if p < 0 {
			continue
		}
		for r := range t.spec.Resources {
			at := t.at(i, int32(r))
			t.flow[t.at(p, int32(r))] += max(0, t.flow[at]-t.local[at])
		}
	}
}

func resized[T any](s []T, n int) []T {
	if len(s) >= n {
		return s[:n]
	}
	return append(s, make([]T, n-len(s))...)
}
