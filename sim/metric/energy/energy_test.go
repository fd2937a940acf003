package energy_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/metric/energy"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

const hour = 3600 * state.Second

func near(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// Four hours of a node of 4 GPUs: base 300 W; free 50 W, held 100 W, busy 400 W. A job works on two GPUs for an hour, stands still for
// one, and the node is down in the last.
func TestByHand(t *testing.T) {
	st := script.New()
	st.Node("n", "A", 4)
	a := st.Arrive(script.Job{Name: "a", Replicas: 1, PodGPUs: 2})
	st.Start(a, 0, script.Part(0, 3, 1000))
	st.At(hour)
	st.Emit(state.Event{Kind: state.EvRate, Job: a, Z: 0})
	st.At(2 * hour)
	st.End(a, state.Finished, state.ReasonRecorded)
	st.At(3 * hour)
	st.Flags(state.EvNodeDown, 0, 0)
	st.At(4 * hour)
	st.Stop()
	carbon := make([]int64, 24)
	carbon[23], carbon[0], carbon[1] = 500_000, 100_000, 200_000 // mg a kWh
	m := energy.New(energy.Config{Powers: []energy.Power{{Base: 300_000, Idle: 50_000, Held: 100_000, Busy: 400_000}}, Of: func(*state.Nodes, int32) int32 { return 0 },
		PUE: 1_250_000, Carbon: carbon, Hour: 23 * hour, Cap: 1_400_000})
	st.Deliver(3, m)
	r := m.Result()
	near(t, "base", energy.KWh(r.Base), 0.9)
	near(t, "free", energy.KWh(r.Free), 0.1+0.1+0.2)
	near(t, "jobs", energy.KWh(r.Jobs), 0.8+0.2)
	near(t, "carbon", r.CarbonKg(), 1.25*(1.2*0.5+0.6*0.1+0.5*0.2))
	if r.Peak != 1_500_000 || r.Over != hour {
		t.Errorf("peak %d mW, over the cap for %d ns", r.Peak, r.Over)
	}
	near(t, "the job", m.UsedBy(a), 1.0)
}

// In any world jobs, free GPUs and bases are never negative, and with one power for everything the total is power x time of nodes that
// were up: nothing is counted twice or left out.
func TestPowersAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
		policies := []state.Policy{simtest.FIFO{}, simtest.Greedy{}, simtest.Fickle{Preempts: true}}
		w := simtest.Random(pick, policies[pick(3)]).Fresh(false)
		m := energy.New(energy.Config{Powers: []energy.Power{{Base: 7_000, Idle: 1_000, Held: 1_000, Busy: 1_000}}, Of: func(*state.Nodes, int32) int32 { return 0 }, PUE: 1_000_000})
		rec := &simtest.Recorder{}
		w.Config.Listeners = append(w.Config.Listeners, m, rec)
		e, err := sim.New(w.Config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(1000); err != nil {
			t.Fatal(err)
		}
		e.Finish(e.Now())
		up, want := map[int32]state.Time{}, 0.0
		end := state.Time(0)
		for _, ev := range rec.Events {
			end = ev.Time
			switch ev.Kind {
			case state.EvNodeUp:
				if _, ok := up[ev.Node]; !ok {
					up[ev.Node] = ev.Time
				}
			case state.EvNodeDown:
				if at, ok := up[ev.Node]; ok {
					want += float64(ev.Time-at) * (7 + float64(e.Nodes().GPUsTotal[ev.Node]))
					delete(up, ev.Node)
				}
			}
		}
		for n, at := range up {
			want += float64(end-at) * (7 + float64(e.Nodes().GPUsTotal[n]))
		}
		r := m.Result()
		total := r.Total()
		if got := total.Float(1_000_000); math.Abs(got-want) > 1e-6*math.Max(want, 1) {
			t.Fatalf("%v W ns, want %v", got, want)
		}
		for what, x := range map[string]state.Wide{"base": r.Base, "free": r.Free, "jobs": r.Jobs} {
			if x.Float(1) < 0 {
				t.Fatalf("%s is negative", what)
			}
		}
	})
}
