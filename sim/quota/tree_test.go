package quota_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/state"
)

// book is the naive reference: what each queue's own jobs hold, everything else computed anew at each question.
type book struct {
	spec  *quota.Spec
	total []int64
	own   [][]int64 // by queue, by resource
}

func newBook(spec *quota.Spec, total []int64) *book {
	b := &book{spec: spec, total: total}
	for range spec.Queues {
		b.own = append(b.own, make([]int64, len(spec.Resources)))
	}
	return b
}

func get(list []int64, r int, otherwise int64) int64 {
	if r >= len(list) || list[r] == quota.Unset {
		return otherwise
	}
	return list[r]
}

func (b *book) children(q int32) (out []int32) {
	for i := range b.spec.Queues {
		if b.spec.Queues[i].Parent == q {
			out = append(out, int32(i))
		}
	}
	return out
}

func (b *book) used(q int32, r int) int64 {
	sum := b.own[q][r]
	for _, c := range b.children(q) {
		sum += b.used(c, r)
	}
	return sum
}

// volcano is what a queue may have (docs/design/capacity-scheduling.md, pkg/scheduler/plugins/capacity).
func (b *book) volcano(q int32, r int) int64 {
	above, siblings := b.total[r], int64(0)
	p := b.spec.Queues[q].Parent
	if p >= 0 {
		above = b.volcano(p, r)
	}
	for _, s := range b.children(p) {
		if s != q {
			siblings += get(b.spec.Queues[s].Guarantee, r, 0)
		}
	}
	return min(max(above-siblings, 0), get(b.spec.Queues[q].Capability, r, quota.Unlimited))
}

func (b *book) subtree(q int32, r int) int64 {
	sum := get(b.spec.Queues[q].Nominal, r, 0)
	for _, c := range b.children(q) {
		sum += b.subtree(c, r) - b.guaranteed(c, r)
	}
	return sum
}

func (b *book) guaranteed(q int32, r int) int64 {
	if lend := get(b.spec.Queues[q].LendingLimit, r, -1); lend >= 0 {
		return max(0, b.subtree(q, r)-lend)
	}
	return 0
}

func (b *book) usage(q int32, r int) int64 {
	sum := b.own[q][r]
	for _, c := range b.children(q) {
		sum += max(0, b.usage(c, r)-b.guaranteed(c, r))
	}
	return sum
}

// available is Kueue's question: what a queue could still use (pkg/cache/scheduler/resource_node.go).
func (b *book) available(q int32, r int) int64 {
	p := b.spec.Queues[q].Parent
	if p < 0 {
		return b.subtree(q, r) - b.usage(q, r)
	}
	local := max(0, b.guaranteed(q, r)-b.usage(q, r))
	above := b.available(p, r)
	if limit := get(b.spec.Queues[q].BorrowingLimit, r, -1); limit >= 0 {
		stored := b.subtree(q, r) - b.guaranteed(q, r)
		inParent := max(0, b.usage(q, r)-b.guaranteed(q, r))
		above = min(above, stored-inParent+limit)
	}
	return local + above
}

// bounded reports whether somebody bounds what a queue may have: otherwise the cluster does, which is no matter of quota.
func (b *book) bounded(q int32, r int) bool {
	p := b.spec.Queues[q].Parent
	for _, s := range b.children(p) {
		if s != q && get(b.spec.Queues[s].Guarantee, r, 0) > 0 {
			return true
		}
	}
	return get(b.spec.Queues[q].Capability, r, -1) >= 0 || p >= 0 && b.bounded(p, r)
}

func (b *book) fits(q int32, r int, n int64) bool {
	if b.spec.Rules == quota.Kueue {
		if len(b.children(q)) == 0 && get(b.spec.Queues[q].Nominal, r, -1) < 0 {
			return false
		}
		return n <= b.available(q, r)
	}
	for at := q; at >= 0; at = b.spec.Queues[at].Parent {
		limit := int64(quota.Unlimited)
		if b.bounded(at, r) {
			limit = b.volcano(at, r)
		}
		if b.spec.Rules == quota.PAI {
			limit = get(b.spec.Queues[at].Capability, r, get(b.spec.Queues[at].Guarantee, r, quota.Unlimited))
		}
		if b.used(at, r)+n > limit {
			return false
		}
	}
	return true
}

func fitsAll(b *book, q int32, need []int64) bool {
	for r, n := range need {
		if n > 0 && !b.fits(q, r, n) {
			return false
		}
	}
	return true
}

var resources = []quota.Resource{{Name: "A", Kind: quota.GPU, Type: 0}, {Name: "B", Kind: quota.GPU, Type: 1}, {Name: "gpu", Kind: quota.AnyGPU}}

// drawTree is a tree that Check has nothing to say about, or nil.
func drawTree(t *rapid.T, rules quota.Rules) (*quota.Spec, []int64) {
	n := rapid.IntRange(1, 9).Draw(t, "queues")
	s := &quota.Spec{Rules: rules, Resources: resources, Default: -1}
	amounts := func(name string, most int64) []int64 {
		if rapid.IntRange(0, 2).Draw(t, name) == 0 {
			return nil
		}
		out := make([]int64, len(resources))
		for r := range out {
			out[r] = rapid.Int64Range(-1, most).Draw(t, name)
			if out[r] > 0 {
				out[r] *= 1000
			}
		}
		return out
	}
	for i := range n {
		q := quota.Queue{Name: fmt.Sprint("q", i), Parent: int32(rapid.IntRange(-1, i-1).Draw(t, "parent")), Weight: 1e6}
		switch rules {
		case quota.Volcano:
			q.Guarantee, q.Deserved, q.Capability = amounts("guarantee", 3), amounts("deserved", 8), amounts("capability", 20)
		case quota.PAI:
			q.Guarantee, q.Capability = amounts("guarantee", 8), amounts("capability", 20)
		default:
			q.Nominal = amounts("nominal", 8)
			if q.Parent >= 0 {
				q.BorrowingLimit, q.LendingLimit = amounts("borrow", 6), amounts("lend", 4)
			}
		}
		s.Queues = append(s.Queues, q)
	}
	total := []int64{16000, 12000, 28000}
	if len(s.Check(nil)) > 0 {
		return nil, nil
	}
	return s, total
}

