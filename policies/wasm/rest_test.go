package wasm_test

import (
	"fmt"
	"testing"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// awaiting decides nothing and awaits so many GPUs, or a job of a number up to this.
const awaiting = `
(data (i32.const 4096) "awaiting")
(func $setup (call $policy (i32.const 4096) (i32.const 8) (i32.const 0)))
(func (export "sched1_decide") (param $n i32) (result i32)
  (local $d i32)
  (local.set $d (i32.load (global.get $desc.decisions_ptr)))
  (i32.store16 (local.get $d) (global.get $DO_AWAIT))
  (i32.store (i32.add (local.get $d) (i32.const 20)) (i32.const %d))
  (i64.store (i32.add (local.get $d) (i32.const 32)) (i64.const %d))
  (i32.const 1))
`

// TestAwait: a guest is called when what it awaits is there, when anything else happens that it cannot foresee, and before its buffer
// of 256 events would have to grow; never otherwise.
func TestAwait(t *testing.T) {
	const jobs = 600
	h := newHost(t)
	for _, c := range []struct {
		name   string
		gpus   uint32
		number int64
		change func(w *trial.World)
		calls  uint64
	}{
		{"nothing", sched1.None, -1, nil, 1 + (jobs-1)/256},
		{"free GPUs that are there", 2, -1, nil, jobs},
		{"more GPUs than are free", 3, -1, nil, 1 + (jobs-1)/256},
		{"the first ten jobs", sched1.None, 9, nil, 10 + (jobs-10)/256},
		{"any job", sched1.None, 1<<63 - 1, nil, jobs},
		{"nothing, and a node is cordoned", sched1.None, -1, func(w *trial.World) {
			w.Changes = []sim.Change{{At: 100*state.Second + 1, Node: 0, Kind: sim.ChangeCordon}}
		}, 2 + (jobs-100)/256},
		{"nothing, and a job leaves", sched1.None, -1, func(w *trial.World) { w.Jobs[49].Patience = state.Second / 2 }, 2 + (jobs-50)/256},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := h.Load("awaiting.wasm", wat(t, fmt.Sprintf(awaiting, int32(c.gpus), c.number)), wasm.DefaultBudget().MemoryPages)
			if err != nil {
				t.Fatal(err)
			}
			s, err := m.NewScheduler(options(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			w := trial.World{Nodes: trial.NodesOf(1, 0, 2, 0, 0), Types: []string{"A"}, Horizon: 2 * jobs * state.Second}
			for i := range int64(jobs) {
				w.Jobs = append(w.Jobs, trial.JobOf(1+i, 5, trial.AnyGPUs(1)))
			}
			if c.change != nil {
				c.change(&w)
			}
			if _, err := trial.Run(&w, s); err != nil {
				t.Fatal(err)
			}
			for _, u := range s.Uses() {
				if u.Hook == sched1.HookDecide && u.Calls != c.calls {
					t.Errorf("%d calls, want %d", u.Calls, c.calls)
				}
			}
		})
	}
}
