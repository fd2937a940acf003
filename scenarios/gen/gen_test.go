package gen

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// jobs draws all jobs as copies.
func jobs(t interface{ Fatal(...any) }, src state.Source) []state.JobSpec {
	var out []state.JobSpec
	for {
		var j state.JobSpec
		ok, err := src.Next(&j)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return out
		}
		out = append(out, j)
	}
}

func open(t interface{ Fatal(...any) }, spec Spec, seed uint64) *Source {
	src, err := New(spec, seed, &state.Names{})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

// small is a spec with every part.
func small() Spec {
	s := Spec{
		Jobs:     2000,
		Arrivals: Arrivals{Interval: 100 * state.Second, SessionJobs: 3 * One, SessionGap: minute, WeekOffset: 3*day + 5*hour},
		Durations: []DurationClass{{UpTo: 2, Dist: rng.Exponential{Mean: 300}, Min: state.Second, Round: state.Second},
			{Dist: rng.Weibull{Scale: 5000, Shape: .7}, Max: day}},
		Sizes: []Size{{From: 1, Weight: 5}, {From: 1, Milli: 300, Weight: 2}, {From: 1, To: 8, PodGPUs: 8, Weight: 2},
			{From: 16, PodGPUs: 8, Weight: 1}, {CPUMilli: 4000, MemMiB: 1024, Weight: 1}},
		CPUMilli: 8000, MemMiB: 65536,
		Types:      []TypeShare{{Weight: 2}, {Weight: 1, AnyOf: []string{"A100", "H100"}}},
		Users:      Users{Count: 20, ExponentMicro: One},
		Queues:     Queues{Shares: []NameShare{{"a", 1}, {"b", 2}}, ByUser: true},
		Priorities: []PriorityShare{{Value: -1, Weight: 1}, {Value: 5, Weight: 1}},
		Outcomes:   []OutcomeBand{ends(hour, 5, 4, 1), ends(0, 1, 1, 1)},
		Estimates:  Estimates{Given: true, Low: One, High: 3 * One, Round: minute, Classes: []state.Time{hour, 4 * hour, day}},
	}
	workWeek(&s.Arrivals)
	return s
}

// TestBytes holds the draws of every preset, so that no machine and no change moves them unnoticed.
func TestBytes(t *testing.T) {
	want := map[string]string{}
	for _, line := range goldenBytes {
		want[line[0]] = line[1]
	}
	specs := map[string]Spec{"small": small()}
	for _, p := range Presets() {
		specs[p.Name], _ = Preset(p.Name)
	}
	for name, spec := range specs {
		spec.Jobs = 5000
		h := sha256.New()
		for _, j := range jobs(t, open(t, spec, 7)) {
			h.Write(encode(&j))
		}
		if got := hex.EncodeToString(h.Sum(nil))[:16]; got != want[name] {
			t.Errorf("%s: got %s, want %s", name, got, want[name])
		}
	}
}

func encode(j *state.JobSpec) []byte {
	b := append([]byte(nil), j.Name...)
	put := func(v ...int64) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, uint64(x))
		}
	}
	put(int64(j.Submit), int64(j.Duration), int64(j.Estimate), int64(j.Outcome), int64(j.User), int64(j.Queue), int64(j.Priority))
	for _, r := range j.Roles {
		put(int64(r.TypeMask), r.CPUMilli, r.MemMiB, int64(r.Replicas), int64(r.PodGPUs), int64(r.GPUMilli), int64(r.Flags))
	}
	return b
}

func TestJobsComeInOrderAndAreWhole(t *testing.T) {
	spec := small()
	got := jobs(t, open(t, spec, 3))
	if len(got) != int(spec.Jobs) {
		t.Fatalf("got %d jobs, want %d", len(got), spec.Jobs)
	}
	for i, j := range got {
		if i > 0 && j.Submit < got[i-1].Submit {
			t.Fatalf("job %d comes before job %d", i+1, i)
		}
		if string(j.Name) != fmt.Sprint(i+1) || len(j.Roles) != 1 || j.Duration < 0 || j.Estimate < hour {
			t.Fatalf("job %d: %+v", i+1, j)
		}
	}
}

