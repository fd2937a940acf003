package metric_test

import (
	"math"
	"math/bits"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// played is a random world that was run, with what was collected and recorded.
type played struct {
	figures *metric.Collector
	over    *metric.OverTime
	events  []state.Event
	parts   []state.Part
	nodes   *state.Nodes
	specs   []state.JobSpec
}

// play runs a random world, perhaps in a fork taken on the way. With simple, its jobs are gangs of whole GPUs.
func play(t *rapid.T, simple bool, warmup state.Time) *played {
	pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "n") }
	policies := []state.Policy{simtest.FIFO{}, simtest.Greedy{}, simtest.Fickle{Preempts: true}}
	w := simtest.Random(pick, policies[pick(len(policies))])
	if simple {
		for i := range w.Specs {
			s := &w.Specs[i]
			s.After, s.Roles = nil, s.Roles[:1]
			s.Roles[0] = simtest.Pods(int32(1+pick(3)), int32(1+pick(4)))
			s.Roles[0].TypeMask = uint64(pick(8))
		}
	}
	w = w.Fresh(false)
	w.Config.Listeners = append(w.Config.Listeners, metric.New(metric.Config{Warmup: warmup, ExactSamples: 1 + pick(50)}),
		metric.NewOverTime(metric.OverTimeConfig{Points: 2 + pick(30)}))
	e, err := sim.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Time(pick(60))); err != nil {
		t.Fatal(err)
	}
	if pick(2) == 1 {
		if e, err = e.Fork(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(state.Time(pick(400)))
	p := &played{nodes: e.Nodes(), specs: w.Specs}
	for _, l := range e.Listeners() {
		switch l := l.(type) {
		case *metric.Collector:
			p.figures = l
		case *metric.OverTime:
			p.over = l
		case *simtest.Recorder:
			p.events, p.parts = l.Events, l.Parts
		}
	}
	return p
}

// partsOf are the parts that an attempt's start took or its end gave back.
func (p *played) partsOf(ev *state.Event) []state.Part {
	if ev.Kind != state.EvStart && ev.Kind != state.EvEnd && ev.Kind != state.EvEvict {
		return nil
	}
	return p.parts[ev.Node : ev.Node+ev.B]
}

func TestFiguresOfRandomWorldsAreTheNaiveOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		warmup := state.Time(rapid.IntRange(0, 1).Draw(t, "warm") * 10)
		p := play(t, false, warmup)
		r := p.figures.Result()
		var want metric.Counts
		var wait, jct, queued, held float64
		for i := range p.events {
			ev := &p.events[i]
			clipped := max(ev.Time, warmup)
			for _, part := range p.partsOf(ev) {
				gpus := float64(bits.OnesCount64(part.Mask)) * float64(part.Milli)
				if ev.Kind == state.EvStart {
					gpus = -gpus
				}
				held += gpus * float64(clipped)
			}
			if ev.Kind != state.EvEnd {
				continue
			}
			submit := p.specs[ev.Number].Submit
			if submit < warmup {
				want.Excluded++
				continue
			}
			want.Submitted++
			queued += float64(ev.Y)
			started := ev.X != int64(state.Unset)
			if started {
				want.Started++
				wait += float64(ev.X) - float64(submit)
			}
			if started && ev.Outcome <= state.Cancelled {
				want.Ended++
				jct += float64(ev.Time - submit)
			}
			*[]*int64{&want.Finished, &want.Failed, &want.Cancelled, &want.Dropped, &want.Unfinished}[ev.Outcome] += 1
		}
		want.NeverPlaceable = r.Jobs.NeverPlaceable
		if d := cmp.Diff(want, r.Jobs); d != "" {
			t.Fatalf("counts (-want +got):\n%s", d)
		}
		near := func(what string, got state.Wide, want float64) {
			if g := got.Float(1); math.Abs(g-want) > 1e-9*math.Abs(want) {
				t.Fatalf("%s is %v (want %v)", what, g, want)
			}
		}
		near("wait", r.Wait.Sum, wait)
		near("JCT", r.JCT.Sum, jct)
		near("queued time", r.Queued, queued)
		near("GPU time", r.GPU.Allocated, held)
		var causes, types, pools, queues, users state.Wide
		for _, c := range r.Causes {
			causes.AddWide(c)
		}
		if causes != r.Queued {
			t.Fatalf("causes sum to %v ns of %v ns", causes, r.Queued)
		}
		for _, g := range r.Types {
			types.AddWide(g.Allocated)
		}
		for _, g := range r.Pools {
			pools.AddWide(g.Allocated)
		}
		for _, g := range r.Queues {
			queues.AddWide(g.Allocated)
		}
		for _, g := range r.Users {
			users.AddWide(g.Allocated)
		}
		if types != r.GPU.Allocated || pools != types || queues != types || users != types {
			t.Fatalf("GPU time is %v: by type %v, pool %v, queue %v, user %v", r.GPU.Allocated, types, pools, queues, users)
		}
		if warmup > 0 {
			return
		}
		var area, queueArea, cells float64
		for _, s := range p.over.Series() {
			a := 0.0
			for i, v := range s.Value {
				to := s.End
				if i+1 < len(s.At) {
					to = s.At[i+1]
				}
				a += v * 1000 * float64(to-s.At[i])
			}
			switch s.Name {
			case metric.SeriesAllocated:
				area += a
			case metric.SeriesQueueGPUs:
				queueArea += a
			case metric.SeriesFragmented:
				near("fragmented time of the series", r.Fragmented, a)
			}
		}
		for _, row := range p.over.Occupancy().Held {
			for _, v := range row {
				cells += v * 1e12
			}
		}
		near("GPU time of the series by type", r.GPU.Allocated, area)
		near("GPU time of the series by queue", r.GPU.Allocated, queueArea)
		near("GPU time of the nodes", r.GPU.Allocated, cells)
	})
}

