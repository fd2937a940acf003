package fault

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

const (
	second = state.Second
	hour   = 3600 * second
	day    = 24 * hour
)

func nodes(n int, gpus int32) []Node { return slices.Repeat([]Node{{GPUs: gpus}}, n) }

func upTo(t *Timeline, until state.Time) (all []Event) {
	for t.Peek() < until {
		all = append(all, t.Next())
	}
	return all
}

// within says whether a mean over seeds agrees with what theory says: its 99.9 % interval holds it.
func within(t *testing.T, what string, values []float64, want float64) {
	t.Helper()
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	half := 3.6 * math.Sqrt(squares/float64(len(values)-1)/float64(len(values)))
	if math.Abs(mean-want) > half || half > 0.1*want {
		t.Errorf("%s: %.5g +- %.2g over %d seeds, theory says %.5g", what, mean, half, len(values), want)
	}
}

// 2,048 nodes that fail 6.5e-3 times a day each interrupt a job on all of them every 1.8 h; with Llama 3's rate every 3.1 h
// (FACTS.md 6.5).
func TestInterruptionOf16384GPUs(t *testing.T) {
	for rate, want := range map[float64]float64{6.5e-3: 1.803, 3.8e-3: 3.084} {
		var gaps []float64
		for seed := range uint64(20) {
			m := &Model{Seed: seed, Names: []string{"x"}, Processes: []Process{{Name: "node", Life: rng.Exponential{Mean: 86400 / rate},
				Causes: []Cause{{Weight: 1, Repair: rng.Constant{}}}}}}
			failures := 0
			for _, e := range upTo(NewTimeline(m, nodes(2048, 8)), 60*day) {
				if e.Kind == Down {
					failures++
				}
			}
			gaps = append(gaps, 60*24/float64(failures))
		}
		within(t, "hours between interruptions", gaps, want)
	}
}

// Alternating renewal: a node is there for MTTF / (MTTF + MTTR) of the time, whatever the distributions.
func TestAlternatingRenewal(t *testing.T) {
	for name, x := range map[string]struct {
		each         Each
		life, repair rng.Dist
		want         float64
	}{
		"exponential":       {EachNode, rng.Exponential{Mean: 100 * 3600}, rng.Exponential{Mean: 25 * 3600}, 0.8},
		"Weibull, constant": {EachNode, rng.Weibull{Scale: 50 * 3600, Shape: 0.5}, rng.Constant{Value: 100 * 3600}, 0.5},
		"GPUs of a node":    {EachGPU, rng.Exponential{Mean: 800 * 3600}, rng.Constant{Value: 3600}, math.Pow(800.0/801, 8)}, // of which none is in repair
	} {
		var shares []float64
		for seed := range uint64(30) {
			m := &Model{Seed: seed, Names: []string{"x"}, Processes: []Process{{Name: "node", Each: x.each, Life: x.life, Causes: []Cause{{Weight: 1, Repair: x.repair}}}}}
			const n, span = 50, 400 * day
			up := state.Time(n) * (span - 100*day)
			since := map[int32]state.Time{}
			for _, e := range upTo(NewTimeline(m, nodes(n, 8)), span) {
				switch e.Kind {
				case Down:
					since[e.Node] = e.At
				case Up:
					up -= max(e.At-max(since[e.Node], 100*day), 0)
					delete(since, e.Node)
				}
			}
			for _, at := range since {
				up -= span - max(at, 100*day)
			}
			shares = append(shares, float64(up)/float64(n)/float64(span-100*day))
		}
		within(t, name, shares, x.want)
	}
}