func TestRolesAskForWhatTheSizeSays(t *testing.T) {
	for _, c := range []struct {
		name string
		size Size
		want state.RoleSpec
	}{
		{"split", Size{From: 16}, state.RoleSpec{Replicas: 16, PodGPUs: 1, GPUMilli: 1000, CPUMilli: 128_000, MemMiB: 16 << 10, Flags: state.RoleSplit}},
		{"two pods of eight", Size{From: 16, PodGPUs: 8}, state.RoleSpec{Replicas: 2, PodGPUs: 8, GPUMilli: 1000, CPUMilli: 64_000, MemMiB: 8 << 10}},
		{"one pod", Size{From: 4, PodGPUs: 8}, state.RoleSpec{Replicas: 1, PodGPUs: 4, GPUMilli: 1000, CPUMilli: 32_000, MemMiB: 4 << 10}},
		{"half a GPU", Size{From: 1, Milli: 500}, state.RoleSpec{Replicas: 1, PodGPUs: 1, GPUMilli: 500, CPUMilli: 4000, MemMiB: 512}},
		{"CPUs alone", Size{CPUMilli: 1500, MemMiB: 7}, state.RoleSpec{Replicas: 1, GPUMilli: 1000, CPUMilli: 1500, MemMiB: 7}},
		{"more for the job", Size{From: 16, PodGPUs: 8, CPUMilli: 1001}, state.RoleSpec{Replicas: 2, PodGPUs: 8, GPUMilli: 1000, CPUMilli: 64_501, MemMiB: 8 << 10}},
	} {
		c.size.Weight = 1
		spec := Spec{Jobs: 1, Arrivals: Arrivals{Process: AtOnce}, Sizes: []Size{c.size}, CPUMilli: 8000, MemMiB: 1024,
			Durations: []DurationClass{{Dist: rng.Constant{Value: 60}}}}
		got := jobs(t, open(t, spec, 1))[0].Roles[0]
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// A role drawn from a range is the role that its size would have alone.
func TestARangeIsItsSizes(t *testing.T) {
	for _, x := range []Size{{From: 1, To: 8, PodGPUs: 8}, {From: 3, To: 40}, {From: 1, To: 4, Milli: 250}} {
		x.Weight = 1
		spec := small()
		spec.Sizes, spec.Types = []Size{x}, nil
		seen := map[int32]bool{}
		for _, j := range jobs(t, open(t, spec, 5)) {
			r := j.Roles[0]
			one := x
			one.From, one.To = int64(r.Replicas)*int64(r.PodGPUs), 0
			if want := role(&one, spec.CPUMilli, spec.MemMiB); want != r {
				t.Fatalf("got %+v, want %+v", r, want)
			}
			seen[int32(one.From)] = true
		}
		if int64(len(seen)) != x.To-x.From+1 {
			t.Errorf("%+v: %d sizes drawn", x, len(seen))
		}
	}
}

func TestACloneGoesOnLikeItsParent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := small()
		spec.Arrivals.SessionJobs = rapid.SampledFrom([]int64{0, 2 * One, 20 * One}).Draw(t, "session")
		spec.Arrivals.Interval = rapid.SampledFrom([]state.Time{state.Second, 1000 * state.Second}).Draw(t, "interval")
		spec.Jobs = 300
		names := &state.Names{}
		src, err := New(spec, rapid.Uint64().Draw(t, "seed"), names)
		if err != nil {
			t.Fatal(err)
		}
		var j state.JobSpec
		for range rapid.IntRange(0, 299).Draw(t, "position") {
			if _, err := src.Next(&j); err != nil {
				t.Fatal(err)
			}
		}
		clone, err := src.Clone(names.Clone())
		if err != nil {
			t.Fatal(err)
		}
		theirs := jobs(t, clone) // first, so that a shared position would show
		if d := cmp.Diff(jobs(t, src), theirs); d != "" {
			t.Fatalf("the clone differs (-parent +clone):\n%s", d)
		}
	})
}

