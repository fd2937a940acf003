package reports

import (
	"math"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// table has policies in rows and metrics in columns, the best bold and real differences marked.
func (v *compareView) table() Section {
	t := &Table{ID: "policy-means", Caption: "Means over runs", Columns: []Column{{"policy", "policy", Text}, {"runs", "runs", Count}}}
	for p := range v.Policies {
		t.Rows = append(t.Rows, []Cell{Word(v.name(p)), Number(float64(len(v.Policies[p].Runs)), Count)})
	}
	for m, metric := range v.Metrics {
		t.Columns = append(t.Columns, Column{metric.Name, metric.Key, metric.Unit})
		for p, cell := range v.column(m) {
			t.Rows[p] = append(t.Rows[p], cell)
		}
	}
	return Section{
		ID: "policies", Title: "Policies side by side",
		Lead:   "Bold is the best of a column. * marks a real difference from " + v.name(0) + ", the baseline; the rest may be chance.",
		Blocks: []Block{{Table: t}},
	}
}

// column is metric m of every policy, in one unit. What reads like the best is as bold as the best, and nothing is where
// all read alike. Policies that did other work than the baseline do not take part.
func (v *compareView) column(m int) []Cell {
	metric := v.Metrics[m]
	write := v.writer(m)
	same := v.sameWork()
	best := write(v.outcomes[v.best(m, same)][m].mean)
	alike := 0
	cells := make([]Cell, len(v.Policies))
	for p := range cells {
		o := v.outcomes[p][m]
		cells[p] = Number(o.mean, metric.Unit)
		cells[p].Text, cells[p].Real, cells[p].Title = write(o.mean), p > 0 && o.versus.Verdict == stats.Different, cells[p].Exact()
		if p > 0 {
			cells[p].Title += ", " + Difference(o.versus, metric.Unit)
		}
	}
	for _, p := range same {
		if cells[p].Text == best {
			alike++
		}
	}
	for _, p := range same {
		cells[p].Best = cells[p].Text == best && alike < len(same)
	}
	return cells
}

func (v *compareView) differences() Section {
	s := Section{ID: "differences", Title: "What differs, and how surely"}
	for m := 1; m < len(v.Metrics); m++ {
		for _, p := range v.paired(m) {
			if v.outcomes[p][m].versus.N > 1 {
				s.Blocks = append(s.Blocks, Block{Chart: v.forest(m)})
				break
			}
		}
	}
	t := &Table{ID: "tests", Caption: "Paired differences from " + v.name(0), Columns: []Column{
		{"policy", "policy", Text}, {"metric", "metric", Text}, {"pairs", "pairs", Count}, {"difference", "difference", Times},
		{v.percent() + " from", "interval_low", Times}, {"to", "interval_high", Times}, {"p (Holm)", "p_holm", Times},
		{"effect", "rank_biserial", Times}, {"verdict", "verdict", Text},
	}}
	for p := 1; p < len(v.Policies); p++ {
		for m, metric := range v.Metrics {
			if v.outcomes[p][m].versus.N > 0 {
				t.Rows = append(t.Rows, v.testRow(p, m, metric))
			}
		}
	}
	if slices.ContainsFunc(v.Metrics, func(m Metric) bool { return m.Unit == Share }) {
		s.Lead = "Differences of shares are in percentage points (pp)."
	}
	if len(t.Rows) > 0 {
		s.Blocks = append(s.Blocks, Block{Table: t})
	}
	return s
}

// testRow is one paired difference. To a person a metric's differences and intervals are in one unit; in files they are in the metric's base
// unit, and the metric is its key.
func (v *compareView) testRow(p, m int, metric Metric) []Cell {
	c := v.outcomes[p][m].versus
	low, high := c.Interval.Low, c.Interval.High
	if math.IsInf(low, 0) {
		low, high = math.NaN(), math.NaN()
	}
	var family []float64
	for _, q := range v.paired(m) {
		other := v.outcomes[q][m].versus
		family = append(family, other.Difference, other.Interval.Low, other.Interval.High)
	}
	write := intervalWriter(metric.Unit, family)
	number := func(value float64) Cell {
		cell := Number(value, metric.Unit)
		cell.Text = write(value)
		return cell
	}
	name := Word(metric.Name)
	name.Code = metric.Key
	pValue, verdict := Number(math.NaN(), Times), Word(c.Verdict.String())
	switch c.Verdict {
	case stats.Different, stats.NoDifference:
		pValue = Number(c.P, Times)
		pValue.Text = strings.TrimPrefix(strings.TrimPrefix(pText(c.P), "p "), "= ")
	case stats.TooFew:
		verdict = Word("not decided: " + plural(c.N, "pair"))
	}
	return []Cell{Word(v.name(p)), name, Number(float64(c.N), Count), number(c.Difference), number(low), number(high), pValue, Number(c.Effect, Times), verdict}
}

// intervalWriter writes the differences in one metric and their intervals in the unit of the largest of them, shares in
// percentage points.
func intervalWriter(unit Unit, values []float64) func(float64) string {
	write := func(v float64) string { return amount(v, unit) }
	switch unit {
	case Seconds:
		scale := largestScale(values)
		write = scale.write
	case Share:
		write = func(v float64) string { return significant(v*100) + " pp" }
	}
	return func(v float64) string {
		if math.IsNaN(v) {
			return "none"
		}
		return signed(write(v))
	}
}

// writer writes means of metric m: durations in one unit for all policies.
func (v *compareView) writer(m int) func(float64) string {
	unit := v.Metrics[m].Unit
	if unit != Seconds {
		return func(v float64) string { return amount(v, unit) }
	}
	var means []float64
	for p := range v.Policies {
		means = append(means, v.outcomes[p][m].mean)
	}
	return columnScale(means).write
}
