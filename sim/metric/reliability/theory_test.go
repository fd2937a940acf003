package reliability_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/fault"
	"github.com/orrery-sim/orrery/sim/metric/reliability"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

const second = state.Second

// alone runs one job of so many nodes of 8 GPUs that fail at a rate a node-day, and are there again at once.
func alone(t *testing.T, seed uint64, nodes int, rate float64, run state.Time, rec state.Recovery) (*reliability.Result, *simtest.Recorder) {
	t.Helper()
	l, rec0 := reliability.New(), &simtest.Recorder{}
	cfg := sim.Config{Seed: seed, Names: &state.Names{}, Policy: simtest.FIFO{}, Recoveries: []state.Recovery{rec}, Listeners: []state.Listener{l, rec0},
		Failures: &fault.Model{Seed: seed, Names: []string{"x"}, Processes: []fault.Process{{Name: "node", Life: rng.Exponential{Mean: 86400 / rate},
			Causes: []fault.Cause{{Weight: 1, Repair: rng.Constant{}}}}}}}
	cfg.Names.Types.Intern([]byte("A"))
	for range nodes {
		cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{Name: "n", GPUs: 8})
	}
	for i := range cfg.Nodes {
		cfg.Nodes[i].Name = string(rune('a'+i%26)) + string(rune('0'+i/26))
	}
	job := simtest.Job("j", 0, run, 1)
	job.Roles = []state.RoleSpec{simtest.Pods(int32(nodes), 8)}
	cfg.Source = simtest.NewSource(job)
	e, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(e.Now())
	return l.Result(), rec0
}

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
	if half := 3.6 * math.Sqrt(squares/float64(len(values)-1)/float64(len(values))); math.Abs(mean-want) > half || half > 0.1*want {
		t.Errorf("%s: %.5g +- %.2g over %d seeds, theory says %.5g", what, mean, half, len(values), want)
	}
}

// Waste of checkpointing under exponential failures is known in closed form: a stretch of tau of work, a write of delta, and a restore of
// R after each failure take (1/lambda + R') (e^(lambda (tau+delta)) - 1) on average, R included in what is repeated. The table of
// FACTS.md 6.7 is the first order of it.
func TestEffectiveTrainingTime(t *testing.T) {
	const rate, restore, write = 3.8e-3, 600.0, 15.0
	for _, nodes := range []int{32, 128, 512} {
		for _, tau := range []float64{600, 1800, 3600} {
			lambda := float64(nodes) * rate / 86400
			// a failure during the restore starts the restore anew, so a stretch that begins with a restore is one of R + tau + delta
			first := (math.Exp(lambda*(tau+write)) - 1) / lambda
			again := (math.Exp(lambda*restore) - 1) / lambda
			cycle := first + (math.Exp(lambda*(tau+write))-1)*again
			want := tau / cycle
			var got []float64
			for seed := range uint64(24) {
				run := state.Time(2000*tau) * second
				if run > 40*86400*second {
					run = 40 * 86400 * second
				}
				r, _ := alone(t, seed, nodes, rate, run, state.Recovery{Every: state.Time(tau) * second, Write: state.Time(write) * second,
					Restore: state.Time(restore) * second})
				s := r.Sizes[reliability.ClassOf(int32(nodes*8))]
				got = append(got, s.Useful.Float(1)/s.Span.Float(1))
			}
			within(t, "ETTR", got, want)
			// FACTS.md 6.7: waste = lambda (tau/2 + R) + delta/tau
			if simple := 1 - lambda*(tau/2+restore) - write/tau; math.Abs(want-simple) > 0.02 {
				t.Errorf("%d nodes, %v s: exact %.4f, first order %.4f", nodes, tau, want, simple)
			}
		}
	}
}

