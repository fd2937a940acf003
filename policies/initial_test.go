package policies_test

import (
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// starts keeps when each job started first, by number.
type starts map[uint64]state.Time

func (s starts) Kinds() state.KindSet { return state.Kinds(state.EvStart) }

func (s starts) Observe(b *state.Batch) {
	for i := range b.Events {
		if ev := &b.Events[i]; ev.Kind == state.EvStart {
			s[ev.Number] = state.Time(ev.Y)
		}
	}
}

// A job that runs since before instant 0 blocks nobody and holds what it holds: of 4 GPUs it has 3 until 20 s.
func TestEveryPolicyKnowsWhoRunsAlready(t *testing.T) {
	spec := func(name string, submit, run state.Time, gpus int32) state.JobSpec {
		var s state.JobSpec
		s.Reset()
		s.Name, s.Submit, s.Duration, s.Estimate = []byte(name), submit, run, run
		s.Roles = []state.RoleSpec{simtest.Split(gpus)}
		return s
	}
	var specs []policies.Spec
	for _, e := range policies.Entries() {
		switch e.Slot {
		case policies.SlotPreset:
			specs = append(specs, policies.Spec{Preset: e.Name})
		case policies.SlotOrder:
			specs = append(specs, policies.Spec{Order: e.Name}, policies.Spec{Order: e.Name, Backfill: "easy"},
				policies.Spec{Order: e.Name, Backfill: "conservative"})
		}
	}
	for _, s := range specs {
		p, err := policies.Build(s)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(p.Info().Name, func(t *testing.T) {
			a := spec("a", -30*state.Second, 40*state.Second, 3)
			a.RecStart = -20 * state.Second
			got := starts{}
			names := &state.Names{}
			names.X.Intern([]byte("x_qssf_pred_s")) // helios-qssf orders by it
			e, err := sim.New(sim.Config{Names: names, Policy: p, GrantTruth: true, Listeners: []state.Listener{got},
				Nodes:      []cluster.NodeSpec{{Name: "n", GPUs: 4}},
				Recoveries: []state.Recovery{{Protect: 100 * state.Second}}, // preemptive orders would take its GPUs
				Initial:    []sim.InitialJob{{Spec: a, Running: true}},
				Source:     simtest.NewSource(spec("b", state.Second, 5*state.Second, 1), spec("c", 2*state.Second, 5*state.Second, 2))})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Run(state.Never); err != nil {
				t.Fatal(err)
			}
			e.Finish(e.Now())
			want := starts{0: -20 * state.Second, 1: state.Second, 2: 20 * state.Second}
			if strings.HasPrefix(s.Preset, "openb-") { // drops what does not fit on arrival
				delete(want, 2)
			}
			if strings.HasPrefix(s.Preset, "gavel-") { // nobody joins a round that runs
				want[1] = 20 * state.Second
			}
			for number, at := range want {
				if got[number] != at {
					t.Errorf("job %d starts at %d ns, want %d", number, got[number], at)
				}
			}
			if n := e.Counts().Refused; n != 0 {
				t.Errorf("%d decisions were refused", n)
			}
		})
	}
}
