package simtest

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// pick draws from rapid.
func pick(t *rapid.T) Pick {
	return func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
}

// policyFor draws a test policy with any trigger.
func policyFor(p Pick) state.Policy {
	var trigger state.Trigger
	switch p(4) {
	case 2:
		trigger.Every = state.Time(1 + p(9))
	case 3:
		trigger.Coalesce = state.Time(1 + p(9))
	}
	switch p(4) {
	case 1:
		return Greedy{FIFO{Trigger: trigger}}
	case 2:
		return Fickle{Trigger: trigger}
	case 3:
		return Fickle{Trigger: trigger, Preempts: true}
	}
	return FIFO{Trigger: trigger}
}

func TestCausesAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pick(t)
		w := Random(p, policyFor(p))
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		end := w.Config.Horizon
		if end == 0 {
			end = state.Time(p(1000))
		}
		if err := w.Oracle.Drive(e, w.Record, end, func() bool { return p(2) == 1 }); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCausesInUniformWorlds draws without rapid's leaning to small numbers: fuller worlds, more of everything at once.
func TestCausesInUniformWorlds(t *testing.T) {
	met := map[state.Cause]bool{}
	kinds := map[state.EventKind]bool{}
	for seed := range uint64(400) {
		s := rng.NewKey(seed, "uniform").Stream(0, 0)
		p := Pick(func(n int) int { return s.IntN(n) })
		w := Random(p, policyFor(p))
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Oracle.Drive(e, w.Record, state.Time(p(400)), func() bool { return p(8) == 7 }); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i := range w.Record.Events {
			ev := &w.Record.Events[i]
			kinds[ev.Kind] = true
			if ev.Kind == state.EvWaited {
				met[state.Cause(ev.Cause)] = true
			}
		}
	}
	for _, c := range []state.Cause{state.CauseHeld, state.CauseNever, state.CauseCapacity, state.CauseFragmented,
		state.CauseReservation, state.CauseOrder, state.CauseChoice} {
		if !met[c] {
			t.Errorf("no job waited for %s: the worlds are too small", c)
		}
	}
	for _, k := range []state.EventKind{state.EvHold, state.EvEvict, state.EvNeverFits, state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags,
		state.EvRefuse, state.EvQueueLen, state.EvShapeTest} {
		if !kinds[k] {
			t.Errorf("no event of kind %d", k)
		}
	}
}

// idle starts nobody and gives another reason at each pass.
type idle struct{ FIFO }

func (idle) Pass(v *state.View, d *state.Decisions) {
	d.FitCause = []state.Cause{state.CauseOrder, state.CauseReservation}[v.Pass%2]
}

// TestShapeSlotGoesToAnotherPartition: a shape that nobody has any more is forgotten while its clock still stands in the
// list of its partition, and its slot goes to a shape of another.
func TestShapeSlotGoesToAnotherPartition(t *testing.T) {
	cpu := func(part int32, milli int64, patience state.Time) func(*state.JobSpec) {
		return func(j *state.JobSpec) {
			j.Roles = []state.RoleSpec{{Replicas: 1, CPUMilli: milli}}
			j.Partition, j.Patience = part, patience
		}
	}
	var specs []state.JobSpec
	specs = append(specs, Job("a", 0, 1, 0, cpu(0, 500, 5)), Job("b", 10, 1, 0, cpu(1, 700, 20)))
	for i := range state.Time(5) { // passes of the first partition, with other reasons
		specs = append(specs, Job("c", 12+2*i, 1, 1, func(j *state.JobSpec) { j.Partition = 0 }))
	}
	c := config(NewSource(specs...), nil, 4)
	c.Nodes[0].CPUMilli = 4000
	other := c.Nodes[0]
	other.Partition = 1
	c.Nodes = append(c.Nodes, other)
	o, r := NewOracle(idle{}, nil, specs), &Recorder{}
	c.Policy, c.Listeners = o, []state.Listener{r}
	e, err := sim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Drive(e, r, 50, func() bool { return e.Now() == 5 }); err != nil {
		t.Fatal(err)
	}
}