// naiveFragmented integrates the free GPUs of the partitions and types in which a waiting gang passes the capacity test
// and has no placement, instant by instant.
func naiveFragmented(p *played) float64 {
	free := make([]int32, p.nodes.Len())
	open := make([]bool, p.nodes.Len())
	waits := map[uint64]bool{}
	sum, last := 0.0, state.Time(0)
	measure := func() float64 {
		var total float64
		hit := map[int]bool{}
		for number := range waits {
			s := &p.specs[number]
			r := s.Roles[0]
			var gpus, pods int32
			var mine []int
			for n := range free {
				if p.nodes.Partition[n] == uint32(s.Partition) && p.nodes.GPUsTotal[n] > 0 && (r.TypeMask == 0 || r.TypeMask>>p.nodes.Type[n]&1 != 0) {
					if open[n] {
						gpus += free[n]
						pods += free[n] / r.PodGPUs
						mine = append(mine, n)
					}
				}
			}
			if gpus >= r.Replicas*r.PodGPUs && pods < r.Replicas {
				for _, n := range mine {
					hit[n] = true
				}
			}
		}
		for n := range hit {
			total += float64(free[n]) * 1000
		}
		return total
	}
	for i := range p.events {
		ev := &p.events[i]
		if ev.Time != last {
			sum += measure() * float64(ev.Time-last)
			last = ev.Time
		}
		for _, part := range p.partsOf(ev) {
			gpus := int32(bits.OnesCount64(part.Mask))
			if ev.Kind == state.EvStart {
				gpus = -gpus
			}
			free[part.Node] += gpus
		}
		switch ev.Kind {
		case state.EvQueue:
			waits[ev.Number] = true
		case state.EvStart, state.EvEnd:
			delete(waits, ev.Number)
		case state.EvNodeUp, state.EvNodeDown, state.EvNodeFlags:
			if ev.Kind == state.EvNodeUp && free[ev.Node] == 0 && !open[ev.Node] && !seenUp(p.events[:i], ev.Node) {
				free[ev.Node] = int32(p.nodes.GPUsTotal[ev.Node])
			}
			open[ev.Node] = state.NodeOpen(uint32(ev.Z))
		}
	}
	return sum
}

func seenUp(events []state.Event, node int32) bool {
	for i := range events {
		if events[i].Kind == state.EvNodeUp && events[i].Node == node {
			return true
		}
	}
	return false
}

func TestFragmentationIsTheNaiveOne(t *testing.T) {
	some := 0
	rapid.Check(t, func(t *rapid.T) {
		p := play(t, true, 0)
		want, got := naiveFragmented(p), p.figures.Result().Fragmented.Float(1)
		if math.Abs(got-want) > 1e-9*want {
			t.Fatalf("fragmented %v (want %v)", got, want)
		}
		if want > 0 {
			some++
		}
	})
	if some == 0 {
		t.Error("no world was fragmented: the test says nothing")
	}
}
