package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// Comparison is what a report of several policies on the same work is made of. The first policy is the baseline.
type Comparison struct {
	Name     string // "two-weeks: three policies"
	Workload string // what all of them ran
	Metrics  []Metric
	Policies []Contender
	Level    float64 // of intervals, 0.95 when 0

	Command     string
	Tool        string
	Assumptions []string
	Warnings    []string
}

// Metric is a figure that runs are compared by. The first is the one that the verdict is about.
type Metric struct {
	Name string
	Key  string // as Column.Key
	Unit Unit
	More bool // more is better, as with allocation; else less is
}

// Contender is one policy's runs.
type Contender struct {
	Name string
	Runs []ContenderRun
	// Waits are the waits in seconds of the first run's jobs in order of submission, NaN for a job that never started; nil
	// when they are not at hand. With them policies that ran one seed can still be paired, by job.
	Waits []float64
}

// ContenderRun is one run: Values are in the order of Metrics, NaN where it has none.
type ContenderRun struct {
	Seed   uint64
	Digest string
	Values []float64
}

// jobBatches is the number of batches that one run's jobs are summed up in before they are compared as pairs.
const jobBatches = 30

// outcome is what a policy did to a metric, against the baseline.
type outcome struct {
	mean     float64          // over its runs
	interval stats.Interval   // of that mean
	versus   stats.Comparison // paired with the baseline; zero N for the baseline itself
	pairedBy string           // "seed", "batch of jobs"
}

type compareView struct {
	*Comparison
	level    float64
	outcomes [][]outcome // by policy, by metric
}

// Report builds the report of the comparison. It fails when there is nothing to compare or a run's values do not fit the
// metrics.
func (c *Comparison) Report() (*Report, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	clean := *c
	clean.Metrics = slices.Clone(c.Metrics)
	for i := range clean.Metrics {
		m := &clean.Metrics[i]
		m.Name, m.Key = Clean(m.Name, 40), Clean(m.Key, 40)
	}
	v := &compareView{Comparison: &clean, level: c.Level}
	if v.level == 0 {
		v.level = 0.95
	}
	v.measure()
	rep := &Report{
		Title: Clean(c.Name, 120), Subtitle: Clean(c.Workload, 400), Verdict: v.verdict(), Warnings: v.warnings(),
		Foot: Clean(c.Tool, 200),
	}
	for _, build := range []func() Section{v.answer, v.table, v.differences, v.spread, v.howSure, v.reproduce} {
		if s := build(); len(s.Blocks) > 0 {
			rep.Sections = append(rep.Sections, s)
		}
	}
	return rep, nil
}

func (c *Comparison) check() error {
	if len(c.Policies) < 2 || len(c.Metrics) == 0 {
		return fmt.Errorf("report of a comparison: got %d policies and %d metrics, want at least two and one", len(c.Policies), len(c.Metrics))
	}
	for _, p := range c.Policies {
		if len(p.Runs) == 0 {
			return fmt.Errorf("report of a comparison: policy %q has no run", p.Name)
		}
		for _, r := range p.Runs {
			if len(r.Values) != len(c.Metrics) {
				return fmt.Errorf("report of a comparison: policy %q seed %d has %d values for %d metrics", p.Name, r.Seed, len(r.Values), len(c.Metrics))
			}
		}
	}
	return nil
}

// measure compares every policy with the baseline on every metric. The tests of one metric are one family.
func (v *compareView) measure() {
	v.outcomes = make([][]outcome, len(v.Policies))
	for p := range v.Policies {
		v.outcomes[p] = make([]outcome, len(v.Metrics))
	}
	for m := range v.Metrics {
		family := make([]stats.Comparison, 0, len(v.Policies)-1)
		for p := range v.Policies {
			o := &v.outcomes[p][m]
			o.mean, o.interval = v.mean(p, m)
			if p > 0 {
				o.versus, o.pairedBy = v.pair(p, m)
				family = append(family, o.versus)
			}
		}
		stats.Family(family, v.level)
		for i, c := range family {
			v.outcomes[i+1][m].versus = c
		}
	}
}

