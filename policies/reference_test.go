package policies_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// waits sums what REFERENCE.md prints: waiting time, its causes, and the last end.
type waits struct {
	jobs    int64
	wait    int64
	causes  [state.NumCauses]int64
	lastEnd state.Time
}

func (w *waits) Kinds() state.KindSet {
	return state.Kinds(state.EvStart, state.EvWaited, state.EvEnd)
}

func (w *waits) Observe(b *state.Batch) {
	for i := range b.Events {
		ev := &b.Events[i]
		switch ev.Kind {
		case state.EvStart:
			w.jobs++
			w.wait += ev.X
		case state.EvWaited:
			w.causes[ev.Cause] += ev.X
		case state.EvEnd:
			w.lastEnd = ev.Time
		}
	}
}

func traceFile(t testing.TB, name string) string {
	dir := os.Getenv("ORRERY_TRACES")
	if dir == "" {
		t.Skip("ORRERY_TRACES is not set: the public traces are not here")
	}
	return filepath.Join(dir, name)
}

func runSWF(t *testing.T, policy state.Policy) (*waits, string) {
	t.Helper()
	names := &state.Names{}
	src, _, err := trace.Open("swf", traceFile(t, "swf/w105_10k.swf.gz"), trace.Options{}, names)
	if err != nil {
		t.Fatal(err)
	}
	typ, _ := names.TypeBit([]byte("A100-80"))
	_ = typ
	var nodes []cluster.NodeSpec
	for i := 0; i < 256; i++ {
		nodes = append(nodes, cluster.NodeSpec{Name: "n", GPUs: 8})
	}
	w := &waits{}
	e, err := sim.New(sim.Config{Names: names, Nodes: nodes, Source: src, Policy: policy, Listeners: []state.Listener{w}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	return w, e.Digest()
}

func TestFCFSAndEASYToTheDigit(t *testing.T) {
	for _, tc := range []struct {
		backfill backfill.Kind
		wait     int64 // s
		causes   map[state.Cause]int64
		lastEnd  state.Time
	}{
		{backfill.None, 294384 + 369396, map[state.Cause]int64{state.CauseCapacity: 294384, state.CauseOrder: 369396}, 192870},
		{backfill.Easy, 242558 + 69618, map[state.Cause]int64{state.CauseCapacity: 242558, state.CauseReservation: 69618}, 0},
	} {
		p := policies.NewPipeline(order.FIFO, backfill.Rule{Kind: tc.backfill}, place.FirstFit)
		t.Run(p.Info().Name, func(t *testing.T) {
			w, _ := runSWF(t, p)
			if w.jobs != 10000 {
				t.Errorf("%d jobs started, want 10000", w.jobs)
			}
			if w.wait != tc.wait*1e9 {
				t.Errorf("total wait %d ns, want %d s", w.wait, tc.wait)
			}
			for c := state.Cause(0); int(c) < state.NumCauses; c++ {
				if w.causes[c] != tc.causes[c]*1e9 {
					t.Errorf("waited %d ns for %s, want %d s", w.causes[c], c, tc.causes[c])
				}
			}
			if tc.lastEnd != 0 && w.lastEnd != tc.lastEnd*state.Second {
				t.Errorf("last end %d, want %d s", w.lastEnd, tc.lastEnd)
			}
		})
	}
}
