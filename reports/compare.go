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
	Own  bool // a series of the policies' own: nobody knows what is better
}

// Contender is one policy's runs.
type Contender struct {
	Name string
	Runs []ContenderRun
	// OtherWork names what of its work is not the baseline's ("the workload section"), "" where all is. Nothing is paired
	// then, and no difference is put down to the policy.
	OtherWork string
	// Waits are the waits in seconds of one run's jobs in order of submission, NaN for a job that never started; nil when they
	// are not at hand. With them contenders whose only common seed is WaitsSeed can still be paired, by job.
	Waits     []float64
	WaitsSeed uint64
}

// ContenderRun is one run: Values are in the order of Metrics, NaN where it has none.
type ContenderRun struct {
	Seed   uint64
	Digest string
	Values []float64
}

// jobBatches is the number of batches that one run's jobs are summed up in before they are compared as pairs.
const jobBatches = 30

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

// better reports whether a beats b in metric m.
func (m Metric) better(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return !math.IsNaN(a) && math.IsNaN(b)
	}
	if m.Own {
		return false
	}
	if m.More {
		return a > b
	}
	return a < b
}

// Difference writes a paired difference with its direction and whether it is real: "-18 % (p < .001)", "+0.4 % (no
// difference seen)". Differences of shares are in percentage points.
func Difference(c stats.Comparison, unit Unit) string {
	if c.N == 0 {
		return "not paired"
	}
	text := "no figure"
	if share, ok := c.Relative(); ok && unit != Share {
		text = signed(significant(share*100)) + " %"
	} else if !math.IsNaN(c.Difference) {
		text = signed(difference(c.Difference, unit))
	}
	switch c.Verdict {
	case stats.Different:
		return text + " (" + pText(c.P) + ")"
	case stats.TooFew:
		return fmt.Sprintf("%s (not decided: %s, %d needed)", text, plural(c.N, "pair"), c.PairsNeeded)
	case stats.Unusable:
		return text
	}
	return text + " (no difference seen)"
}

// difference is amount for a difference: two shares differ by percentage points.
func difference(v float64, unit Unit) string {
	if unit == Share {
		return significant(v*100) + " percentage points"
	}
	return amount(v, unit)
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