func (v *compareView) mean(p, m int) (float64, stats.Interval) {
	var values []float64
	for _, r := range v.Policies[p].Runs {
		if !math.IsNaN(r.Values[m]) {
			values = append(values, r.Values[m])
		}
	}
	interval, _ := stats.TInterval(values, v.level)
	return stats.Mean(values), interval
}

// pair compares policy p with the baseline: by seed where at least two seeds are common, else, for the first metric only
// and where the waits are at hand, by batches of jobs.
func (v *compareView) pair(p, m int) (stats.Comparison, string) {
	options := stats.Defaults()
	options.Level = v.level
	base := map[uint64]float64{}
	for _, r := range v.Policies[0].Runs {
		base[r.Seed] = r.Values[m]
	}
	var a, b []float64
	for _, r := range v.Policies[p].Runs {
		if was, ok := base[r.Seed]; ok && !math.IsNaN(was) && !math.IsNaN(r.Values[m]) {
			a, b = append(a, was), append(b, r.Values[m])
			delete(base, r.Seed)
		}
	}
	if len(a) > 1 || m > 0 {
		return stats.Compare(a, b, options), "seed"
	}
	if x, y := startedInBoth(v.Policies[0].Waits, v.Policies[p].Waits); len(x) >= 2*jobBatches {
		return stats.Compare(stats.BatchMeans(x, jobBatches), stats.BatchMeans(y, jobBatches), options), "batch of jobs"
	}
	return stats.Compare(a, b, options), "seed"
}

func startedInBoth(a, b []float64) (x, y []float64) {
	if len(a) != len(b) {
		return nil, nil
	}
	for i := range a {
		if !math.IsNaN(a[i]) && !math.IsNaN(b[i]) {
			x, y = append(x, a[i]), append(y, b[i])
		}
	}
	return x, y
}

// better reports whether a beats b in metric m.
func (m Metric) better(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return !math.IsNaN(a) && math.IsNaN(b)
	}
	if m.More {
		return a > b
	}
	return a < b
}

// best returns the policy with the best mean in metric m.
func (v *compareView) best(m int) int {
	best := 0
	for p := range v.Policies {
		if v.Metrics[m].better(v.outcomes[p][m].mean, v.outcomes[best][m].mean) {
			best = p
		}
	}
	return best
}

// Difference writes a paired difference with its direction and whether it is real: "-18 % (p < .001)", "+0.4 % (no
// difference seen)".
func Difference(c stats.Comparison, unit Unit) string {
	text := "no figure"
	if share, ok := c.Relative(); ok {
		text = signed(significant(share*100)) + " %"
	} else if !math.IsNaN(c.Difference) {
		text = signed(amount(c.Difference, unit))
	}
	switch c.Verdict {
	case stats.Different:
		return text + " (" + pText(c.P) + ")"
	case stats.TooFew:
		return fmt.Sprintf("%s (%s, %d needed to tell)", text, plural(c.N, "pair"), c.PairsNeeded)
	case stats.Unusable:
		return text
	}
	if c.Rank.N == 0 {
		return "0 % (no difference seen)"
	}
	return text + " (no difference seen)"
}

func signed(text string) string {
	if text != "" && text[0] != '-' && text != "0" && !strings.HasPrefix(text, "0 ") {
		return "+" + text
	}
	return text
}

// pText writes a p-value: "p < .001", "p = .012".
func pText(p float64) string {
	if p < 0.001 {
		return "p < .001"
	}
	text := fmt.Sprintf("%.3f", p)
	if p >= 0.1 {
		text = fmt.Sprintf("%.2f", p)
	}
	return "p = " + strings.TrimPrefix(text, "0")
}
