package quota_test

import (
	"testing"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// The worked examples of those whose rules these are, as tables: a tree, what runs, and what may start.

func gpus(n ...int64) []int64 {
	for i := range n {
		if n[i] >= 0 {
			n[i] *= 1000
		}
	}
	return n
}

const none = quota.Unset

// world is a tree with two GPU types, and requests of whole GPUs.
type world struct {
	*testing.T
	tree *quota.Tree
}

func open(t *testing.T, rules quota.Rules, total []int64, queues ...quota.Queue) world {
	t.Helper()
	s := &quota.Spec{Rules: rules, Default: -1, Queues: queues,
		Resources: []quota.Resource{{Name: "A100", Kind: quota.GPU, Type: 0}, {Name: "V100", Kind: quota.GPU, Type: 1}}}
	if p := s.Check(total); len(p) > 0 {
		t.Fatal(&p[0])
	}
	return world{t, quota.New(s, total)}
}

func (w world) class(queue string, typ int, n int32) int32 {
	w.Helper()
	q := w.tree.Spec().Find(queue)
	if q < 0 {
		w.Fatalf("no queue %s", queue)
	}
	return w.tree.ClassOf(w.tree.Line(q, 0, 1, int32(typ)*1000+n, role(typ, n)))
}

// holds books n GPUs of a type for a queue; negative gives them back.
func (w world) holds(queue string, typ int, n int32) {
	w.Helper()
	times, book := n, w.tree.Charge
	if n < 0 {
		times, book = -n, w.tree.Release
	}
	for range times {
		book(w.class(queue, typ, 1), part(typ, 1), nodes)
	}
}

func (w world) may(queue string, typ int, n int32, want bool) {
	w.Helper()
	c := w.class(queue, typ, n)
	w.tree.Join(c)
	if got := w.tree.Open(c); got != want {
		level, at := w.tree.Why(c)
		w.Errorf("%s may start %d GPUs of type %d: %v (%s, %s), want %v", queue, n, typ, got, level, w.tree.Spec().Queues[at].Name, want)
	}
	w.tree.Leave(c)
}

func (w world) books(queue string, typ int32, own, borrowed, lent int64) {
	w.Helper()
	q := w.tree.Spec().Find(queue)
	if o, b, l := w.tree.Own(q, typ), w.tree.Borrowed(q, typ), w.tree.Lent(q, typ); o != own*1000 || b != borrowed*1000 || l != lent*1000 {
		w.Errorf("%s: own %d, borrowed %d, lent %d thousandths, want %d, %d, %d GPUs", queue, o, b, l, own, borrowed, lent)
	}
}

// Volcano, docs/design/capacity-scheduling.md, story 3: guarantees of 10 A100 and 10 V100 each; deserved 20 and 50, 80 and 50.
// "Queue1 can use cluster's total resources when Queue2 is idle", but not what is guaranteed to it.
func TestVolcanoStory3(t *testing.T) {
	w := open(t, quota.Volcano, gpus(100, 100),
		quota.Queue{Name: "queue1", Parent: -1, Guarantee: gpus(10, 10), Deserved: gpus(20, 50)},
		quota.Queue{Name: "queue2", Parent: -1, Guarantee: gpus(10, 10), Deserved: gpus(80, 50)})
	w.holds("queue1", 0, 89)
	w.may("queue1", 0, 1, true)
	w.may("queue1", 0, 2, false) // 100 - 10 that are guaranteed to queue2
	w.holds("queue1", 0, 1)
	w.books("queue1", 0, 20, 70, 0)
	w.books("queue2", 0, 0, 0, 70)
	w.may("queue2", 0, 10, true)
	w.may("queue1", 1, 90, true)
	w.may("queue1", 1, 91, false)
}

// Story 4: queue1 may have 60 A100 at most and has 20 guaranteed.
func TestVolcanoStory4(t *testing.T) {
	w := open(t, quota.Volcano, gpus(100, 0),
		quota.Queue{Name: "queue1", Parent: -1, Guarantee: gpus(20, none), Capability: gpus(60, none)},
		quota.Queue{Name: "queue2", Parent: -1, Deserved: gpus(80, none)})
	w.may("queue1", 0, 60, true)
	w.may("queue1", 0, 61, false)
	w.holds("queue1", 0, 60)
	w.may("queue2", 0, 80, true) // by quota; 40 of them are to be reclaimed
	w.may("queue2", 0, 81, false)
	w.books("queue1", 0, 20, 40, 0)
}

// The capacity plugin's queue order: the smallest allocated / deserved of its largest resource first; one without deserved is last.
func TestVolcanoQueueOrder(t *testing.T) {
	w := open(t, quota.Volcano, gpus(100, 100),
		quota.Queue{Name: "a", Parent: -1, Deserved: gpus(20, 50)},
		quota.Queue{Name: "b", Parent: -1, Deserved: gpus(80, 50)},
		quota.Queue{Name: "c", Parent: -1})
	order := func(first, second string) {
		t.Helper()
		a, b := w.tree.Spec().Find(first), w.tree.Spec().Find(second)
		if w.tree.Before(quota.Fair, a, b, nil, nil) >= 0 || w.tree.Before(quota.Fair, b, a, nil, nil) <= 0 {
			t.Errorf("%s (share %v) is not before %s (%v)", first, w.tree.Share(a), second, w.tree.Share(b))
		}
	}
	w.holds("a", 0, 10) // 1/2
	w.holds("b", 0, 24) // 3/10
	order("b", "a")
	w.holds("b", 1, 30) // 3/5
	order("a", "b")
	order("b", "c")
}

// Kueue, Cohort: a cohort's own 12 are a pool for the queues in it, one of which has nominal 0 and one none at all.
func TestKueueCohortPool(t *testing.T) {
	w := open(t, quota.Kueue, gpus(100, 0),
		quota.Queue{Name: "hello-cohort", Parent: -1, Nominal: gpus(12, none)},
		quota.Queue{Name: "my-cluster-queue", Parent: 0, Nominal: gpus(0, none)},
		quota.Queue{Name: "other", Parent: 0})
	w.may("my-cluster-queue", 0, 12, true)
	w.may("my-cluster-queue", 0, 13, false)
	w.may("other", 0, 1, false) // it must define a nominal quota, be it 0
}

// Kueue, Cluster Queue, "Borrowing": team-a has 9 and team-b 12 of one cohort. If team-b uses nothing, team-a can have 12 + 9 = 21;
// "Borrowing limit": team-a with a limit of 1 has 9 + 1 = 10 at most; "Lending limit": with a limit of 1, team-b lends 1 of its 12,
// and team-a has 9 + 1.
func TestKueueBorrowingAndLending(t *testing.T) {
	cohort := quota.Queue{Name: "team-ab", Parent: -1}
	tests := []struct {
		name          string
		borrow, lend  []int64
		most          int32 // that team-a can have while team-b is idle
		after5, after int32 // and once team-b uses 5, or 11
	}{
		{"borrowing", nil, nil, 21, 16, 10},
		{"borrowing limit", gpus(1, none), nil, 10, 10, 10},
		{"lending limit", nil, gpus(1, none), 10, 10, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, quota.Kueue, gpus(100, 0), cohort,
				quota.Queue{Name: "team-a", Parent: 0, Nominal: gpus(9, none), BorrowingLimit: tt.borrow},
				quota.Queue{Name: "team-b", Parent: 0, Nominal: gpus(12, none), LendingLimit: tt.lend})
			most := func(n int32) {
				t.Helper()
				w.may("team-a", 0, n, true)
				w.may("team-a", 0, n+1, false)
			}
			most(tt.most)
			w.holds("team-b", 0, 5)
			most(tt.after5)
			w.holds("team-b", 0, 6)
			most(tt.after)
			w.holds("team-a", 0, 9)
			if tt.lend != nil {
				w.may("team-b", 0, 1, true) // its 12th is its own or nobody's: nothing is borrowed yet
				w.holds("team-a", 0, 1)
				w.may("team-b", 0, 1, false) // the one that it lends is lent
			}
		})
	}
}

