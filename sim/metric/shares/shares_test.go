package shares_test

import (
	"math"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric/shares"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// Two queues that deserve 4 of 8 GPUs each. From 0 to 10 s a uses 6: 4 of its own, 2 that b lends. From 2 to 10 s b wants 4 and
// has 2 of them; from 10 to 15 s it has 4, and a uses nothing.
func TestSharesByHand(t *testing.T) {
	names := &state.Names{}
	names.Types.Intern([]byte("A"))
	a, b := names.Queues.Intern([]byte("a")), names.Queues.Intern([]byte("b"))
	spec := &quota.Spec{Rules: quota.Volcano, Default: -1, Resources: []quota.Resource{{Name: "A", Kind: quota.GPU}},
		Queues: []quota.Queue{{Name: "a", Parent: -1, Deserved: []int64{4000}}, {Name: "b", Parent: -1, Deserved: []int64{4000}}}}
	policy, err := policies.Build(policies.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	in := func(queue int32) func(*state.JobSpec) { return func(j *state.JobSpec) { j.Queue = queue } }
	l := shares.New(spec.Resources, 0)
	s := state.Second
	e, err := sim.New(sim.Config{Names: names, Nodes: []cluster.NodeSpec{{Name: "n", GPUs: 8}}, Quota: spec, Policy: policy, Listeners: []state.Listener{l},
		Source: simtest.NewSource(simtest.Job("a1", 0, 10*s, 6, in(a)), simtest.Job("b1", 2*s, 13*s, 2, in(b)), simtest.Job("b2", 2*s, 5*s, 2, in(b)))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(15 * s)
	r := l.Result()
	unit := int64(1000 * s)
	check := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	qa, qb := &r.Queues[0], &r.Queues[1]
	check("a used", qa.Used.Float(unit), 60)
	check("a own", qa.Own.Float(unit), 40)
	check("a borrowed", qa.Borrowed.Float(unit), 20)
	check("a lent", qa.Lent.Float(unit), 0)
	check("a due", qa.Due.Float(unit), 60)
	check("b used", qb.Used.Float(unit), 2*8+4*5)
	check("b lent", qb.Lent.Float(unit), 2*10)
	check("a satisfied", qa.Satisfaction(), 1)
	check("b satisfied", qb.Satisfaction(), float64(2*8+4*5)/float64(4*13))
	x, y := 60.0/60, 36.0/60
	check("Jain", r.Jain, (x+y)*(x+y)/(2*(x*x+y*y)))
	if qa.Name != "a" || qb.Name != "b" {
		t.Errorf("queues %q and %q", qa.Name, qb.Name)
	}
}
