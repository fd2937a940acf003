package bench_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/bench"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

func native(t *testing.T, short string) bench.Spec {
	spec, err := policies.ParseShort(short)
	if err != nil {
		t.Fatal(err)
	}
	return bench.Spec{Name: "native:" + short, New: func() (state.Policy, error) { return policies.Build(spec) }}
}

// TestRun: policies that do the same have the same digest and count, whatever they are written in, and each row says what it should.
func TestRun(t *testing.T) {
	h, err := wasm.NewHost("")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	m, err := h.ReadFile(filepath.Join("..", "sdk", "examples", "best-fit-c", "best-fit.wasm"), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	guest := bench.Spec{Name: "best-fit.wasm", New: func() (state.Policy, error) {
		return policies.Build(policies.Spec{Guests: map[policies.Slot]*policies.Guest{policies.SlotPlace: {Module: m, Options: wasm.Options{Budget: wasm.DefaultBudget()}}}})
	}}
	begin := time.Now()
	rows, err := bench.Run([]bench.Spec{native(t, "fifo+none+best-fit-scan"), guest, native(t, "fifo+none+best-fit")},
		bench.Options{Nodes: []int{10, 100}, Jobs: 200, Rounds: 2, Clock: func() int64 { return int64(time.Since(begin)) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 6 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		first := rows[i/3*3]
		if r.NS <= 0 || r.Ratio != r.NS/first.NS || r.Digest != first.Digest || r.Decisions != first.Decisions || r.Decisions < 100 || r.Nodes != []int{10, 100}[i/3] {
			t.Errorf("row %d: %+v beside %+v", i, r, first)
		}
	}
	var text strings.Builder
	if err := bench.Text(&text, rows); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	if len(lines) != 5 || !strings.HasSuffix(lines[0], "10 nodes             100 nodes") || !strings.Contains(lines[1], "(x 1.00)") {
		t.Error(text.String())
	}
}

// TestLoad: half of the GPUs are in use all along.
func TestLoad(t *testing.T) {
	w := bench.Load(100, 500)
	for _, at := range []int64{2, 100, 250, 500} {
		used := int64(0)
		for i := range w.Jobs {
			j := &w.Jobs[i]
			if from, to := int64(j.Submit/state.Second), int64((j.Submit+j.Duration)/state.Second); from <= at && at < to {
				used += int64(j.Roles[0].PodGPUs)
			}
		}
		if used < 350 || used > 450 {
			t.Errorf("at %d s jobs ask for %d of 800 GPUs", at, used)
		}
	}
}

// TestOneThatFails: a policy that decides nothing, or whose run fails, has a row that says so, and the others their figures.
func TestOneThatFails(t *testing.T) {
	idle := bench.Spec{Name: "idle", New: func() (state.Policy, error) { return policy{}, nil }}
	broken := bench.Spec{Name: "broken", New: func() (state.Policy, error) { return policy{fault: errors.New("no more")}, nil }}
	begin := time.Now()
	rows, err := bench.Run([]bench.Spec{idle, native(t, "fifo+none+best-fit"), broken, native(t, "fifo+none+first-fit")},
		bench.Options{Nodes: []int{10}, Jobs: 20, Rounds: 2, Clock: func() int64 { return int64(time.Since(begin)) }})
	if err != nil || len(rows) != 4 {
		t.Fatal(rows, err)
	}
	if rows[0].Failed != "it decided nothing" || rows[1].Failed != "" || !strings.HasSuffix(rows[2].Failed, "no more") || rows[1].Ratio != 1 || rows[3].NS <= 0 {
		t.Errorf("%+v", rows)
	}
	var text strings.Builder
	if err := bench.Text(&text, rows); err != nil || !strings.Contains(text.String(), "\nidle, 10 nodes: it decided nothing\nbroken, 10 nodes: its run failed: ") {
		t.Error(text.String(), err)
	}
}

// policy decides nothing, or fails.
type policy struct{ fault error }

func (policy) Info() state.Info                         { return state.Info{Name: "policy"} }
func (policy) Init(*state.View) error                   { return nil }
func (policy) Observe(*state.View, []state.Event)       {}
func (p policy) Pass(_ *state.View, d *state.Decisions) { d.Fault = p.fault }
func (p policy) Clone() (state.Policy, error)           { return p, nil }

func TestErrorsNameThePolicy(t *testing.T) {
	bad := bench.Spec{Name: "bad", New: func() (state.Policy, error) { return nil, errors.New("no such policy") }}
	if _, err := bench.Run([]bench.Spec{bad}, bench.Options{Nodes: []int{10}}); err == nil || err.Error() != "bench: bad, 10 nodes: no such policy" {
		t.Error(err)
	}
}
