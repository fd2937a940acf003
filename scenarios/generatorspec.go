package scenarios

import (
	"errors"
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/state"
)

// GeneratorFile is a file for orrery trace generate: the keys of a generator, with seed and calendar.
type GeneratorFile struct {
	Seed      uint64   `yaml:"seed" default:"1" doc:"Seed of everything that is drawn."`
	Start     *Instant `yaml:"start" doc:"Calendar time of instant 0. Default: 2026-01-01T00:00:00Z."`
	Timezone  string   `yaml:"timezone" default:"UTC" doc:"IANA zone of hours and weekdays."`
	Generator `yaml:",inline"`
}

// ParseGenerator reads the text of a GeneratorFile, after applying sets, and returns its jobs: those that a scenario with
// the same seed, start and timezone draws whose first generator this is. The error is a ydec.Diagnostics.
func ParseGenerator(file string, data []byte, names *state.Names, sets ...Set) (state.Source, error) {
	var f GeneratorFile
	opts := ydec.Options{}
	for _, s := range sets {
		opts.Set = append(opts.Set, ydec.Assignment{Path: s.Path, Value: s.Value, Origin: s.Origin})
	}
	doc, diags := ydec.Decode(file, data, &f, opts)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(f.Timezone)
	if err != nil {
		doc.Errorf("timezone", "no time zone %q", f.Timezone).Want("an IANA name such as Europe/Berlin or UTC")
		return nil, doc.Err()
	}
	return f.Generator.source(doc, "", drawnAt{seed: f.Seed, week: intoWeek(f.Start, zone)}, names)
}

// generate is the source of a generator; in a scenario with several, each has draws of its own.
func (l *Loaded) generate(path string, g *Generator, names *state.Names) (state.Source, error) {
	zone, err := time.LoadLocation(l.Timezone)
	if err != nil {
		return nil, fmt.Errorf("timezone: %w", err)
	}
	at := drawnAt{seed: l.Seed, week: intoWeek(l.Start, zone)}
	for i := range l.Workload {
		if other := l.Workload[i].Generator; other == g {
			break
		} else if other != nil {
			at.stream++
		}
	}
	return g.source(l.Doc, path, at, names)
}

// drawnAt is what a generator's draws depend on beside its keys.
type drawnAt struct {
	seed   uint64
	stream uint64     // number of the generator in its scenario
	week   state.Time // from Monday 00:00 in the scenario's zone to instant 0
}

// intoWeek is the time from Monday 00:00 to an instant, nil for the default, by the clocks of the zone.
func intoWeek(start *Instant, zone *time.Location) state.Time {
	t := defaultStart
	if start != nil {
		t = start.Time
	}
	t = t.In(zone)
	day := (int(t.Weekday()) + 6) % 7
	hours := state.Time(day*24 + t.Hour())
	return ((hours*60+state.Time(t.Minute()))*60+state.Time(t.Second()))*state.Second + state.Time(t.Nanosecond())
}

// source draws the jobs; findings are recorded in doc.
func (g *Generator) source(doc *ydec.Doc, path string, at drawnAt, names *state.Names) (state.Source, error) {
	spec, ok := g.spec(doc, path)
	if !ok {
		return nil, doc.Err()
	}
	spec.Stream, spec.Arrivals.WeekOffset = at.stream, at.week
	src, err := gen.New(spec, at.seed, names)
	var faults gen.Faults
	if errors.As(err, &faults) {
		report(doc, path, faults)
		return nil, doc.Err()
	}
	if err != nil {
		doc.Errorf(below(path, "gpuTypes"), "%v", err)
		return nil, doc.Err()
	}
	return src, nil
}

// check records what is wrong with a generator without drawing; what only the jobs show, source finds.
func (g *Generator) check(doc *ydec.Doc, path string) {
	if spec, ok := g.spec(doc, path); ok {
		report(doc, path, spec.Check())
	}
}

func report(doc *ydec.Doc, path string, faults gen.Faults) {
	for _, f := range faults {
		doc.Errorf(below(path, f.Path), "%s", f.Problem).Want("expected %s", f.Want)
	}
}

