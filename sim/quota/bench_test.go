package quota_test

import (
	"fmt"
	"testing"

	"github.com/orrery-sim/orrery/sim/quota"
)

// large is a tree of 1,000 queues below 20 below one root, each with classes of four sizes that wait.
func large(b *testing.B, rules quota.Rules) (*quota.Tree, []int32) {
	s := &quota.Spec{Rules: rules, Resources: resources, Default: -1}
	some := func(n int64) []int64 { return []int64{n * 1000, n * 1000, 2 * n * 1000} }
	add := func(parent int32, n int64) {
		q := quota.Queue{Name: fmt.Sprint("q", len(s.Queues)), Parent: parent, Weight: 1e6}
		switch rules {
		case quota.Kueue:
			q.Nominal = some(n)
		case quota.Volcano:
			q.Deserved, q.Capability = some(n), some(2*n)
		default:
			q.Guarantee, q.Capability = some(n), some(2*n)
		}
		s.Queues = append(s.Queues, q)
	}
	add(-1, 100_000)
	for range 20 {
		add(0, 1000)
	}
	for i := range 1000 {
		add(int32(1+i%20), 10)
	}
	if p := s.Check(nil); len(p) > 0 {
		b.Fatal(&p[0])
	}
	t := quota.New(s, some(100_000))
	var classes []int32
	for i := range 1000 {
		for _, n := range []int32{1, 2, 4, 8} {
			c := t.ClassOf(t.Line(int32(21+i), 0, 0, n, role(0, n)))
			t.Join(c)
			classes = append(classes, c)
		}
	}
	return t, classes
}

// A start that is tried on the tree and taken back: what a pass pays a job beside placing it.
func BenchmarkTakeAndUndo(b *testing.B) {
	for _, rules := range []quota.Rules{quota.Volcano, quota.Kueue, quota.PAI} {
		b.Run(rules.String(), func(b *testing.B) {
			t, classes := large(b, rules)
			parts := part(0, 1)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				c := classes[i%len(classes)]
				i += 7
				m := t.Mark()
				t.Take(1, c, parts, nodes)
				t.Undo(m)
			}
		})
	}
}

// Whether a class fits is known.
func BenchmarkOpen(b *testing.B) {
	t, classes := large(b, quota.Volcano)
	i, open := 0, 0
	for b.Loop() {
		if t.Open(classes[i%len(classes)]) {
			open++
		}
		i += 7
	}
}
