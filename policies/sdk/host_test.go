package sdk

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// host is shared by all tests: it compiles a module once.
var host = sync.OnceValues(func() (*wasm.Host, error) { return wasm.NewHost("") })

// module is a guest behind the real host.
func module(t testing.TB, binary []byte) *wasm.Module {
	t.Helper()
	h, err := host()
	if err != nil {
		t.Fatal(err)
	}
	m, err := h.Load("guest.wasm", binary, wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func options() wasm.Options { return wasm.Options{Budget: wasm.DefaultBudget()} }

// maker makes a fresh policy.
type maker func() (state.Policy, error)

func native(o order.Rule, b backfill.Kind, p place.Rule) maker {
	return func() (state.Policy, error) { return policies.NewPipeline(o, backfill.Rule{Kind: b, Depth: 5}, p), nil }
}

// schedulesAs holds that a whole scheduler decides as the native pipeline with a backfill: in the worlds that every policy lives
// through, in drawn ones with nodes that come and go, and under a load.
func schedulesAs(b backfill.Kind) func(t *testing.T, binary []byte) {
	return func(t *testing.T, binary []byte) {
		m := module(t, binary)
		guest := func() (state.Policy, error) { return m.NewScheduler(options(), nil) }
		twin := native(order.FIFO, b, place.FirstFit)
		for _, w := range policytest.Worlds() {
			if anyGPUs(&w) {
				if err := alike(&w, twin, guest); err != nil {
					t.Errorf("%s: %v", w.Name, err)
				}
				s := policytest.Subject{New: guest}
				if err := s.Holds(&w, 5*state.Second); err != nil {
					t.Errorf("%s: %v", w.Name, err)
				}
			}
		}
		rapid.Check(t, func(rt *rapid.T) {
			w := drawLife(rt)
			if err := alike(&w, twin, guest); err != nil {
				rt.Fatalf("%v\n%s%+v", err, w.String(), w.Changes)
			}
		})
		for _, preset := range []string{"swf-load", "swf-load-sizes"} {
			jobs := drawn(t, preset, 5000)
			want, got := underLoad(t, jobs, twin), underLoad(t, jobs, guest)
			if got != want {
				t.Errorf("%s: another run than the native one:\n%+v, want\n%+v", preset, got, want)
			}
		}
	}
}

// anyGPUs reports whether every job of a world takes any free GPUs, and none is to be dropped.
func anyGPUs(w *policytest.World) bool {
	return !w.Drop && !slices.ContainsFunc(w.Jobs, func(j state.JobSpec) bool {
		return len(j.Roles) != 1 || j.Roles[0].Flags&state.RoleSplit == 0 || j.Roles[0].TypeMask != 0 || j.Roles[0].CPUMilli+j.Roles[0].MemMiB > 0
	})
}

// alike runs a world under two policies and compares who started when and where.
func alike(w *policytest.World, twin, guest maker) error {
	var records [2]*policytest.Record
	for i, make := range []maker{twin, guest} {
		p, err := make()
		if err != nil {
			return err
		}
		if records[i], err = policytest.Run(w, p, 0); err != nil {
			return fmt.Errorf("%s: %w", []string{"native", "guest"}[i], err)
		}
	}
	want, got := records[0], records[1]
	for i := range want.Jobs {
		a, b := &want.Jobs[i], &got.Jobs[i]
		if a.Start != b.Start || a.End != b.End || !slices.Equal(a.Parts, b.Parts) {
			return fmt.Errorf("job %d: %+v, want %+v", i, *b, *a)
		}
	}
	if got.Digest != want.Digest {
		return fmt.Errorf("digest %s, want %s", got.Digest, want.Digest)
	}
	return nil
}

// drawLife draws a world of one or two partitions in which nodes fail, come back, are cordoned and are added.
func drawLife(t *rapid.T) policytest.World {
	w := policytest.DrawWorld(t, policytest.FormAnyGPUs)
	w.Recoveries = nil // whole schedulers order by number: an evicted job keeps its place
	for i := range w.Jobs {
		w.Jobs[i].Recovery = 0
	}
	if rapid.Bool().Draw(t, "two_partitions") {
		for i := range w.Nodes {
			w.Nodes[i].Partition = uint32(i % 2)
		}
		for i := range w.Jobs {
			w.Jobs[i].Partition = int32(rapid.IntRange(0, 1).Draw(t, "partition"))
		}
	}
	now := state.Time(0)
	for range rapid.IntRange(0, 8).Draw(t, "changes") {
		now += state.Time(rapid.IntRange(0, 6).Draw(t, "later_s")) * state.Second
		c := sim.Change{At: now, Node: int32(rapid.IntRange(0, len(w.Nodes)-1).Draw(t, "node")),
			Kind: rapid.SampledFrom([]sim.ChangeKind{sim.ChangeUp, sim.ChangeDown, sim.ChangeCordon, sim.ChangeUncordon, sim.ChangeDrain, sim.ChangeAdd}).Draw(t, "change")}
		if c.Kind == sim.ChangeAdd {
			c.Spec = cluster.NodeSpec{Name: "more", GPUs: 4, Type: w.Nodes[0].Type, Partition: w.Nodes[c.Node].Partition}
		}
		w.Changes = append(w.Changes, c)
	}
	return w
}

// outcome is what a run under load came to.
type outcome struct {
	digest string
	waited [state.NumCauses]int64 // ns by cause
}

func (o *outcome) Kinds() state.KindSet { return state.Kinds(state.EvWaited) }

func (o *outcome) Observe(b *state.Batch) {
	for i := range b.Events {
		if ev := &b.Events[i]; ev.Kind == state.EvWaited {
			o.waited[ev.Cause] += ev.X
		}
	}
}

// drawn are jobs of a preset of scenarios/gen.
func drawn(t testing.TB, preset string, jobs int64) []state.JobSpec {
	return drawnWith(t, preset, jobs, &state.Names{})
}

func drawnWith(t testing.TB, preset string, jobs int64, names *state.Names) []state.JobSpec {
	t.Helper()
	spec, ok := gen.Preset(preset)
	if !ok {
		t.Fatalf("no preset %s", preset)
	}
	spec.Jobs = jobs
	src, err := gen.New(spec, 1, names)
	if err != nil {
		t.Fatal(err)
	}
	var out []state.JobSpec
	for {
		var j state.JobSpec
		if ok, err := src.Next(&j); err != nil {
			t.Fatal(err)
		} else if !ok {
			return out
		}
		out = append(out, j)
	}
}

// list is a Source over jobs.
type list struct {
	jobs []state.JobSpec
	next int
}

func (l *list) Next(j *state.JobSpec) (bool, error) {
	if l.next == len(l.jobs) {
		return false, nil
	}
	roles, name := j.Roles[:0], j.Name[:0]
	*j = l.jobs[l.next]
	j.Roles, j.Name = append(roles, j.Roles...), append(name, j.Name...)
	l.next++
	return true, nil
}

func (l *list) Clone(*state.Names) (state.Source, error) {
	c := *l
	return &c, nil
}

// underLoad runs jobs on 256 nodes of 8 GPUs.
func underLoad(t testing.TB, jobs []state.JobSpec, make maker) outcome {
	t.Helper()
	nodes := []cluster.NodeSpec{}
	for i := range 256 {
		nodes = append(nodes, cluster.NodeSpec{Name: fmt.Sprint("n", i), GPUs: 8})
	}
	return simulate(t, sim.Config{Names: &state.Names{}, Nodes: nodes, Source: &list{jobs: jobs}}, make)
}

// simulate runs to the end of the work.
func simulate(t testing.TB, cfg sim.Config, make maker) outcome {
	t.Helper()
	p, err := make()
	if err != nil {
		t.Fatal(err)
	}
	var out outcome
	cfg.Policy, cfg.Listeners = p, []state.Listener{&out}
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(0)
	out.digest = e.Digest()
	return out
}

// ordersAs holds that an order decides as a native one, with any backfill.
func ordersAs(rule order.Rule) func(t *testing.T, binary []byte) {
	return func(t *testing.T, binary []byte) {
		m := module(t, binary)
		rapid.Check(t, func(rt *rapid.T) {
			kind := rapid.SampledFrom([]backfill.Kind{backfill.None, backfill.Easy, backfill.Conserve}).Draw(rt, "backfill")
			w := drawLife(rt)
			guest := func() (state.Policy, error) {
				o, err := m.NewOrderer(options())
				if err != nil {
					return nil, err
				}
				return policies.NewPipelineOf(policies.Parts{Orderer: o, Backfill: backfill.Rule{Kind: kind, Depth: 5}}), nil
			}
			if err := alike(&w, native(rule, kind, place.FirstFit), guest); err != nil {
				rt.Fatalf("%v\n%s%+v", err, w.String(), w.Changes)
			}
		})
	}
}