// Kueue, Preemption and KEP 1714: the share of a queue is what it borrows over what its cohort can lend, over its weight.
func TestKueueShares(t *testing.T) {
	w := open(t, quota.Kueue, gpus(100, 0),
		quota.Queue{Name: "all", Parent: -1},
		quota.Queue{Name: "a", Parent: 0, Nominal: gpus(3, none), Weight: 1_000_000},
		quota.Queue{Name: "b", Parent: 0, Nominal: gpus(3, none), Weight: 2_000_000},
		quota.Queue{Name: "shared", Parent: 0, Nominal: gpus(3, none), Weight: 0})
	find := w.tree.Spec().Find
	one := []quota.Amount{{Resource: 0, N: 1000}}
	check := func(queue string, need []quota.Amount, want float64) {
		t.Helper()
		if got := w.tree.DRS(find(queue), need); got != want {
			t.Errorf("share of %s: %v, want %v", queue, got, want)
		}
	}
	w.holds("a", 0, 3)
	check("a", nil, 0)
	check("a", one, 1000.0/9)
	w.holds("a", 0, 1)
	w.holds("b", 0, 4)
	check("a", nil, 1000.0/9)
	check("b", nil, 1000.0/9/2)
	if w.tree.Before(quota.Fair, find("b"), find("a"), one, one) >= 0 {
		t.Error("b has twice the weight and is not first")
	}
	w.holds("shared", 0, 4)
	if w.tree.Before(quota.Fair, find("shared"), find("a"), nil, nil) <= 0 {
		t.Error("a queue of weight 0 that borrows has an infinite share")
	}
}

