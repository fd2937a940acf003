package study

import (
	"cmp"
	"math"
	"slices"

	"github.com/orrery-sim/orrery/scenarios/run"
	"github.com/orrery-sim/orrery/scenarios/stats"
)

// Result is what a study found. It is the same whatever the order in which runs ended.
type Result struct {
	Name     string        `json:"name"`
	Axes     []Axis        `json:"axes"`
	Seeds    []uint64      `json:"seeds"`
	Currency string        `json:"currency,omitempty"`
	Queues   []string      `json:"queues"` // with the most jobs first
	Measures []Measure     `json:"-"`      // of the table, in order
	Points   []PointResult `json:"points"`
	Levels   []Level       `json:"-"`
	Smallest int           `json:"smallest"` // index of the smallest point that meets the levels; -1: none does, or none was asked for
	Roomiest int           `json:"roomiest"` // the largest point that is whole, with which losers are compared; -1: none
	Losers   []Loss        `json:"losers"`   // who waits longer at Smallest than at Roomiest
	Partial  bool          `json:"partial"`  // some runs are missing
	Notes    []string      `json:"notes"`
}

// PointResult is one point.
type PointResult struct {
	Label  string     `json:"label"`
	Values []string   `json:"values"` // in the order of the axes
	Runs   []*Figures `json:"runs"`   // by seed; those that are whole
	Table  []Estimate `json:"table"`  // in the order of Measures
	Level  Verdict    `json:"level"`
	size   float64
}

// Estimate is a mean over seeds with its 95 % interval, which is nothing for one run.
type Estimate struct {
	Measure string     `json:"measure"`
	Mean    run.Number `json:"mean"`
	Low     run.Number `json:"low"`
	High    run.Number `json:"high"`
	N       int        `json:"n"`
}

// Verdict says whether a point meets the levels.
type Verdict string

// The verdicts.
const (
	NotAsked Verdict = ""
	Meets    Verdict = "meets"   // with its whole interval; with one seed, by its value
	Unsure   Verdict = "unsure"  // the mean does, the interval reaches over the bound
	Misses   Verdict = "misses"  //
	NotWhole Verdict = "partial" // runs are missing
)

// Loss is a queue or user that waits longer at the smallest point than at the roomiest.
type Loss struct {
	Kind    string           `json:"kind"` // "queue" or "user"
	Name    string           `json:"name"`
	Was     run.Number       `json:"was_s"` // p95 of the wait at the roomiest point, mean over seeds
	Is      run.Number       `json:"is_s"`
	By      stats.Comparison `json:"-"`
	Low     run.Number       `json:"low_s"` // of the difference
	High    run.Number       `json:"high_s"`
	P       run.Number       `json:"p"`
	Certain bool             `json:"certain"` // beyond chance; else every seed rose, of too few to test
}

// mostColumns bounds the queues that have a column.
const mostColumns = 4

// Assemble puts runs together. figures are the runs that are whole, by task.
func Assemble(s *Study, name string, points []Point, tasks []Task, figures []*Figures, levels []Level) *Result {
	r := &Result{Name: name, Axes: s.Axes, Levels: levels, Smallest: -1, Roomiest: -1, Losers: []Loss{}, Notes: []string{}}
	for i := range points {
		r.Points = append(r.Points, PointResult{Label: points[i].Label(s.Axes), Values: points[i].Values})
	}
	for i, t := range tasks {
		if t.Point == 0 {
			r.Seeds = append(r.Seeds, t.Seed)
		}
		if figures[i] == nil {
			r.Partial = true
			continue
		}
		r.Points[t.Point].Runs = append(r.Points[t.Point].Runs, figures[i])
	}
	r.columns()
	for i := range r.Points {
		r.judge(&r.Points[i])
	}
	r.choose()
	r.lose()
	r.sameRuns()
	return r
}

// whole reports whether a point has all its runs.
func (r *Result) whole(p *PointResult) bool { return len(p.Runs) == len(r.Seeds) }

// columns decides what the table shows: the wait of the queues with the most jobs, and what is not the same everywhere by nature.
func (r *Result) columns() {
	jobs := map[string]int{}
	some := map[string]bool{}
	for i := range r.Points {
		for _, f := range r.Points[i].Runs {
			for _, g := range f.Queues {
				if g.Name != "" {
					jobs[g.Name] += g.Jobs
				}
			}
			if f.Summary.Cost != nil {
				r.Currency = f.Summary.Cost.Currency
			}
			some["evictions"] = some["evictions"] || evictions(f.Summary) > 0
			some["unfinished"] = some["unfinished"] || f.Summary.Jobs.Unfinished > 0
		}
	}
	for name := range jobs {
		r.Queues = append(r.Queues, name)
	}
	slices.SortFunc(r.Queues, func(a, b string) int { return cmp.Or(cmp.Compare(jobs[b], jobs[a]), cmp.Compare(a, b)) })
	add := func(text, queue string) {
		m, err := ParseMeasure(text)
		if err != nil {
			panic("study: " + err.Error())
		}
		m.Queue = queue
		if !slices.ContainsFunc(r.Measures, func(o Measure) bool { return o.String() == m.String() }) {
			r.Measures = append(r.Measures, m)
		}
	}
	for _, l := range r.Levels {
		if !slices.ContainsFunc(r.Measures, func(o Measure) bool { return o.String() == l.Measure.String() }) {
			r.Measures = append(r.Measures, l.Measure)
		}
	}
	if len(r.Queues) == 0 {
		add("wait.p95", "")
	}
	for _, q := range r.Queues[:min(len(r.Queues), mostColumns)] {
		add("wait.p95", q)
	}
	add("allocation", "")
	if r.Currency != "" {
		add("cost.month", "")
	}
	for _, name := range []string{"evictions", "unfinished"} {
		if some[name] {
			add(name, "")
		}
	}
}

