package sim_test

import (
	"runtime"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/backfill"
	"github.com/orrery-sim/orrery/policies/order"
	"github.com/orrery-sim/orrery/policies/place"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// stream delivers jobs without end and without allocating.
type stream struct {
	n    uint64
	at   state.Time
	draw rng.Stream
	role func(s *rng.Stream) state.RoleSpec
	gap  int // mean time between arrivals is gap/2
}

func (s *stream) Next(j *state.JobSpec) (bool, error) {
	j.Reset()
	s.at += state.Time(s.draw.IntN(s.gap))
	j.Submit, j.Duration = s.at, state.Time(1+s.draw.IntN(2000))
	j.Estimate = j.Duration + state.Time(s.draw.IntN(1000))
	j.User = int32(s.draw.IntN(20))
	j.Roles = append(j.Roles, s.role(&s.draw))
	if s.n > 100 && s.draw.IntN(50) == 0 {
		j.After = append(j.After, state.Dep{Row: s.n - 1, When: state.AfterAny})
	}
	if s.draw.IntN(20) == 0 {
		j.Patience = state.Time(s.draw.IntN(500))
	}
	s.n++
	return true, nil
}

func (s *stream) Clone(*state.Names) (state.Source, error) { c := *s; return &c, nil }

type counter struct{ events, ends int }

func (c *counter) Kinds() state.KindSet { return state.AllKinds }
func (c *counter) Observe(b *state.Batch) {
	c.events += len(b.Events)
	for i := range b.Events {
		if b.Events[i].Kind == state.EvEnd {
			c.ends++
		}
	}
}

func steady(tb testing.TB, b backfill.Kind, gap int, role func(s *rng.Stream) state.RoleSpec) (*sim.Engine, *counter) {
	names := &state.Names{}
	for _, n := range []string{"A", "B"} {
		names.Types.Intern([]byte(n))
	}
	var nodes []cluster.NodeSpec
	for i := range 32 {
		nodes = append(nodes, cluster.NodeSpec{Name: "n", GPUs: 8, Type: uint32(i % 2), CPUMilli: 64_000, MemMiB: 1 << 19})
	}
	c := &counter{}
	e, err := sim.New(sim.Config{Names: names, Nodes: nodes, Listeners: []state.Listener{c},
		Source: &stream{role: role, gap: gap, draw: rng.NewKey(1, "steady").Stream(0, 0)},
		Policy: policies.NewPipeline(order.FIFO, backfill.Rule{Kind: b}, place.FirstFit)})
	if err != nil {
		tb.Fatal(err)
	}
	return e, c
}

var loads = []struct {
	name string
	gap  int
	role func(s *rng.Stream) state.RoleSpec
}{
	{"split", 130, func(s *rng.Stream) state.RoleSpec { return simtest.Split(int32(1 + s.IntN(32))) }},
	{"pods", 140, func(s *rng.Stream) state.RoleSpec { return simtest.Pods(int32(1+s.IntN(4)), 1<<s.IntN(4)) }},
	{"typed", 140, func(s *rng.Stream) state.RoleSpec {
		r := simtest.Split(int32(1 + s.IntN(16)))
		r.TypeMask = uint64(1 + s.IntN(2))
		return r
	}},
	{"fractions", 20, func(s *rng.Stream) state.RoleSpec {
		r := simtest.Pods(int32(1+s.IntN(4)), 1)
		r.GPUMilli, r.CPUMilli = int32(100+100*s.IntN(8)), int64(1000*s.IntN(8))
		return r
	}},
}

// TestNoAllocationPerEvent: once the tables have their size, a simulation allocates next to nothing.
func TestNoAllocationPerEvent(t *testing.T) {
	for _, b := range []backfill.Kind{backfill.None, backfill.Easy} {
		for _, l := range loads {
			t.Run(backfill.Rule{Kind: b}.String()+"/"+l.name, func(t *testing.T) {
				e, c := steady(t, b, l.gap, l.role)
				until := func(ends int) {
					for c.ends < ends {
						if err := e.Step(); err != nil {
							t.Fatal(err)
						}
					}
				}
				until(15_000)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				events := c.events
				until(25_000)
				runtime.ReadMemStats(&after)
				mallocs, n := after.Mallocs-before.Mallocs, c.events-events
				waiting, running := e.Live()
				t.Logf("%d allocations, %d bytes in %d events; %d wait, %d run", mallocs, after.TotalAlloc-before.TotalAlloc, n, waiting, running)
				if mallocs*100 > uint64(n) { // a batch now and then, a table that doubles
					t.Errorf("%d allocations in %d events", mallocs, n)
				}
			})
		}
	}
}

func BenchmarkSteady(b *testing.B) {
	for _, kind := range []backfill.Kind{backfill.None, backfill.Easy} {
		for _, l := range loads[:2] {
			b.Run(backfill.Rule{Kind: kind}.String()+"/"+l.name, func(b *testing.B) {
				e, c := steady(b, kind, l.gap, l.role)
				for c.ends < 10_000 {
					if err := e.Step(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				b.ResetTimer()
				for c.ends < 10_000+b.N { // an op is a job
					if err := e.Step(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