// GPUs, nodes and racks fail by their own rates, causes come in their shares, and hangs in theirs.
func TestRatesAndMix(t *testing.T) {
	var gpu, rack, hbm, hangs []float64
	for seed := range uint64(30) {
		m := &Model{Seed: seed, Names: []string{"gpu", "hbm", "switch"}, Hang: 1800 * second, Processes: []Process{
			{Name: "gpu", Each: EachGPU, Life: rng.Exponential{Mean: 86400 * 100}, Causes: []Cause{{ID: 0, Weight: 3, Repair: rng.Constant{}}, {ID: 1, Weight: 1, Repair: rng.Constant{}, Hang: 0.5}}},
			{Name: "rack", Each: EachGroup, Group: 16, Life: rng.Exponential{Mean: 86400 * 10}, Causes: []Cause{{ID: 2, Weight: 1, Repair: rng.Constant{Value: 1}}}}}}
		by, stalls := map[uint8]float64{}, 0.0
		together := map[state.Time]int{}
		for _, e := range upTo(NewTimeline(m, nodes(100, 8)), 100*day) {
			switch e.Kind {
			case Down:
				if by[e.Cause]++; e.Cause == 2 {
					together[e.At]++
				}
			case Stall:
				stalls++
			}
		}
		gpu, hbm = append(gpu, by[0]+by[1]), append(hbm, by[1]/(by[0]+by[1]))
		rack, hangs = append(rack, float64(len(together))), append(hangs, stalls/by[1])
		for at, n := range together {
			if n > 16 {
				t.Fatalf("a rack of 16 lost %d nodes at %d", n, at)
			}
		}
	}
	within(t, "GPU failures of 800 GPUs in 100 days", gpu, 800)
	within(t, "share of HBM", hbm, 0.25)
	within(t, "failures of 7 racks in 100 days", rack, 70)
	within(t, "share of hangs", hangs, 0.5)
}

// A spare takes over after its swap, as long as there is one; who fails too often stays out.
func TestSparesAndIsolation(t *testing.T) {
	fix := rng.Constant{Value: 3600}
	m := &Model{Names: []string{"x"}, Processes: []Process{{Name: "n", Life: rng.Constant{Value: 600}, Causes: []Cause{{Weight: 1, Repair: fix}}}},
		Spares: []Spares{{Pool: 0, N: 1, Swap: 60 * second}}}
	want := []Event{{At: 600 * second, Kind: Down}, {At: 600 * second, Node: 1, Kind: Down}, {At: 660 * second, Kind: Up}, {At: 1260 * second, Kind: Down}, {At: 4200 * second, Node: 1, Kind: Up}}
	got := upTo(NewTimeline(m, nodes(2, 8)), 4800*second)
	if !slices.Equal(got[:5], want) {
		t.Errorf("spares: %+v", got)
	}
	m = &Model{Names: []string{"x"}, Processes: []Process{{Name: "n", Life: rng.Constant{Value: 600}, Causes: []Cause{{Weight: 1, Repair: rng.Constant{Value: 60}}}}},
		Isolation: Isolation{After: 3, Within: hour, For: 7 * day}}
	got = upTo(NewTimeline(m, nodes(1, 8)), 8*day)
	if got[5].At != got[4].At+7*day || got[3].At != got[2].At+60*second {
		t.Errorf("isolation: %+v", got[:6])
	}
}