// A part of the spec that changes leaves the draws of the others as they are.
func TestCommonRandomNumbers(t *testing.T) {
	base := jobs(t, open(t, small(), 11))
	type change struct {
		name string
		edit func(*Spec)
		same func(a, b *state.JobSpec) bool
	}
	all := func(a, b *state.JobSpec) bool {
		x, y := *a, *b
		return cmp.Equal(x, y)
	}
	for _, c := range []change{
		{"more jobs", func(s *Spec) { s.Jobs = 3000 }, all},
		{"estimates", func(s *Spec) { s.Estimates = Estimates{} }, func(a, b *state.JobSpec) bool {
			x := *b
			x.Estimate = a.Estimate
			return cmp.Equal(*a, x)
		}},
		{"sizes", func(s *Spec) { s.Sizes = powers(1, 1, 1) }, func(a, b *state.JobSpec) bool {
			return a.Submit == b.Submit && a.User == b.User && a.Queue == b.Queue && a.Priority == b.Priority
		}},
		{"users", func(s *Spec) { s.Users = Users{}; s.Queues = Queues{} }, func(a, b *state.JobSpec) bool {
			return a.Submit == b.Submit && a.Duration == b.Duration && a.Outcome == b.Outcome && a.Estimate == b.Estimate && a.Roles[0] == b.Roles[0]
		}},
		{"running times", func(s *Spec) { s.Durations = []DurationClass{{Dist: rng.Constant{Value: 5}}} }, func(a, b *state.JobSpec) bool {
			return a.Submit == b.Submit && a.User == b.User && a.Roles[0] == b.Roles[0]
		}},
	} {
		spec := small()
		c.edit(&spec)
		got := jobs(t, open(t, spec, 11))
		for i := range base {
			if !c.same(&base[i], &got[i]) {
				t.Errorf("%s: job %d changed:\n%s", c.name, i+1, cmp.Diff(base[i], got[i]))
				break
			}
		}
	}
	// A slower workload without sessions has the same jobs.
	spec := small()
	spec.Arrivals.SessionJobs = 0
	fast := jobs(t, open(t, spec, 11))
	spec.Arrivals.Interval *= 7
	for i, j := range jobs(t, open(t, spec, 11)) {
		if j.Submit = fast[i].Submit; !cmp.Equal(j, fast[i]) {
			t.Fatalf("another rate changed job %d", i+1)
		}
	}
	// Another stream is another workload.
	spec = small()
	spec.Stream = 1
	if other := jobs(t, open(t, spec, 11)); cmp.Equal(other, base) {
		t.Error("streams 0 and 1 draw the same jobs")
	}
}

// offered is sum(GPUs x running time) / (span x gpus).
func offered(s *sample, gpus float64) float64 {
	var sum float64
	for i := range s.run {
		sum += s.run[i] * s.gpus[i]
	}
	return sum / (float64(s.submit[len(s.submit)-1]-s.submit[0]) / 1e9 * gpus)
}

