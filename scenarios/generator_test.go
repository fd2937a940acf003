package scenarios

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// generator decodes the keys of a generator in a scenario that has little else.
func generator(t *testing.T, keys string) *Loaded {
	t.Helper()
	text := "apiVersion: orrery/v1\nkind: Scenario\nname: x\nstart: 2026-01-07T05:30:00Z\ntimezone: Asia/Shanghai\npolicy: {}\n" +
		"workload:\n  - generator:\n" + indent(keys)
	l := &Loaded{}
	doc, diags := ydec.Decode("s.yaml", []byte(text), &l.Scenario, ydec.Options{})
	l.Doc = doc
	if err := diags.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return l
}

func indent(s string) string {
	return "      " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n      ") + "\n"
}

func specOf(t *testing.T, keys string) gen.Spec {
	t.Helper()
	l := generator(t, keys)
	spec, ok := l.Workload[0].Generator.spec(l.Doc, "workload[0].generator")
	if !ok {
		t.Fatal(l.Doc.Err())
	}
	return spec
}

var sameDist = cmp.AllowUnexported(rng.Empirical{}, rng.Mixture{}, rng.Choice{})

func TestAGeneratorByHand(t *testing.T) {
	got := specOf(t, `
jobs: 1000
arrivals: {rate: 36, hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0.5], weekdays: [1,1,1,1,1,0,0], sessions: {jobs: 2.5, gap: 30s}, round: 1s}
durations:
  - {upTo: 8, lognormal: {p50: 10m, p90: 2h}, min: 1s, max: 7d, round: 1s}
  - mixture:
      - {weight: 3, exponential: {mean: 1h}}
      - {uniform: {from: 1m, to: 2m}}
sizes:
  - {gpus: 1, gpuMilli: 500, weight: 4}
  - {gpus: 16, podGPUs: 8}
  - {from: 1, to: 8}
  - {gpus: 0, cpus: 4, memory: 1GiB}
cpusPerGPU: 12
memoryPerGPU: 100GiB
gpuTypes: [{anyOf: A100}, {anyOf: [A100, H100], weight: 2}, {}]
users: {count: 10, exponent: 1.5}
queues: [{name: a, weight: 2}, b]
queuesByUser: true
priorities: [{value: 5}, {value: -1, weight: 9}]
outcomes: [{upTo: 1h, finished: 9, failed: 1, failedFactor: 0.5}, {finished: 1}]
estimates: {factor: {to: 5}, round: 1m, classes: [1h, 4h, 24h]}
`)
	mixture, err := rng.NewMixture(rng.Part{Weight: 3, Dist: rng.Exponential{Mean: 3600}}, rng.Part{Weight: 1, Dist: rng.Uniform{Low: 60, High: 120}})
	if err != nil {
		t.Fatal(err)
	}
	const hour = 3600 * state.Second
	want := gen.Spec{
		Jobs: 1000,
		Arrivals: gen.Arrivals{Interval: 100 * state.Second, Round: state.Second, SessionJobs: 2_500_000, SessionGap: 30 * state.Second,
			Days: [7]int64{gen.One, gen.One, gen.One, gen.One, gen.One, 0, 0}},
		Durations: []gen.DurationClass{
			{UpTo: 8, Dist: rng.Lognormal{Mu: rng.Log(600), Sigma: (rng.Log(7200) - rng.Log(600)) / rng.NormalQuantile(.9)},
				Min: state.Second, Max: 7 * 24 * hour, Round: state.Second},
			{Dist: mixture}},
		Sizes: []gen.Size{{Weight: 4, From: 1, Milli: 500}, {Weight: 1, From: 16, PodGPUs: 8}, {Weight: 1, From: 1, To: 8},
			{Weight: 1, CPUMilli: 4000, MemMiB: 1024}},
		CPUMilli: 12_000, MemMiB: 102_400,
		Types:      []gen.TypeShare{{Weight: 1, AnyOf: []string{"A100"}}, {Weight: 2, AnyOf: []string{"A100", "H100"}}, {Weight: 1}},
		Users:      gen.Users{Count: 10, ExponentMicro: 1_500_000, Prefix: "user"},
		Queues:     gen.Queues{Shares: []gen.NameShare{{Name: "a", Weight: 2}, {Name: "b", Weight: 1}}, ByUser: true},
		Priorities: []gen.PriorityShare{{Value: 5, Weight: 1}, {Value: -1, Weight: 9}},
		Outcomes: []gen.OutcomeBand{
			{UpTo: hour, Shares: []gen.OutcomeShare{{Outcome: state.Finished, Weight: 9}, {Outcome: state.Failed, Weight: 1, Factor: gen.One / 2}, {Outcome: state.Cancelled}}},
			{Shares: []gen.OutcomeShare{{Outcome: state.Finished, Weight: 1}, {Outcome: state.Failed}, {Outcome: state.Cancelled}}}},
		Estimates: gen.Estimates{Given: true, Low: gen.One, High: 5 * gen.One, Round: 60 * state.Second, Classes: []state.Time{hour, 4 * hour, 24 * hour}},
	}
	for i := range want.Arrivals.Hours {
		want.Arrivals.Hours[i] = gen.One
	}
	want.Arrivals.Hours[23] = gen.One / 2
	if d := cmp.Diff(want, got, sameDist); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if faults := got.Check(); faults != nil {
		t.Error(faults)
	}
}