// PAI, Configure resource policies: "100 GPUs for priorities 1-7" and "10 GPUs for priorities 7-9": a job of priority 7 is limited
// to 10 GPUs.
func TestPAIStrictestCap(t *testing.T) {
	w := open(t, quota.PAI, gpus(200, 0), quota.Queue{Name: "q", Parent: -1, Guarantee: gpus(150, none),
		Caps: []quota.Cap{{From: 1, To: 7, Amount: gpus(100, none)}, {From: 7, To: 9, Amount: gpus(10, none), MaxRun: 3600 * state.Second}}})
	most := func(priority, user int32, n int32) {
		t.Helper()
		for _, k := range []int32{n, n + 1} {
			c := w.tree.ClassOf(w.tree.Line(0, user, priority, k, role(0, k)))
			w.tree.Join(c)
			if w.tree.Open(c) != (k == n) {
				t.Errorf("priority %d, %d GPUs: %v", priority, k, w.tree.Open(c))
			}
			w.tree.Leave(c)
		}
	}
	most(6, 1, 100)
	most(7, 1, 10)
	most(9, 1, 10)
	line := w.tree.Line(0, 1, 9, 4, role(0, 4))
	w.tree.Charge(w.tree.ClassOf(line), part(0, 4), nodes)
	most(7, 1, 6)
	most(7, 2, 10) // another user's
	if got := w.tree.MaxRun(0, 1, 8); got != 3600*state.Second {
		t.Errorf("a job of priority 8 may run %d ns", got)
	}
}

// PAI's tree: usage is checked from leaf to root, and what stops a job is its own limit or an ancestor's.
func TestPAILeafToRoot(t *testing.T) {
	w := open(t, quota.PAI, gpus(100, 0), quota.Queue{Name: "root", Parent: -1, Guarantee: gpus(20, none)},
		quota.Queue{Name: "a", Parent: 0, Guarantee: gpus(8, none), Capability: gpus(16, none)},
		quota.Queue{Name: "b", Parent: 0, Guarantee: gpus(8, none), Capability: gpus(16, none)})
	w.may("a", 0, 17, false)
	w.holds("b", 0, 10)
	w.may("a", 0, 10, true)
	w.may("a", 0, 11, false)
	c := w.class("a", 0, 11)
	w.tree.Join(c)
	if level, at := w.tree.Why(c); level != quota.Ancestor || at != 0 {
		t.Errorf("11 GPUs in a are stopped by %s of queue %d", level, at)
	}
	w.may("root", 0, 10, true) // jobs may be submitted to a quota with others below it
}