func TestTheOfferedLoadIsMet(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*Spec)
		toler float64
	}{
		{"poisson", func(*Spec) {}, 1e-9},
		{"even", func(s *Spec) { s.Arrivals.Process = Even }, 1e-9},
		{"uniform", func(s *Spec) { s.Arrivals.Process = UniformArrivals }, 1e-9},
		{"by the hour", func(s *Spec) { workWeek(&s.Arrivals); s.Arrivals.WeekOffset = 5 * day }, 1e-9},
		{"whole seconds", func(s *Spec) { s.Arrivals.Round = state.Second }, 1e-4},
		{"sessions", func(s *Spec) { s.Arrivals.SessionJobs, s.Arrivals.SessionGap = 4*One, minute }, .02},
		{"parts of GPUs", func(s *Spec) { s.Sizes = []Size{{From: 1, Milli: 250, Weight: 1}, {From: 8, PodGPUs: 8, Weight: 1}} }, 1e-9},
		{"outcome factors", func(s *Spec) {
			s.Outcomes = []OutcomeBand{ends(0, 5, 4, 1)}
			s.Outcomes[0].Shares[1].Factor = One / 4
		}, 1e-9},
	} {
		spec := small()
		spec.Arrivals, spec.Outcomes = Arrivals{}, nil
		spec.Load, spec.Jobs = Load{OfMicro: 800_000, GPUs: 64}, 5000
		c.edit(&spec)
		s := take(t, spec, 9)
		near(t, c.name, offered(&s, 64), .8, c.toler)
	}
}

func TestSwfLoadIsItsRecipe(t *testing.T) {
	s := drawn(t, "swf-load", 100_000)
	near(t, "offered load", offered(&s, 2048), 1.05, 1e-4)
	near(t, "median", quantile(.5, s.run), 600, .015)
	logs := make([]float64, len(s.run))
	share := map[float64]float64{}
	for i, r := range s.run {
		logs[i] = math.Log(r)
		share[s.gpus[i]] += 1 / float64(len(s.run))
		if r != math.Trunc(r) || r < 1 || r > 7*86400 || s.submit[i]%state.Second != 0 {
			t.Fatalf("job %d: runs %v s from %d ns", i+1, r, s.submit[i])
		}
		if e := s.estimate[i]; math.Mod(e, 60) != 0 || e < r || e > 5*r+60 {
			t.Fatalf("job %d: runs %v s, requests %v s", i+1, r, e)
		}
	}
	near(t, "sigma", stat.StdDev(logs, nil), 1.5, .01)
	for gpus, want := range map[float64]float64{1: .40, 2: .15, 4: .15, 8: .18, 16: .08, 32: .04} {
		near(t, "share of a size", share[gpus], want, .03)
	}
	if s.submit[0] != 0 {
		t.Errorf("the first job comes at %d ns, want 0", s.submit[0])
	}
	s = drawn(t, "swf-load-sizes", 100_000)
	sizes := map[float64]bool{}
	for _, g := range s.gpus {
		sizes[g] = true
	}
	if len(sizes) < 2000 || !sizes[1] {
		t.Errorf("swf-load-sizes: %d different sizes of 2048", len(sizes))
	}
	near(t, "offered load of many sizes", offered(&s, 2048), 1.05, 1e-4)
}

// gaps between arrivals, in seconds, sorted.
func gaps(s *sample) []float64 {
	var out []float64
	for i := 1; i < len(s.submit); i++ {
		out = append(out, float64(s.submit[i]-s.submit[i-1])/1e9)
	}
	sort.Float64s(out)
	return out
}

func TestProcesses(t *testing.T) {
	spec := small()
	spec.Jobs = 20_000
	spec.Arrivals = Arrivals{Interval: 100 * state.Second}
	s := take(t, spec, 2)
	var worst float64 // Kolmogorov-Smirnov distance to the exponential distribution
	g := gaps(&s)
	for i, x := range g {
		worst = max(worst, math.Abs(float64(i+1)/float64(len(g))-(1-math.Exp(-x/100))))
	}
	if limit := 1.63 / math.Sqrt(float64(len(g))); worst > limit { // 1 % level
		t.Errorf("poisson: distance %.4f from the exponential, want at most %.4f", worst, limit)
	}
	spec.Arrivals.Process = UniformArrivals
	s = take(t, spec, 2)
	span := 100 * float64(spec.Jobs)
	worst = 0
	for i, at := range s.submit {
		worst = max(worst, math.Abs(float64(i+1)/float64(len(s.submit))-float64(at)/1e9/span))
	}
	if limit := 1.63 / math.Sqrt(float64(len(s.submit))); worst > limit {
		t.Errorf("uniform: distance %.4f from the uniform, want at most %.4f", worst, limit)
	}
	spec.Arrivals.Process = Even
	for i, at := range take(t, spec, 2).submit {
		if at != state.Time(i)*100*state.Second {
			t.Fatalf("even: job %d comes at %d", i+1, at)
		}
	}
	spec.Arrivals = Arrivals{Process: AtOnce}
	for i, at := range take(t, spec, 2).submit {
		if at != 0 {
			t.Fatalf("at once: job %d comes at %d", i+1, at)
		}
	}
}

