package wasm_test

import (
	"math"
	"runtime"
	"testing"

	"github.com/orrery-sim/orrery/internal/stopwatch"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// idle is a native policy that decides nothing.
type idle struct{}

func (idle) Info() state.Info                   { return state.Info{Name: "idle"} }
func (idle) Init(*state.View) error             { return nil }
func (idle) Observe(*state.View, []state.Event) {}
func (idle) Pass(*state.View, *state.Decisions) {}
func (idle) Clone() (state.Policy, error)       { return idle{}, nil }

// idler is a whole scheduler that looks at each event and decides nothing.
const idler = `
(data (i32.const 4096) "idler")
(func $setup (call $policy (i32.const 4096) (i32.const 5) (i32.const 0)))
(global $seen (mut i64) (i64.const 0))
(func (export "sched1_decide") (param $n i32) (result i32)
  (local $at i32)
  (local.set $at (i32.load (global.get $desc.events_ptr)))
  (block $done
    (loop $events
      (br_if $done (i32.eqz (local.get $n)))
      (global.set $seen (i64.add (global.get $seen) (i64.load (i32.add (local.get $at) (i32.const 24)))))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br $events)))
  (i32.const 0))
`

// BenchmarkEvents is what an event costs a guest beside a native policy: arrivals, one an instant (so that each is a call) and a
// hundred an instant, under a policy that decides nothing.
func BenchmarkEvents(b *testing.B) {
	m, err := newHost(b).Load("idler.wasm", wat(b, idler), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		b.Fatal(err)
	}
	for _, batch := range []int64{1, 100} {
		w := policytest.World{Nodes: policytest.NodesOf(16, 0, 8, 0, 0), Types: []string{"A"}, Horizon: state.End}
		for i := range int64(100_000) {
			w.Jobs = append(w.Jobs, policytest.JobOf(i/batch, 10, policytest.AnyGPUs(1)))
		}
		for name, policy := range map[string]func() (state.Policy, error){
			"native": func() (state.Policy, error) { return idle{}, nil },
			"guest":  func() (state.Policy, error) { return m.NewScheduler(options(), nil) },
		} {
			b.Run(name+"/"+map[int64]string{1: "one", 100: "hundred"}[batch], func(b *testing.B) {
				for b.Loop() {
					p, err := policy()
					if err != nil {
						b.Fatal(err)
					}
					e, err := sim.New(w.Config(p))
					if err != nil {
						b.Fatal(err)
					}
					if _, err := e.Run(state.Never); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/event")
			})
		}
	}
}

// watched keeps the view that a policy was shown last.
type watched struct {
	state.Policy
	v *state.View
}

func (w *watched) Pass(v *state.View, d *state.Decisions) {
	w.v = v
	w.Policy.Pass(v, d)
}

// BenchmarkCall is one event handed to a guest that decides nothing, and the call that tells it: what a guest costs beside an engine.
// overhead-ns/event is the fastest thousand.
func BenchmarkCall(b *testing.B) {
	m, err := newHost(b).Load("idler.wasm", wat(b, idler), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		b.Fatal(err)
	}
	s, err := m.NewScheduler(options(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w := policytest.World{Nodes: policytest.NodesOf(16, 0, 8, 0, 0), Types: []string{"A"}, Horizon: state.End,
		Jobs: []state.JobSpec{policytest.JobOf(0, 10, policytest.AnyGPUs(1))}}
	p := &watched{Policy: s}
	e, err := sim.New(w.Config(p))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		b.Fatal(err)
	}
	var d state.Decisions
	events := []state.Event{{Kind: state.EvQueue, A: 1}}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best, from, calls := math.Inf(1), stopwatch.Busy(), 0
	b.ReportAllocs()
	for b.Loop() {
		p.v.Now++
		d.Reset()
		s.Observe(p.v, events)
		s.Pass(p.v, &d)
		if d.Fault != nil {
			b.Fatal(d.Fault)
		}
		if calls++; calls%1000 == 0 {
			now := stopwatch.Busy()
			best, from = min(best, float64((now-from).Nanoseconds())/1000), now
		}
	}
	if calls >= 1000 {
		b.ReportMetric(best, "overhead-ns/event")
	}
}