// Whatever is drawn: events come in order, downs and ups alternate for each node, a clone goes on the same, and a node's own
// failures do not depend on how many other nodes there are.
func TestTimelines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, "n") }
		m := &Model{Seed: uint64(draw(0, 1000)), Names: []string{"a", "b", "c"}, Crash: state.Time(draw(0, 3)) * second, Hang: state.Time(draw(0, 50)) * second}
		for i := range draw(1, 3) {
			p := Process{Name: string(rune('a' + i)), Each: Each(draw(0, 2)), Group: int32(draw(1, 4)), Life: rng.Weibull{Scale: float64(draw(10, 300)), Shape: 0.7}}
			for k := range draw(1, 3) {
				p.Causes = append(p.Causes, Cause{ID: uint8(k), Weight: int64(draw(1, 5)), Repair: []rng.Dist{rng.Constant{}, rng.Exponential{Mean: 40}}[draw(0, 1)],
					Hang: float64(draw(0, 2)) / 2, Slow: []float64{0, 0, 0.5}[draw(0, 2)]})
			}
			m.Processes = append(m.Processes, p)
		}
		at := state.Time(0)
		for range draw(0, 5) {
			at += state.Time(draw(0, 200)) * second
			m.Recorded = append(m.Recorded, Recorded{At: at, For: state.Time(draw(0, 100)) * second, Node: int32(draw(0, 2)), Cause: 1, Slow: []float64{0, 0.25}[draw(0, 1)]})
		}
		if err := m.Validate(); err != nil {
			t.Fatal(err)
		}
		line := NewTimeline(m, nodes(3, 2))
		first := upTo(line, state.Time(draw(0, 600))*second)
		clone := line.Clone()
		rest := upTo(line, 1200*second)
		if again := upTo(clone, 1200*second); !slices.Equal(rest, again) {
			t.Fatalf("a clone goes on otherwise:\n%v\n%v", rest, again)
		}
		all := append(first, rest...)
		down := map[int32]bool{}
		for i, e := range all {
			if i > 0 && e.At < all[i-1].At {
				t.Fatalf("event %d at %d after one at %d", i, e.At, all[i-1].At)
			}
			switch e.Kind {
			case Down, Up:
				if down[e.Node] == (e.Kind == Down) {
					t.Fatalf("node %d: %v twice at %d", e.Node, e.Kind, e.At)
				}
				down[e.Node] = e.Kind == Down
			}
		}
		alone := func(events []Event) (out []Event) {
			for _, e := range events {
				if e.Node == 0 {
					out = append(out, e)
				}
			}
			return out
		}
		for i := range m.Processes {
			if m.Processes[i].Each == EachGroup && m.Processes[i].Group > 1 {
				return
			}
		}
		if more := upTo(NewTimeline(m, nodes(5, 2)), 1200*second); !slices.Equal(alone(all), alone(more)) {
			t.Fatalf("node 0 fails otherwise beside more nodes:\n%v\n%v", alone(all), alone(more))
		}
	})
}

// A job's own failures are exponential in its running time and known by job and attempt.
func TestCrashes(t *testing.T) {
	m := &Model{Seed: 3, Names: []string{"job"}, Jobs: Crash{PerGPU: 1e-6, PerJob: 2e-6, Hang: 0.25}, Hang: 1800 * second, Crash: second}
	key := m.CrashKey()
	var lives, hangs []float64
	for seed := range uint64(40) {
		m.Seed = seed
		key = m.CrashKey()
		var sum, n float64
		for job := range uint64(1000) {
			life, found := m.After(key, job, 1, 8)
			sum += float64(life) / 1e9
			if found == m.Hang {
				n++
			}
		}
		lives, hangs = append(lives, sum/1000), append(hangs, n/1000)
	}
	within(t, "mean life of 8 GPUs", lives, 1e5)
	within(t, "share of hangs", hangs, 0.25)
	a, _ := m.After(key, 7, 2, 8)
	b, _ := m.After(key, 7, 2, 8)
	c, _ := m.After(key, 7, 3, 8)
	if a != b || a == c {
		t.Errorf("attempt 2: %d and %d, attempt 3: %d", a, b, c)
	}
	if life, _ := (&Model{}).After(key, 1, 1, 8); life != state.Never {
		t.Errorf("without rates a job lives %d", life)
	}
}

func TestBadModels(t *testing.T) {
	ok := Cause{Weight: 1, Repair: rng.Constant{}}
	for name, m := range map[string]*Model{
		"no name":    {Processes: []Process{{Life: rng.Exponential{Mean: 1}, Causes: []Cause{ok}}}},
		"no weight":  {Names: []string{"x"}, Processes: []Process{{Life: rng.Exponential{Mean: 1}, Causes: []Cause{{Repair: rng.Constant{}}}}}},
		"no life":    {Names: []string{"x"}, Processes: []Process{{Causes: []Cause{ok}}}},
		"bad life":   {Names: []string{"x"}, Processes: []Process{{Life: rng.Exponential{}, Causes: []Cause{ok}}}},
		"bad repair": {Names: []string{"x"}, Processes: []Process{{Life: rng.Exponential{Mean: 1}, Causes: []Cause{{Weight: 1, Repair: rng.Lognormal{}}}}}},
		"no group":   {Names: []string{"x"}, Processes: []Process{{Each: EachGroup, Life: rng.Exponential{Mean: 1}, Causes: []Cause{ok}}}},
		"crash rate": {Names: []string{"x"}, Jobs: Crash{PerGPU: -1}},
	} {
		if m.Validate() == nil {
			t.Errorf("%s is no error", name)
		}
	}
}
