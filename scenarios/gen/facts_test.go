package gen

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/orrery-sim/orrery/sim/state"
)

// sample is what jobs look like, in floats for gonum.
type sample struct {
	run, gpus []float64 // seconds, GPUs
	outcome   []state.Outcome
	submit    []state.Time
	users     []int32
	queues    []int32
	estimate  []float64
}

// drawn takes n jobs of a preset under seed 1.
func drawn(t *testing.T, preset string, n int64) sample {
	t.Helper()
	spec, ok := Preset(preset)
	if !ok {
		t.Fatalf("no preset %q", preset)
	}
	spec.Jobs = n
	return take(t, spec, 1)
}

func take(t *testing.T, spec Spec, seed uint64) sample {
	t.Helper()
	src, err := New(spec, seed, &state.Names{})
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	var j state.JobSpec
	for {
		ok, err := src.Next(&j)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return s
		}
		var gpus float64
		for _, r := range j.Roles {
			gpus += float64(r.Replicas) * float64(r.PodGPUs) * float64(r.GPUMilli) / 1000
		}
		s.run, s.gpus = append(s.run, float64(j.Duration)/1e9), append(s.gpus, gpus)
		s.outcome, s.submit = append(s.outcome, j.Outcome), append(s.submit, j.Submit)
		s.users, s.queues = append(s.users, j.User), append(s.queues, j.Queue)
		s.estimate = append(s.estimate, float64(j.Estimate)/1e9)
	}
}

// near fails where got is further from want than the relative tolerance.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s: got %.4g, want %.4g within %g %%", what, got, want, 100*tolerance)
	}
}

func quantile(p float64, x []float64) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	return stat.Quantile(p, stat.LinInterp, sorted, nil)
}

// shares are the parts of outcomes by count and by GPU time, each in the order of state.Outcome.
// Where size says nothing about the running time, expected shares of GPU time are those of running time, which rest on more
// jobs.
func (s *sample) shares(bySize bool) (count, gpuTime [3]float64) {
	var total float64
	for i, o := range s.outcome {
		w := s.run[i]
		if bySize {
			w *= s.gpus[i]
		}
		count[o] += 1 / float64(len(s.outcome))
		gpuTime[o] += w
		total += w
	}
	for o := range gpuTime {
		gpuTime[o] /= total
	}
	return count, gpuTime
}

func TestPhillyRunningTimesAreThoseOfFacts62(t *testing.T) {
	s := drawn(t, "philly", 400_000)
	for _, c := range []struct{ p, want, tolerance float64 }{
		{.10, 61, .05}, {.25, 131, .05}, {.50, 1186, .03}, {.75, 3342, .05}, {.90, 12860, .06}, {.95, 49951, .10}, {.99, 287285, .08},
	} {
		near(t, "quantile", quantile(c.p, s.run), c.want, c.tolerance)
	}
	near(t, "mean run", stat.Mean(s.run, nil), 14614, .05)
}

func TestPhillyLogarithmsFitTheLognormalOfFacts62(t *testing.T) {
	s := drawn(t, "philly", 200_000)
	var fit distuv.LogNormal
	logs := make([]float64, len(s.run))
	for i, r := range s.run {
		logs[i] = math.Log(r)
	}
	fit.Mu, fit.Sigma = stat.MeanStdDev(logs, nil)
	near(t, "mu", fit.Mu, 6.85, .03)
	near(t, "sigma", fit.Sigma, 2.18, .05)
}

func TestPhillyRunningTimesBySizeAreThoseOfFacts62(t *testing.T) {
	// FACTS.md 6.2 gives them for the public file of the second row, whose running times are up to 14 % shorter.
	s := drawn(t, "philly", 400_000)
	for _, c := range []struct{ gpus, p, want float64 }{
		{1, .5, 1117}, {1, .9, 8512}, {1, .99, 135_000}, {4, .5, 17_400}, {4, .9, 184_000}, {8, .5, 23_700}, {8, .9, 352_000},
	} {
		var run []float64
		for i, g := range s.gpus {
			if g == c.gpus {
				run = append(run, s.run[i])
			}
		}
		near(t, "quantile by size", quantile(c.p, run), c.want, .16)
	}
}

func TestSizeMixes(t *testing.T) {
	mix := func(s *sample) map[float64]float64 {
		m := map[float64]float64{}
		for _, g := range s.gpus {
			m[g] += 100 / float64(len(s.gpus))
		}
		return m
	}
	s := drawn(t, "philly", 400_000)
	m := mix(&s)
	// FACTS.md 6.3, percent of jobs; the draws of a session are one, so the effective number of jobs is a seventh.
	for _, c := range []struct{ gpus, want, tolerance float64 }{{1, 93.2, .005}, {2, 2.2, .08}, {4, 2.3, .08}, {8, 2.0, .08}, {16, .24, .25}} {
		near(t, "share of jobs", m[c.gpus], c.want, c.tolerance)
	}
	near(t, "32 and more", m[32]+m[64]+m[128], .08, .4)
	// GPU time, percent.
	var byTime [3]float64
	var total float64
	for i, g := range s.gpus {
		w := s.run[i] * g
		total += w
		switch g {
		case 1:
			byTime[0] += w
		case 4:
			byTime[1] += w
		case 8:
			byTime[2] += w
		}
	}
	near(t, "GPU time of 1", 100*byTime[0]/total, 18.1, .12)
	near(t, "GPU time of 4", 100*byTime[1]/total, 16.7, .12)
	near(t, "GPU time of 8", 100*byTime[2]/total, 48.4, .10)
	for _, c := range []struct {
		preset         string
		mean, median   float64
		largest, toler float64
	}{ // FACTS.md 6.1
		{"helios", 3.72, 1, 2048, .08}, {"pai", .683, .5, 8, .05}, {"acme", 5.68, 1, 1024, .10}, {"acme-kalos", 26.8, 1, 1024, .08},
	} {
		s := drawn(t, c.preset, 400_000)
		near(t, c.preset+" mean GPUs", stat.Mean(s.gpus, nil), c.mean, c.toler)
		near(t, c.preset+" median GPUs", quantile(.5, s.gpus), c.median, 0)
		if got := slices.Max(s.gpus); got > c.largest {
			t.Errorf("%s: a job of %v GPUs, more than any recorded", c.preset, got)
		}
	}
}

