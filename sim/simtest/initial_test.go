package simtest

import (
	"testing"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// TestStartOfAnInitialJob: it is its first start, not the policy's doing, and policies see when it will end.
func TestStartOfAnInitialJob(t *testing.T) {
	r := &Recorder{}
	o := NewOracle(FIFO{}, nil, nil)
	job := Job("a", -30*state.Second, 40*state.Second, 1)
	job.RecStart = -20 * state.Second
	e, err := sim.New(sim.Config{Names: &state.Names{}, Nodes: []cluster.NodeSpec{{GPUs: 2}}, Source: NewSource(), Policy: o,
		Listeners: []state.Listener{r}, Initial: []sim.InitialJob{{Spec: job, Running: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Step(); err != nil {
		t.Fatal(err)
	}
	if got, want := o.view.Jobs.Row[0].ExpEnd, 20*state.Second; got != want {
		t.Errorf("expected to end at %d, want %d", got, want)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	found := false
	for _, ev := range r.Events {
		if ev.Kind == state.EvStart {
			found = true
			if ev.Flags != state.FlagFirst || ev.Y != int64(-20*state.Second) || ev.X != int64(10*state.Second) {
				t.Errorf("start %+v: want flag First only, first start at -20 s after 10 s", ev)
			}
		}
		if ev.Kind == state.EvEnd && (ev.Time != 20*state.Second || ev.Z != uint64(40*state.Second)) {
			t.Errorf("ended at %d after %d ns, want at 20 s after 40 s", ev.Time, ev.Z)
		}
	}
	if !found {
		t.Error("no start")
	}
}
