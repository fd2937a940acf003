package policytest_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// peek keeps the view that a policy is given.
type peek struct {
	state.Policy
	v *state.View
}

func (p *peek) Init(v *state.View) error {
	p.v = v
	return p.Policy.Init(v)
}

// Queues of a random tree share a random world: books and causes are those that are computed anew, nothing that the pipeline
// decides is refused, and after each pass nobody waits whom quota, cluster and strategy would let start.
func TestQueuesShareAsTheirStrategiesSay(t *testing.T) {
	var looked, strict, traversed int
	rapid.Check(t, func(t *rapid.T) {
		pick := simtest.Pick(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") })
		spec := policies.Spec{Order: []string{"fifo", "sjf", "priority", "fair-by-user"}[pick(4)], Backfill: []string{"none", "easy", "conservative"}[pick(3)]}
		build := func() state.Policy {
			p, err := policies.Build(spec)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		see := &peek{Policy: build()}
		w := simtest.Random(pick, see)
		if w.Config.Quota == nil {
			t.Skip("a world without a tree")
		}
		checker := check.New()
		w.Config.Listeners = append(w.Config.Listeners, checker)
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		plain := w.Fresh(false)
		plain.Config.Policy = build()
		f, err := sim.New(plain.Config)
		if err != nil {
			t.Fatal(err)
		}
		cut := pick(30)
		for i := 0; ; i++ {
			next, ok := e.Peek()
			if !ok {
				break
			}
			if err := w.Oracle.Charge(e.Now(), next); err != nil {
				t.Fatal(err)
			}
			if err := e.Step(); err != nil {
				t.Fatal(err)
			}
			a, b, c := nobodyCouldStart(t, see.v)
			looked, strict, traversed = looked+a, strict+b, traversed+c
			if i < cut {
				if err := f.Step(); err != nil {
					t.Fatal(err)
				}
			} else if i == cut {
				if f, err = f.Fork(); err != nil {
					t.Fatal(err)
				}
			}
		}
		end := e.Now()
		e.Finish(end)
		if err := w.Oracle.Compare(w.Record.Events); err != nil {
			t.Fatal(err)
		}
		if err := checker.Done(); err != nil {
			t.Fatal(err)
		}
		for i := range w.Record.Events {
			if ev := &w.Record.Events[i]; ev.Kind == state.EvRefuse {
				t.Fatalf("job %d at %d ns: %s", ev.Job, ev.Time, state.Refusal(ev.Cause))
			}
		}
		if _, err := f.Run(state.Never); err != nil {
			t.Fatal(err)
		}
		f.Finish(end)
		if f.Digest() != e.Digest() {
			t.Fatal("a fork went another way")
		}
	})
	if looked == 0 || strict == 0 || traversed == 0 {
		t.Errorf("%d waiting jobs were looked at, %d of strict queues, %d of such that are traversed: too few to tell", looked, strict, traversed)
	}
}

// nobodyCouldStart looks at every waiting job after an instant.
func nobodyCouldStart(t *rapid.T, v *state.View) (looked, strict, traversed int) {
	tree := v.Quota.(*quota.Tree)
	c := cluster.New()
	c.CopyFrom(v.Capacity.(*cluster.Cluster))
	turn := func(slot int32) (int32, uint64) { return v.Jobs.Row[slot].Priority, v.Jobs.Row[slot].Number }
	first := map[[2]int32]int32{} // of a partition's queue: its first job
	for s := range v.Jobs.Row {
		j, slot := &v.Jobs.Row[s], int32(s)
		if j.State != state.JobQueued || j.Evictions > 0 {
			continue // where an evicted job queues again is its recovery's affair
		}
		key := [2]int32{j.Partition, tree.QueueOf(tree.ClassOf(v.Line[slot]))}
		was, ok := first[key]
		if p, n := turn(slot); ok {
			if q, m := turn(was); p > q || p == q && n < m {
				first[key] = slot
			}
		} else {
			first[key] = slot
		}
	}
	for s := range v.Jobs.Row {
		j, slot := &v.Jobs.Row[s], int32(s)
		if j.State != state.JobQueued || j.Evictions > 0 {
			continue
		}
		looked++
		class := tree.ClassOf(v.Line[slot])
		queue := tree.QueueOf(class)
		strategy := tree.Spec().Queues[queue].Strategy
		head := first[[2]int32{j.Partition, queue}] == slot
		var log []state.Part
		fits := tree.Open(class) && c.PlaceLowest(&log, uint32(j.Partition), v.Shapes.Of(j.Shape)) && takes(tree, class, log, c)
		c.Undo(&log, 0)
		switch {
		case strategy == quota.BestEffortFIFO:
			traversed++
			if fits {
				t.Fatalf("job %d fits and waits in %s, whose jobs pass each other\n%+v\n%+v\n%+v", j.Number, tree.Spec().Queues[queue].Name, *j, v.Shapes.Of(j.Shape), *tree.Spec())
			}
		case strategy == quota.StrictFIFO && head:
			strict++
			if fits && !someoneCameBack(v, tree, queue) {
				t.Fatalf("job %d is the first of %s, fits and waits\n%+v\n%+v\n%+v", j.Number, tree.Spec().Queues[queue].Name, *j, v.Shapes.Of(j.Shape), *tree.Spec())
			}
		}
	}
	return looked, strict, traversed
}

// takes reports whether a placement is within the quota: the types on which it lies are not always those that have some left.
func takes(tree *quota.Tree, class int32, parts []state.Part, c *cluster.Cluster) bool {
	m := tree.Mark()
	ok := tree.Take(-2, class, parts, c.Nodes())
	tree.Undo(m)
	return ok
}

// someoneCameBack reports whether an evicted job waits in a queue: it may be the first.
func someoneCameBack(v *state.View, tree *quota.Tree, queue int32) bool {
	for s := range v.Jobs.Row {
		if j := &v.Jobs.Row[s]; j.State == state.JobQueued && j.Evictions > 0 && tree.QueueOf(tree.ClassOf(v.Line[s])) == queue {
			return true
		}
	}
	return false
}