func TestSessions(t *testing.T) {
	spec := small()
	spec.Jobs = 60_000
	spec.Arrivals = Arrivals{Interval: 100 * state.Second, SessionJobs: 4 * One, SessionGap: 10 * state.Second}
	src := open(t, spec, 4)
	count := map[uint64]float64{}
	byJob := map[uint64]state.JobSpec{}
	for n := int64(0); n < spec.Jobs; n++ {
		// The session of the next job, as Next will choose it.
		id := src.next
		if len(src.open) > 0 && src.open[0].at <= src.begins {
			id = src.open[0].place.session
		}
		var j state.JobSpec
		if ok, err := src.Next(&j); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if first, ok := byJob[id]; ok {
			if first.User != j.User || first.Queue != j.Queue || first.Priority != j.Priority || first.Roles[0] != j.Roles[0] {
				t.Fatalf("a session's jobs differ: %+v and %+v", first, j)
			}
		} else {
			byJob[id] = j
		}
		count[id]++
	}
	near(t, "jobs a session", float64(spec.Jobs)/float64(len(count)), 4, .03)
	s := take(t, spec, 4)
	near(t, "mean gap", stat.Mean(gaps(&s), nil), 100, .03)
	// Three of four gaps are within a session, unless another session begins or goes on in between.
	near(t, "gaps below half a minute", stat.CDF(30, stat.Empirical, gaps(&s), nil), .75, .06)
}

func TestTheWeekIsAnIncreasingMapThatCanBeUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hours [24]int64
		var days [7]int64
		for i := range hours {
			hours[i] = rapid.Int64Range(0, 3*One).Draw(t, "hour")
		}
		for i := range days {
			days[i] = rapid.Int64Range(0, 3*One).Draw(t, "day")
		}
		hours[3], days[2] = One, One
		w := newWeek(&hours, &days, state.Time(rapid.Int64Range(0, int64(weekNS)-1).Draw(t, "offset")))
		a := state.Time(rapid.Int64Range(0, 20*int64(weekNS)).Draw(t, "a"))
		b := a + state.Time(rapid.Int64Range(0, int64(weekNS)).Draw(t, "b"))
		if w.simulated(a) > w.simulated(b) {
			t.Fatalf("simulated(%d) = %d > simulated(%d) = %d", a, w.simulated(a), b, w.simulated(b))
		}
		if off := w.operational(w.simulated(a)) - a; off > 1 || off < -state.Time(600*One) {
			t.Fatalf("operational(simulated(%d)) is off by %d ns", a, off)
		}
		if w.operational(weekNS) != weekNS || w.operational(0) != 0 {
			t.Fatalf("a week of operational time is %d ns", w.operational(weekNS))
		}
	})
}

func TestUsersFollowZipf(t *testing.T) {
	spec := small()
	spec.Jobs, spec.Arrivals.SessionJobs = 100_000, 0
	names := &state.Names{}
	src, err := New(spec, 1, names)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]float64{}
	for _, j := range jobs(t, src) {
		count[names.Users.Name(j.User)]++
	}
	near(t, "first over fourth user", count["user1"]/count["user4"], 4, .05)
	near(t, "first over tenth user", count["user1"]/count["user10"], 10, .08)
}