// Young's interval is the best of its neighbours, within what seeds tell.
func TestYoungsInterval(t *testing.T) {
	const nodes, rate = 512, 3.8e-3
	hazard := rate / 86400 / 8
	r := state.Recovery{Write: 15 * second, Hazard: hazard}
	if got := float64(r.EveryOf(nodes*8)) / 1e9; math.Abs(got-1154) > 1 { // FACTS.md 6.7
		t.Errorf("the interval of 4,096 GPUs is %.0f s (want 1154)", got)
	}
	if got := float64(r.EveryOf(256)) / 1e9; math.Abs(got-4617) > 2 {
		t.Errorf("the interval of 256 GPUs is %.0f s (want 4617)", got)
	}
	mean := func(rec state.Recovery) float64 {
		sum := 0.0
		for seed := range uint64(12) {
			out, _ := alone(t, seed, nodes, rate, 20*86400*second, rec)
			s := out.Sizes[reliability.ClassOf(nodes*8)]
			sum += s.Useful.Float(1) / s.Span.Float(1) / 12
		}
		return sum
	}
	young := mean(state.Recovery{Write: 15 * second, Restore: 600 * second, Hazard: hazard})
	for _, every := range []state.Time{300, 4000} {
		if other := mean(state.Recovery{Every: every * second, Write: 15 * second, Restore: 600 * second}); other >= young {
			t.Errorf("every %d s: %.4f, by Young: %.4f", every, other, young)
		}
	}
}

// MTTF by size: 24 h / (nodes x rate) (FACTS.md 6.5).
func TestMTTFBySize(t *testing.T) {
	for nodes, want := range map[int]float64{8: 789.5, 32: 197.4, 128: 49.3} {
		var got []float64
		for seed := range uint64(20) {
			run := state.Time(want*60) * 3600 * second
			r, _ := alone(t, seed, nodes, 3.8e-3, run, state.Recovery{})
			s := r.Sizes[reliability.ClassOf(int32(nodes*8))]
			got = append(got, s.Run.Float(int64(3600*second))/float64(s.Interruptions))
		}
		within(t, "hours between interruptions", got, want*(1+1.0/60)) // a ratio of means is a little larger
	}
}

// Common random numbers: two policies meet the same failures at the same instants.
func TestPoliciesMeetTheSameFailures(t *testing.T) {
	failures := func(p state.Policy) (out []state.Event) {
		w := simtest.World{}
		rec := &simtest.Recorder{}
		cfg := sim.Config{Seed: 7, Names: &state.Names{}, Policy: p, Horizon: 60 * 86400 * second, Recoveries: []state.Recovery{{}}, Listeners: []state.Listener{rec},
			Failures: &fault.Model{Seed: 7, Names: []string{"x", "job"}, Jobs: fault.Crash{PerGPU: 1e-6, Cause: 1}, Spares: []fault.Spares{{N: 1, Swap: 600 * second}},
				Processes: []fault.Process{{Name: "node", Life: rng.Weibull{Scale: 20 * 86400, Shape: 0.8}, Causes: []fault.Cause{{Weight: 1, Repair: rng.Exponential{Mean: 7200}}}}}}}
		cfg.Names.Types.Intern([]byte("A"))
		for i := range 16 {
			cfg.Nodes = append(cfg.Nodes, cluster.NodeSpec{Name: string(rune('a' + i)), GPUs: 8})
		}
		s := rng.NewKey(7, "jobs").Stream(0, 0)
		at := state.Time(0)
		for range 300 {
			at += state.Time(s.IntN(20000)) * second
			w.Specs = append(w.Specs, simtest.Job("j", at, state.Time(1+s.IntN(100000))*second, int32(1+s.IntN(64))))
		}
		cfg.Source = simtest.NewSource(w.Specs...)
		e, err := sim.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Run(state.Never); err != nil {
			t.Fatal(err)
		}
		e.Finish(e.Now())
		for _, ev := range rec.Events {
			if ev.Kind == state.EvNodeDown || ev.Kind == state.EvNodeUp {
				ev.Gen = 0
				out = append(out, ev)
			}
		}
		return out
	}
	a, b := failures(simtest.FIFO{}), failures(simtest.Greedy{})
	n := min(len(a), len(b)) // one may be done with its work first
	if n < 60 || !slices.Equal(a[:n], b[:n]) {
		t.Errorf("%d and %d failures differ: %s", len(a), len(b), cmp.Diff(a[:n], b[:n]))
	}
}
