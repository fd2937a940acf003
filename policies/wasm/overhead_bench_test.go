package wasm_test

import (
	"io"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/orrery-sim/orrery/internal/stopwatch"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// BenchmarkOverhead is what an event costs more because a guest is told of it and not a native policy that does the same. Runs under both
// take turns, in slices of 500 instants, and the fastest run of each slice counts: a machine that others use is never faster than it
// is. An event is one that the guest is told. The guest's own work is in it as far as its code is slower than the twin's.
//
//	one            an event an instant, so that each is a call; nobody decides anything
//	hundred        a hundred an instant
//	fcfs/...       first come, first served in C, on 2,048 GPUs under load 1.05 with 6 and with 2,048 sizes of jobs: three events a job
//
// BenchmarkCall is the call alone.
func BenchmarkOverhead(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // collections come between runs
	h := newHost(b)
	idling, err := h.Load("idler.wasm", wat(b, idler), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		b.Fatal(err)
	}
	fcfs := example(b, h, "fcfs-c", "fcfs.wasm")
	guest := func(m *wasm.Module) func() (state.Policy, error) {
		return func() (state.Policy, error) { return m.NewScheduler(options(), nil) }
	}
	arrivals := func(each int64) *policytest.World {
		w := &policytest.World{Nodes: policytest.NodesOf(16, 0, 8, 0, 0), Types: []string{"A"}, Horizon: state.End}
		for i := range int64(10_000) {
			w.Jobs = append(w.Jobs, policytest.JobOf(i/each, 10, policytest.AnyGPUs(1)))
		}
		return w
	}
	loaded := func(preset string) *policytest.World {
		return &policytest.World{Nodes: policytest.NodesOf(256, 0, 8, 0, 0), Types: []string{"A"}, Jobs: jobsOf(b, preset, 50_000)}
	}
	for _, c := range []struct {
		name   string
		world  *policytest.World
		events float64 // that the guest is told, a job
		twin   func() (state.Policy, error)
		guest  func() (state.Policy, error)
	}{
		{"one", arrivals(1), 1, func() (state.Policy, error) { return idle{}, nil }, guest(idling)},
		{"hundred", arrivals(100), 1, func() (state.Policy, error) { return idle{}, nil }, guest(idling)},
		{"fcfs/6-sizes", loaded("swf-load"), 3, func() (state.Policy, error) { return &twin{}, nil }, guest(fcfs)},
		{"fcfs/2048-sizes", loaded("swf-load-sizes"), 3, func() (state.Policy, error) { return &twin{}, nil }, guest(fcfs)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var best [2]stopwatch.Slices
			var digest [2]string
			runtime.LockOSThread() // whose time is measured
			defer runtime.UnlockOSThread()
			for b.Loop() {
				for i, policy := range []func() (state.Policy, error){c.twin, c.guest} {
					digest[i] = timedRun(b, c.world, policy, &best[i])
				}
			}
			if digest[0] != digest[1] {
				b.Fatalf("the guest's run has digest %s, its twin's %s", digest[1], digest[0])
			}
			events := c.events * float64(len(c.world.Jobs))
			b.ReportMetric((best[1].NS()-best[0].NS())/events, "overhead-ns/event")
			b.ReportMetric(best[0].NS()/events, "twin-ns/event")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// timedRun times a run in slices and returns its digest.
func timedRun(b *testing.B, w *policytest.World, policy func() (state.Policy, error), best *stopwatch.Slices) string {
	p, err := policy()
	if err != nil {
		b.Fatal(err)
	}
	e, err := sim.New(w.Config(p))
	if err != nil {
		b.Fatal(err)
	}
	best.Run(func() bool {
		more, err := e.Steps(500)
		if err != nil {
			b.Fatal(err)
		}
		return more
	})
	if c, ok := p.(io.Closer); ok {
		c.Close()
	}
	e.Finish(0)
	return e.Digest()
}

// jobsOf are the first jobs of a generator's preset.
func jobsOf(b *testing.B, preset string, jobs int64) (out []state.JobSpec) {
	spec, ok := gen.Preset(preset)
	if !ok {
		b.Fatalf("no preset %s", preset)
	}
	spec.Jobs = jobs
	src, err := gen.New(spec, 1, &state.Names{})
	if err != nil {
		b.Fatal(err)
	}
	for {
		var j state.JobSpec
		if ok, err := src.Next(&j); err != nil {
			b.Fatal(err)
		} else if !ok {
			return out
		}
		out = append(out, j)
	}
}

// twin is first come, first served as the guest in C has it: a linked list of waiting jobs kept from events, decisions placed on the
// lowest nodes. It is for jobs that arrive once and take any GPUs of one partition.
type twin struct {
	jobs        []twinJob
	first, last int32
	some        bool
}

type twinJob struct {
	number     uint64
	gen        uint32
	gpus       int32
	next, prev int32
	waits      bool
}

func (t *twin) Info() state.Info             { return state.Info{Name: "twin"} }
func (t *twin) Init(*state.View) error       { return nil }
func (t *twin) Clone() (state.Policy, error) { panic("it is not forked") }

func (t *twin) Observe(v *state.View, events []state.Event) {
	for i := range events {
		switch ev := &events[i]; ev.Kind {
		case state.EvQueue:
			for int(ev.Job) >= len(t.jobs) {
				t.jobs = append(t.jobs, twinJob{})
			}
			t.jobs[ev.Job] = twinJob{number: ev.Number, gen: ev.Gen, gpus: ev.A, next: -1, prev: t.last, waits: true}
			if t.some {
				t.jobs[t.last].next = ev.Job
			} else {
				t.first, t.jobs[ev.Job].prev = ev.Job, -1
			}
			t.last, t.some = ev.Job, true
		case state.EvStart, state.EvEnd:
			if j := &t.jobs[ev.Job]; j.gen == ev.Gen {
				t.leave(ev.Job)
			}
		}
	}
}

func (t *twin) leave(slot int32) {
	j := &t.jobs[slot]
	if !j.waits {
		return
	}
	j.waits = false
	if j.prev < 0 {
		t.first = j.next
	} else {
		t.jobs[j.prev].next = j.next
	}
	if j.next < 0 {
		t.last = j.prev
	} else {
		t.jobs[j.next].prev = j.prev
	}
	t.some = t.first >= 0
}

func (t *twin) Pass(v *state.View, d *state.Decisions) {
	c := v.Capacity.(*cluster.Cluster)
	for t.some {
		slot := t.first
		j := &t.jobs[slot]
		if j.gpus > c.Free(uint32(v.Partition), 0) {
			d.FitCause, d.Blocker = state.CauseOrder, slot
			return
		}
		first := len(d.Parts)
		c.TakeLowest(&d.Parts, 0, 0, j.gpus)
		d.Start(slot, j.gen, first)
		t.leave(slot)
	}
}