// estimate is the mean of a measure over a point's runs.
func estimate(p *PointResult, m *Measure) Estimate {
	values := make([]float64, len(p.Runs))
	for i, f := range p.Runs {
		values[i] = m.Of(f)
	}
	nan := run.Number(math.NaN())
	e := Estimate{Measure: m.String(), Mean: run.Number(stats.Mean(values)), Low: nan, High: nan, N: len(values)}
	o := stats.Defaults()
	in, ok := stats.TInterval(values, o.Level)
	if len(values) >= 10 {
		if b, sure := stats.BootstrapMean(values, o.Level, o.Reps, o.Seed); sure {
			in, ok = b, true
		}
	}
	if ok { // no measure is ever negative
		e.Low, e.High = run.Number(max(in.Low, 0)), run.Number(in.High)
	}
	return e
}

// judge fills in a point's table and its verdict.
func (r *Result) judge(p *PointResult) {
	p.size = math.NaN()
	gpus := 0.0
	for _, f := range p.Runs {
		gpus += f.GPUs / float64(len(p.Runs))
	}
	if len(p.Runs) > 0 {
		p.size = gpus
	}
	for i := range r.Measures {
		e := estimate(p, &r.Measures[i])
		if r.Measures[i].Name == "cost.month" && !math.IsNaN(float64(e.Mean)) {
			p.size = float64(e.Mean)
		}
		p.Table = append(p.Table, e)
	}
	switch {
	case !r.whole(p):
		p.Level = NotWhole
		return
	case len(r.Levels) == 0:
		return
	}
	p.Level = Meets
	for i := range r.Levels {
		l := &r.Levels[i]
		e := estimate(p, &l.Measure)
		switch {
		case !l.Met(float64(e.Mean)):
			p.Level = Misses
		case e.N > 1 && (!l.Met(float64(e.Low)) || !l.Met(float64(e.High))) && p.Level == Meets:
			p.Level = Unsure
		}
	}
}

// choose finds the smallest point that meets the levels and the roomiest of all: by cost a month, where there are prices, else
// by GPUs.
func (r *Result) choose() {
	for i := range r.Points {
		p := &r.Points[i]
		if !r.whole(p) || math.IsNaN(p.size) {
			continue
		}
		if r.Roomiest < 0 || p.size > r.Points[r.Roomiest].size {
			r.Roomiest = i
		}
		if p.Level == Meets && (r.Smallest < 0 || p.size < r.Points[r.Smallest].size) {
			r.Smallest = i
		}
	}
}

// lose names who waits longer at the smallest point than at the roomiest, seed by seed: queues, or where there is one at
// most, users.
func (r *Result) lose() {
	if r.Smallest < 0 || r.Roomiest < 0 || r.Smallest == r.Roomiest {
		return
	}
	kind, names := "queue", r.Queues
	of := func(name string) Measure { m, _ := ParseMeasure("wait.p95"); m.Queue = name; return m }
	if len(names) < 2 {
		kind, names = "user", nil
		for _, g := range r.Points[r.Smallest].Runs[0].Users {
			if g.Name != "" {
				names = append(names, g.Name)
			}
		}
		of = func(name string) Measure { m, _ := ParseMeasure("wait.p95"); m.User = name; return m }
	}
	var all []Loss
	for _, name := range names {
		m := of(name)
		var was, is []float64
		for i, f := range r.Points[r.Smallest].Runs {
			a, b := m.Of(r.Points[r.Roomiest].Runs[i]), m.Of(f)
			if !math.IsNaN(a) && !math.IsNaN(b) { // who ran nothing under a seed says nothing about it
				was, is = append(was, a), append(is, b)
			}
		}
		if len(was) == 0 {
			continue
		}
		all = append(all, Loss{Kind: kind, Name: name, By: stats.Compare(was, is, stats.Defaults())})
	}
	tests := make([]stats.Comparison, len(all))
	for i := range all {
		tests[i] = all[i].By
	}
	stats.Family(tests, stats.Defaults().Level)
	for i := range all {
		l := &all[i]
		l.By = tests[i]
		l.Was, l.Is, l.P = run.Number(l.By.MeanA), run.Number(l.By.MeanB), run.Number(l.By.P)
		l.Low, l.High = run.Number(l.By.Interval.Low), run.Number(l.By.Interval.High)
		l.Certain = l.By.Verdict == stats.Different
		if l.By.Difference > 0 && (l.Certain || l.By.Verdict == stats.TooFew && (l.By.N == 1 || l.By.Effect == 1)) {
			r.Losers = append(r.Losers, *l)
		}
	}
	slices.SortStableFunc(r.Losers, func(a, b Loss) int { return cmp.Compare(b.By.Difference, a.By.Difference) })
}

// sameRuns notes seeds that change nothing.
func (r *Result) sameRuns() {
	for i := range r.Points {
		runs := r.Points[i].Runs
		if len(runs) < 2 {
			return
		}
		for _, f := range runs[1:] {
			if f.Digest != runs[0].Digest {
				return
			}
		}
	}
	if len(r.Points) > 0 {
		r.Notes = append(r.Notes, "all seeds give one and the same run: nothing in this scenario is drawn, and the intervals say nothing")
	}
}
