package lockstep_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/lockstep"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

// native is a policy of the registry.
func native(t *testing.T, short string) lockstep.Side {
	spec, err := policies.ParseShort(short)
	if err != nil {
		t.Fatal(err)
	}
	return lockstep.Side{Name: "native:" + short, New: func() (state.Policy, error) { return policies.Build(spec) }}
}

func config(w *trial.World) lockstep.Config {
	return func(p state.Policy) (sim.Config, error) { return w.Config(p), nil }
}

// world has a choice of nodes for some jobs and a queue.
func world() *trial.World {
	w := &trial.World{Name: "choice", Types: []string{"A"}, Nodes: append(trial.NodesOf(1, 0, 4, 0, 0), trial.NodesOf(2, 0, 8, 0, 0)...)}
	for i := range int64(12) {
		j := trial.JobOf(i/3, 4+i%3, trial.Pods(1, 1+int32(i*5%8), 0, 0))
		j.Name = []byte{'j', byte('a' + i)}
		if i >= 4 {
			j.Priority = int32(i % 4)
		}
		if i == 5 {
			j.RecStart = 3500 * state.Second / 1000
		}
		w.Jobs = append(w.Jobs, j)
	}
	return w
}

// TestDiff: what the command prints of policies that differ in a place, in an order, in time, and not at all.
func TestDiff(t *testing.T) {
	for name, c := range map[string]struct{ a, b string }{
		"place": {"fifo", "fifo+none+worst-fit"},
		"order": {"fifo", "priority"},
		"time":  {"fifo", "recorded"},
		"alike": {"fifo", "fifo+none+first-fit"},
		"drops": {"fifo", "openb-best-fit"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := lockstep.Diff(native(t, c.a), native(t, c.b), config(world()))
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			if err := r.Text(&text); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", text.String())
			if r.Alike() != (name == "alike") {
				t.Errorf("alike: %t", r.Alike())
			}
			b, err := json.MarshalIndent(r, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", string(b)+"\n")
			back, err := lockstep.Diff(native(t, c.b), native(t, c.a), config(world()))
			if err != nil {
				t.Fatal(err)
			}
			if back.Same != r.Same || back.Alike() != r.Alike() {
				t.Errorf("the other way round they agree on %d decisions, not %d", back.Same, r.Same)
			}
		})
	}
}

// TestGuestsAgainstTwins: a guest and its native twin decide alike in every world, and the tape says so.
func TestGuestsAgainstTwins(t *testing.T) {
	h, err := wasm.NewHost("")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	m, err := h.ReadFile(filepath.Join("..", "sdk", "examples", "best-fit-c", "best-fit.wasm"), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	guest := lockstep.Side{Name: "best-fit.wasm", New: func() (state.Policy, error) {
		return policies.Build(policies.Spec{Guests: map[policies.Slot]*policies.Guest{policies.SlotPlace: {Module: m, Options: wasm.Options{Budget: wasm.DefaultBudget()}}}})
	}}
	worlds := trial.Worlds()
	decisions := uint64(0)
	for i := range worlds {
		r, err := lockstep.Diff(native(t, "fifo+none+best-fit-scan"), guest, config(&worlds[i]))
		if err != nil {
			t.Fatal(worlds[i].Name, err)
		}
		if !r.Alike() {
			var text strings.Builder
			if err := r.Text(&text); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s: %s", worlds[i].Name, text.String())
		}
		decisions += r.Same
	}
	if decisions < 400 {
		t.Errorf("only %d decisions were compared", decisions)
	}
}

// TestErrorsNameTheSide: a policy that cannot be made, or fails in mid-run.
func TestErrorsNameTheSide(t *testing.T) {
	bad := lockstep.Side{Name: "bad", New: func() (state.Policy, error) { return nil, os.ErrNotExist }}
	if _, err := lockstep.Diff(native(t, "fifo"), bad, config(world())); err == nil || err.Error() != "bad: file does not exist" {
		t.Error(err)
	}
	failing := lockstep.Side{Name: "failing", New: func() (state.Policy, error) { return &faulty{policies.NewPipelineOf(policies.Parts{})}, nil }}
	if _, err := lockstep.Diff(native(t, "fifo"), failing, config(world())); err == nil || err.Error() != "failing: file does not exist" {
		t.Error(err)
	}
}

// faulty fails once jobs wait.
type faulty struct{ state.Policy }

func (f *faulty) Pass(v *state.View, d *state.Decisions) {
	if v.Now > 0 {
		d.Fault = os.ErrNotExist
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got); where it should, run the test with -update and read the difference:\n%s", file, d)
	}
}