func below(path, rest string) string {
	if path == "" {
		return rest
	}
	return path + "." + rest
}

// spec compiles the keys over the preset's parts; false: something is wrong and recorded.
func (g *Generator) spec(doc *ydec.Doc, path string) (gen.Spec, bool) {
	c := &genCompiler{doc: doc, path: path}
	if g.Preset != "" {
		c.spec, _ = gen.Preset(g.Preset) // decoding refuses other names
	}
	s := &c.spec
	s.Jobs = g.Jobs
	c.arrivals(g.Arrivals)
	if g.Load != nil {
		if g.Arrivals != nil && (g.Arrivals.Every != nil || g.Arrivals.Rate != nil) {
			c.fail("load", "an offered load beside a rate of arrivals").Do("leave one of load, arrivals.every and arrivals.rate out")
		}
		s.Load, s.Arrivals.Interval = gen.Load{OfMicro: int64(g.Load.Of), GPUs: g.Load.GPUs}, 0
		if g.Load.Of <= 0 {
			c.fail("load.of", "an offered load of %s", g.Load.Of.FormatYAML()).Want("more than 0")
		}
	}
	c.durations(g.Durations)
	c.sizes(g.Sizes)
	if g.CPUsPerGPU != nil {
		s.CPUMilli = int64(*g.CPUsPerGPU) / 1000
	}
	if g.MemoryPerGPU != nil {
		s.MemMiB = mebibytes(*g.MemoryPerGPU)
	}
	c.people(g)
	c.outcomes(g.Outcomes)
	c.estimates(g.Estimates)
	return c.spec, !c.failed
}

// genCompiler turns YAML types into a gen.Spec.
type genCompiler struct {
	doc    *ydec.Doc
	path   string
	spec   gen.Spec
	failed bool
}

func (c *genCompiler) fail(path, format string, args ...any) *ydec.Diagnostic {
	c.failed = true
	return c.doc.Errorf(below(c.path, path), format, args...)
}

func (c *genCompiler) arrivals(a *DrawnArrivals) {
	if a == nil {
		return
	}
	out := &c.spec.Arrivals
	processes := map[string]gen.Process{"poisson": gen.Poisson, "uniform": gen.UniformArrivals, "even": gen.Even, "at-once": gen.AtOnce}
	if a.Process != "" {
		out.Process = processes[a.Process]
	}
	if out.Process == gen.AtOnce {
		out.Interval, c.spec.Load = 0, gen.Load{}
		if a.Every != nil || a.Rate != nil {
			c.fail("arrivals", "a rate of jobs that all come at once").Do("leave every and rate out")
		}
	}
	if a.Every != nil {
		out.Interval, c.spec.Load = a.Every.Time(), gen.Load{}
	}
	if a.Rate != nil {
		c.spec.Load = gen.Load{}
		if *a.Rate <= 0 {
			c.fail("arrivals.rate", "%s jobs an hour", a.Rate.FormatYAML()).Want("more than 0")
		} else {
			out.Interval = state.MulDiv(3600*state.Second, gen.One, int64(*a.Rate))
		}
	}
	c.factors("arrivals.hours", out.Hours[:], a.Hours)
	c.factors("arrivals.weekdays", out.Days[:], a.Weekdays)
	if a.Sessions != nil {
		out.SessionJobs, out.SessionGap = int64(a.Sessions.Jobs), a.Sessions.Gap.Time()
		if a.Sessions.Jobs < Fixed(gen.One) {
			c.fail("arrivals.sessions.jobs", "sessions of %s jobs", a.Sessions.Jobs.FormatYAML()).Want("1 or more")
		}
	}
	if a.Round != nil {
		out.Round = a.Round.Time()
	}
}

// factors replaces a list of factors by one of the same length that is not all zeros.
func (c *genCompiler) factors(path string, into []int64, from []Fixed) {
	if from == nil {
		return
	}
	if len(from) != len(into) {
		c.fail(path, "%d factors", len(from)).Want("%d", len(into))
		return
	}
	sum := false
	for i, f := range from {
		into[i] = int64(f)
		sum = sum || f != 0
	}
	if !sum {
		c.fail(path, "all factors are 0").Want("at least one above 0")
	}
}