func TestMeanAndMedianRunningTimesAreThoseOfFacts61(t *testing.T) {
	for _, c := range []struct {
		preset       string
		mean, median float64
		toler        float64 // of the mean: these distributions are wide
	}{
		{"helios", 6652, 206, .08}, {"pai", 4787, 481, .05}, {"acme", 1414, 122, .05}, {"acme-kalos", 1260, 124, .05},
	} {
		s := drawn(t, c.preset, 400_000)
		near(t, c.preset+" mean run", stat.Mean(s.run, nil), c.mean, c.toler)
		near(t, c.preset+" median run", quantile(.5, s.run), c.median, .02)
	}
}

func TestHeliosGPUTimeOfAJob(t *testing.T) {
	// Sum of the GPU time of complete, cancelled and failed jobs over the GPU jobs, in the public cluster summary.
	const want = (39994296320.0 + 30715109125 + 7288334702) / 1580464
	s := drawn(t, "helios", 1_000_000)
	var sum float64
	for i := range s.run {
		sum += s.run[i] * s.gpus[i]
	}
	near(t, "GPU-s a job", sum/float64(len(s.run)), want, .15)
}

func TestOutcomesAreThoseOfFacts61(t *testing.T) {
	for _, c := range []struct {
		preset         string
		count, gpuTime [3]float64 // finished, failed, cancelled
	}{
		{"philly", [3]float64{.604, .305, .090}, [3]float64{.321, .386, .294}},
		{"helios", [3]float64{.624, .155, .221}, [3]float64{.513, .093, .394}},
		{"acme", [3]float64{.497, .429, .075}, [3]float64{.212, .124, .664}},
		{"acme-kalos", [3]float64{.541, .397, .062}, [3]float64{.313, .080, .607}},
	} {
		s := drawn(t, c.preset, 400_000)
		spec, _ := Preset(c.preset)
		count, gpuTime := s.shares(len(spec.Durations) > 1)
		for o := range count {
			near(t, c.preset+" "+state.Outcome(o).String()+" by count", count[o], c.count[o], .03)
			if math.Abs(gpuTime[o]-c.gpuTime[o]) > .03 { // shares of GPU time rest on few large jobs: three points
				t.Errorf("%s %v by GPU time: got %.3f, want %.3f within .03", c.preset, state.Outcome(o), gpuTime[o], c.gpuTime[o])
			}
		}
	}
}

func TestPhillyArrivalsAreThoseOfFacts64(t *testing.T) {
	s := drawn(t, "philly", 400_000)
	n := float64(len(s.submit))
	weeks := math.Floor(float64(s.submit[len(s.submit)-1]) / float64(weekNS))
	near(t, "jobs an hour", n/float64(s.submit[len(s.submit)-1])*float64(hour), 32.6, .02)
	var hours [24]float64
	var days [7]float64
	var whole float64
	for _, at := range s.submit {
		if float64(at) < weeks*float64(weekNS) {
			hours[at/hour%24]++
			days[at/day%7]++
			whole++
		}
	}
	near(t, "07 h", hours[7]/whole*24, 2.09, .04)
	near(t, "14 h", hours[14]/whole*24, .64, .06)
	for d, want := range []float64{.86, 1.07, 1.14, 1.29, 1.44, .61, .59} {
		near(t, "day", days[d]/whole*7, want, .04)
	}
	for h := range hours {
		if v := hours[h] / whole * 24; v < .60 || v > 2.15 {
			t.Errorf("hour %d has factor %.2f, outside of the smallest and largest of FACTS.md 6.4", h, v)
		}
	}
}

func TestHeliosQueuesAreItsClusters(t *testing.T) {
	spec, _ := Preset("helios")
	spec.Jobs, spec.Queues.ByUser = 200_000, false
	names := &state.Names{}
	src, err := New(spec, 1, names)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]float64{}
	var j state.JobSpec
	for {
		ok, err := src.Next(&j)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		count[names.Queues.Name(j.Queue)]++
	}
	for name, jobs := range map[string]float64{"Venus": 125303, "Earth": 427148, "Saturn": 698896, "Uranus": 329117} {
		near(t, name, count[name]/float64(spec.Jobs), jobs/1580464, .06)
	}
}