func TestKeysTakeThePlaceOfAPresetsParts(t *testing.T) {
	philly, _ := gen.Preset("philly")
	philly.Jobs = 100_000
	for _, c := range []struct {
		name, keys string
		edit       func(*gen.Spec)
	}{
		{"none", "", func(*gen.Spec) {}},
		{"load", "load: {of: 1.05, gpus: 2048}", func(s *gen.Spec) {
			s.Load, s.Arrivals.Interval = gen.Load{OfMicro: 1_050_000, GPUs: 2048}, 0
		}},
		{"rate keeps hours", "arrivals: {every: 10s}", func(s *gen.Spec) { s.Arrivals.Interval = 10 * state.Second }},
		{"no sessions", "arrivals: {sessions: {jobs: 1}}", func(s *gen.Spec) { s.Arrivals.SessionJobs, s.Arrivals.SessionGap = gen.One, 60*state.Second }},
		{"one duration", "durations: {constant: 5m}", func(s *gen.Spec) {
			s.Durations = []gen.DurationClass{{Dist: rng.Constant{Value: 300}}}
		}},
		{"one size", "sizes: {gpus: 4}", func(s *gen.Spec) { s.Sizes = []gen.Size{{Weight: 1, From: 4}} }},
		{"at once", "arrivals: {process: at-once}", func(s *gen.Spec) { s.Arrivals.Process, s.Arrivals.Interval = gen.AtOnce, 0 }},
		{"exact estimates", "estimates: exact", func(s *gen.Spec) { s.Estimates = gen.Estimates{Given: true, Low: gen.One, High: gen.One} }},
		{"users", "users: 7", func(s *gen.Spec) { s.Users = gen.Users{Count: 7, ExponentMicro: gen.One, Prefix: "user"} }},
	} {
		want := philly
		c.edit(&want)
		got := specOf(t, "preset: philly\njobs: 100000\n"+c.keys)
		if d := cmp.Diff(want, got, sameDist); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if faults := got.Check(); faults != nil {
			t.Errorf("%s: %v", c.name, faults)
		}
	}
	// A rate replaces the load of a preset.
	if got := specOf(t, "preset: swf-load\njobs: 10\narrivals: {rate: 60}"); got.Load != (gen.Load{}) || got.Arrivals.Interval != 60*state.Second {
		t.Errorf("a rate beside swf-load: %+v", got)
	}
	// Helios without users has no queues by user.
	if got := specOf(t, "preset: helios\njobs: 10\nusers: 0"); got.Check() != nil {
		t.Errorf("helios without users: %v", got.Check())
	}
}