func role(typ int, gpus int32) []state.RoleSpec {
	return []state.RoleSpec{{TypeMask: 1 << typ, Replicas: gpus, PodGPUs: 1, GPUMilli: 1000}}
}

// part is gpus of a type on the node of that type.
func part(typ int, gpus int32) []state.Part {
	return []state.Part{{Node: int32(typ), Mask: 1<<gpus - 1, Milli: 1000}}
}

var nodes = &state.Nodes{Type: []uint32{0, 1}}

func TestTheBooksAreThoseOfTheNaiveOnes(t *testing.T) {
	for _, rules := range []quota.Rules{quota.Volcano, quota.Kueue, quota.PAI} {
		t.Run(rules.String(), func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { compare(t, rules) }) })
	}
}

type holding struct {
	class int32
	typ   int
	gpus  int32
}

func compare(t *rapid.T, rules quota.Rules) {
	spec, total := drawTree(t, rules)
	if spec == nil {
		t.Skip("a tree that is refused")
	}
	tree, naive := quota.New(spec, total), newBook(spec, total)
	reader := tree.Reader()
	known := map[int32]bool{}
	of := map[int32]holding{} // what a class asks for
	var running []holding
	shape := func(typ int, gpus int32) int32 { return int32(typ)*8 + gpus }
	check := func() {
		for _, c := range tree.Changed(reader) {
			known[c] = tree.Open(c)
		}
		for c, h := range of {
			need := make([]int64, len(resources))
			need[h.typ], need[2] = int64(h.gpus)*1000, int64(h.gpus)*1000
			q := tree.QueueOf(c)
			if want := fitsAll(naive, q, need); tree.Open(c) != want || known[c] != want {
				t.Fatalf("class %d (queue %s, %d GPUs of type %d): open %v, told %v, want %v", c, spec.Queues[q].Name, h.gpus, h.typ, tree.Open(c), known[c], want)
			}
		}
		for q := range spec.Queues {
			for r := range resources {
				if got, want := tree.Used(int32(q), int32(r)), naive.used(int32(q), r); got != want {
					t.Fatalf("queue %s uses %d of %s, want %d", spec.Queues[q].Name, got, resources[r].Name, want)
				}
			}
		}
	}
	move := func(h holding, sign int64) {
		q := tree.QueueOf(h.class)
		naive.own[q][h.typ] += sign * int64(h.gpus) * 1000
		naive.own[q][2] += sign * int64(h.gpus) * 1000
	}
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0: // somebody joins
			q, typ, gpus := int32(rapid.IntRange(0, len(spec.Queues)-1).Draw(t, "queue")), rapid.IntRange(0, 1).Draw(t, "type"), int32(rapid.IntRange(1, 5).Draw(t, "gpus"))
			line := tree.Line(q, 3, 0, shape(typ, gpus), role(typ, gpus))
			c := tree.ClassOf(line)
			tree.Join(c)
			known[c] = tree.Open(c)
			of[c] = holding{c, typ, gpus}
		case 1: // a pass tries starts, of which some are accepted
			var taken []holding
			for c := int32(0); int(c) < len(of); c++ {
				if h := of[c]; rapid.Bool().Draw(t, "try") {
					want := fitsAll(naive, tree.QueueOf(c), needOf(h))
					if got := tree.Take(int32(len(taken)), c, part(h.typ, h.gpus), nodes); got != want {
						t.Fatalf("class %d may start: %v, want %v", c, got, want)
					}
					if want {
						taken = append(taken, h)
						move(h, 1)
					}
				}
			}
			for i, h := range taken {
				if rapid.Bool().Draw(t, "accepted") {
					if !tree.Settle(int32(i), h.class, part(h.typ, h.gpus), nodes) {
						t.Fatal("what was taken is refused")
					}
					running = append(running, h)
					continue
				}
				move(h, -1)
			}
			tree.Close()
		case 2: // one ends
			if len(running) > 0 {
				h := running[0]
				running = running[1:]
				tree.Release(h.class, part(h.typ, h.gpus), nodes)
				move(h, -1)
			}
		case 3: // somebody plans and takes it back
			m := tree.Mark()
			for _, h := range running {
				tree.Try(h.class, part(h.typ, h.gpus), nodes, -1)
			}
			if len(running) > 0 {
				tree.Try(running[0].class, part(0, 3), nodes, 1)
			}
			tree.Undo(m)
		case 4:
			tree = tree.Clone()
		}
		check()
	}
	for _, h := range running {
		tree.Release(h.class, part(h.typ, h.gpus), nodes)
		move(h, -1)
	}
	check()
}

func needOf(h holding) []int64 {
	need := make([]int64, len(resources))
	need[h.typ], need[2] = int64(h.gpus)*1000, int64(h.gpus)*1000
	return need
}