func TestEveryPresetIsAWordOfTheFormat(t *testing.T) {
	for _, p := range gen.Presets() {
		specOf(t, "preset: "+p.Name+"\njobs: 10")
	}
	shape, err := ydec.ShapeOf(&Generator{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range gen.Presets() {
		names = append(names, p.Name)
	}
	if d := cmp.Diff(names, shape.Fields[0].Shape.Enum); d != "" {
		t.Errorf("presets (-known +in the format):\n%s", d)
	}
}

func TestWhatIsWrongWithAGeneratorIsPlaced(t *testing.T) {
	for _, c := range []struct{ keys, path string }{
		{"preset: philly\njobs: 10\nload: {of: 0, gpus: 8}", "load.of"},
		{"preset: philly\njobs: 10\nload: {of: 1, gpus: 8}\narrivals: {rate: 5}", "load"},
		{"preset: philly\njobs: 10\narrivals: {rate: 0}", "arrivals.rate"},
		{"preset: philly\njobs: 10\narrivals: {hours: [1, 2]}", "arrivals.hours"},
		{"preset: philly\njobs: 10\narrivals: {weekdays: [0, 0, 0, 0, 0, 0, 0]}", "arrivals.weekdays"},
		{"preset: philly\njobs: 10\narrivals: {weekdays: [1, 0, 0, 0, 0, 0, -1]}", "arrivals.weekdays[6]"},
		{"preset: philly\njobs: 10\narrivals: {sessions: {jobs: 0}}", "arrivals.sessions.jobs"},
		{"preset: philly\njobs: 10\narrivals: {process: at-once, every: 1s}", "arrivals"},
		{"preset: philly\njobs: 10\ndurations: {lognormal: {p50: 2h, p90: 1h}}", "durations[0].lognormal.p90"},
		{"preset: philly\njobs: 10\ndurations: {weibull: {scale: 1h, shape: 0}}", "durations[0].weibull"},
		{"preset: philly\njobs: 10\ndurations: {quantiles: [{p: 0, value: 1s}, {p: 0.9, value: 1h}]}", "durations[0].quantiles"},
		{"preset: philly\njobs: 10\ndurations: {constant: 1h, min: 2h, max: 1h}", "durations[0].max"},
		{"preset: philly\njobs: 10\ndurations: {mixture: [{weight: 0, constant: 1h}]}", "durations[0].mixture"},
		{"preset: philly\njobs: 10\nsizes: {gpus: 12, podGPUs: 8}", "sizes[0]"},
		{"preset: philly\njobs: 10\nsizes: {from: 1}", "sizes[0]"},
		{"preset: philly\njobs: 10\nsizes: {gpus: 1, to: 5}", "sizes[0].to"},
		{"preset: philly\njobs: 10\nsizes: {gpus: 1, weight: 0}", "sizes"},
		{"preset: philly\njobs: 10\nusers: 0\nqueuesByUser: true", "queuesByUser"},
		{"preset: philly\njobs: 10\noutcomes: {finished: 1, failed: 1, failedFactor: 0}", "outcomes[0].failedFactor"},
		{"preset: philly\njobs: 10\noutcomes: {}", "outcomes[0]"},
		{"preset: philly\njobs: 10\nestimates: {from: exact, round: 1m}", "estimates"},
		{"preset: philly\njobs: 10\nestimates: {factor: {from: 2, to: 1}}", "estimates.factor"},
		{"jobs: 10\nsizes: {gpus: 1}\ndurations: {constant: 1s}", "arrivals"},
		{"jobs: 10\narrivals: {every: 1s}\ndurations: {constant: 1s}", "sizes"},
		{"jobs: 10\nload: {of: 1, gpus: 1}\nsizes: {gpus: 0}\ndurations: {constant: 1s}", "load"}, // only the jobs show it
	} {
		l := generator(t, c.keys)
		_, err := l.generate("workload[0].generator", l.Workload[0].Generator, &state.Names{})
		if err == nil {
			t.Errorf("taken, want a finding at %s:\n%s", c.path, c.keys)
			continue
		}
		found := l.Doc.Diagnostics()
		if len(found) != 1 || found[0].Path != "workload[0].generator."+c.path || found[0].Line < 8 {
			t.Errorf("want one finding at %s, got\n%v\nfor\n%s", c.path, found, c.keys)
		}
	}
}

func TestCheckFindsWhatNeedsNoDraw(t *testing.T) {
	l := generator(t, "preset: philly\njobs: 10\nsizes: {gpus: 12, podGPUs: 8}\nusers: 3")
	l.Workload[0].Generator.check(l.Doc, "workload[0].generator")
	if found := l.Doc.Diagnostics(); len(found) != 1 || found[0].Path != "workload[0].generator.sizes[0]" {
		t.Errorf("got %v", found)
	}
}

func TestHoursFollowTheScenariosZone(t *testing.T) {
	// 2026-01-07 05:30 UTC is Wednesday 13:30 in Shanghai: work begins at 14 h there.
	hours := strings.Repeat("0, ", 14) + "1" + strings.Repeat(", 0", 9)
	l := generator(t, "jobs: 50\narrivals: {every: 1m, hours: ["+hours+"]}\nsizes: {gpus: 1}\ndurations: {constant: 1s}")
	src, err := l.generate("workload[0].generator", l.Workload[0].Generator, &state.Names{})
	if err != nil {
		t.Fatal(err)
	}
	var j state.JobSpec
	for n := 0; ; n++ {
		ok, err := src.Next(&j)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if since := j.Submit % (24 * 3600 * state.Second); since < 1800*state.Second || since >= 5400*state.Second {
			t.Fatalf("job %d comes %d s after 13:30", n, since/state.Second)
		}
	}
}

func TestTwoGeneratorsOfOneScenarioDrawApart(t *testing.T) {
	l := generator(t, "preset: swf-load\njobs: 20")
	l.Workload = append(l.Workload, Workload{Trace: &Trace{}}, Workload{Generator: &Generator{Preset: "swf-load", Jobs: 20}})
	var run [2][]state.Time
	for i, w := range []int{0, 2} {
		src, err := l.generate("workload[0].generator", l.Workload[w].Generator, &state.Names{})
		if err != nil {
			t.Fatal(err)
		}
		var j state.JobSpec
		for ok := true; ok; {
			if ok, err = src.Next(&j); err != nil {
				t.Fatal(err)
			}
			run[i] = append(run[i], j.Duration)
		}
	}
	if cmp.Equal(run[0], run[1]) {
		t.Error("both draw the same running times")
	}
}

func TestAGeneratorFileDrawsWhatItsScenarioDraws(t *testing.T) {
	const keys = "preset: philly\njobs: 200\nload: {of: 0.9, gpus: 64}\n"
	draw := func(src state.Source, err error) []state.JobSpec {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var all []state.JobSpec
		for {
			var j state.JobSpec
			ok, err := src.Next(&j)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				return all
			}
			all = append(all, j)
		}
	}
	l := generator(t, keys)
	want := draw(l.generate("workload[0].generator", l.Workload[0].Generator, &state.Names{}))
	got := draw(ParseGenerator("g.yaml", []byte(keys+"start: 2026-01-07T05:30:00Z\ntimezone: Asia/Shanghai\n"), &state.Names{}))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-scenario +file):\n%s", d)
	}
	set := Set{Path: "seed", Value: "2", Origin: "--set"}
	if cmp.Equal(want, draw(ParseGenerator("g.yaml", []byte(keys), &state.Names{}, set))) {
		t.Error("another seed draws the same jobs")
	}
	for text, want := range map[string]string{
		"preset: phily\njobs: 1":                  `did you mean "philly"`,
		"preset: philly":                          `"jobs" is missing`,
		"preset: philly\njobs: 1\ntimezone: Mars": "no time zone",
	} {
		if _, err := ParseGenerator("g.yaml", []byte(text), &state.Names{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// Every example of the page is read and drawn from.
func TestTheExamplesOfThePage(t *testing.T) {
	page, err := os.ReadFile("../docs/formats/generators.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, block := range strings.Split(string(page), "\n\n") {
		if !strings.HasPrefix(block, "    ") {
			continue
		}
		examples++
		src, err := ParseGenerator("generators.md", []byte(block), &state.Names{})
		if err != nil {
			t.Errorf("%v\n%s", err, block)
			continue
		}
		var j state.JobSpec
		if ok, err := src.Next(&j); !ok || err != nil {
			t.Errorf("no job: %v\n%s", err, block)
		}
	}
	if examples != 3 {
		t.Errorf("%d examples", examples)
	}
	for _, p := range gen.Presets() {
		if !strings.Contains(string(page), p.Name) {
			t.Errorf("the page does not speak of preset %s", p.Name)
		}
	}
}
