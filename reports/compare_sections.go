package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

func (v *compareView) name(p int) string { return Name(v.Policies[p].Name) }

// labels are the names as pictures show them, where there is little room: without the parts, divided by "+", that all begin
// or end with. Names that are not so divided, or that would be left empty, stay whole.
func (v *compareView) labels() []string {
	names := make([]string, len(v.Policies))
	parts := make([][]string, len(v.Policies))
	shortest := math.MaxInt
	for p := range v.Policies {
		names[p] = v.name(p)
		parts[p] = strings.Split(names[p], "+")
		shortest = min(shortest, len(parts[p]))
	}
	shared := func(at func(p []string, i int) string, most int) int {
		n := 0
		for n < most && !slices.ContainsFunc(parts, func(p []string) bool { return at(p, n) != at(parts[0], n) }) {
			n++
		}
		return n
	}
	front := shared(func(p []string, i int) string { return p[i] }, shortest-1)
	back := shared(func(p []string, i int) string { return p[len(p)-1-i] }, shortest-1-front)
	for p := range names {
		names[p] = strings.TrimSpace(strings.Join(parts[p][front:len(parts[p])-back], "+"))
	}
	return shorter(names)
}

// shorter drops the last part of the names that end with the commonest one, where there are three or more and they can still
// be told apart.
func shorter(names []string) []string {
	count := map[string]int{}
	common := ""
	for _, name := range names {
		if at := strings.LastIndexByte(name, '+'); at > 0 {
			end := name[at:]
			if count[end]++; count[end] > count[common] {
				common = end
			}
		}
	}
	if count[common] < 2 || len(names) < 3 {
		return names
	}
	short, seen := slices.Clone(names), map[string]bool{}
	for i, name := range names {
		short[i] = strings.TrimSpace(strings.TrimSuffix(name, common))
		if seen[short[i]] {
			return names
		}
		seen[short[i]] = true
	}
	return short
}

// answer opens with the one chart that shows the verdict: the differences in the first metric.
func (v *compareView) answer() Section {
	s := Section{ID: "answer", Title: "The answer in one picture"}
	if len(v.paired(0)) > 0 {
		s.Blocks = append(s.Blocks, Block{Chart: v.forest(0)})
	}
	return s
}

// forest shows how each paired policy differs from the baseline in metric m, in percent of the baseline's mean where it has
// one; shares in percentage points.
func (v *compareView) forest(m int) *Chart {
	metric := v.Metrics[m]
	plot := &Forest{X: Axis{"difference in " + inSentence(metric.Name), Share}, Less: !metric.More}
	paired := v.paired(m)
	relative := metric.Unit != Share
	if !relative {
		plot.X.Name += ", percentage points"
	}
	for _, p := range paired {
		if _, ok := v.outcomes[p][m].versus.Relative(); !ok && metric.Unit != Share {
			relative, plot.X.Unit = false, metric.Unit
		}
	}
	labels := v.labels()
	for _, p := range paired {
		c := v.outcomes[p][m].versus
		value, interval := c.Difference, c.Interval
		if relative {
			value, _ = c.Relative()
			interval = shareInterval(c)
		}
		plot.Rows = append(plot.Rows, ForestRow{
			Name: labels[p], Value: value, Low: interval.Low, High: interval.High, Verdict: c.Verdict, Says: Difference(c, metric.Unit),
		})
	}
	shortened := ""
	for i, p := range paired {
		if plot.Rows[i].Name != v.name(p) {
			shortened = "; names without what most share"
		}
	}
	side := "left of the line is better"
	if metric.More {
		side = "right of the line is better"
	}
	return &Chart{
		ID: "difference-" + anchor(metric.Key, m), Title: forestTitle(v, m),
		Subtitle: fmt.Sprintf("Mean paired difference in %s against %s with its %s interval; %s", inSentence(metric.Name), v.name(0), v.percent(), side),
		Behind:   "paired by " + v.outcomes[paired[0]][m].pairedBy + ", " + v.pairs(paired[0], m) + shortened, Plot: plot,
	}
}

// anchor makes an id of a metric's key; what is not a letter or digit becomes '-', and a key without any gets its number.
func anchor(key string, m int) string {
	id := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(key)), "-")
	if id == "" || len(id) > 40 {
		return fmt.Sprintf("metric-%d", m+1)
	}
	return id
}

// spread shows each policy's mean of the first metric with its interval, and the whole distributions of waits where they
// are at hand.
func (v *compareView) spread() Section {
	s := Section{ID: "spread", Title: "How large it is"}
	metric := v.Metrics[0]
	bars := &Intervals{X: Axis{inSentence(metric.Name), metric.Unit}}
	labels := v.labels()
	for p := range v.Policies {
		o := v.outcomes[p][0]
		row := IntervalRow{labels[p], Blue, o.mean, o.interval.Low, o.interval.High}
		if p == 0 {
			row.Color = Grey
		}
		if math.IsInf(row.Low, 0) {
			row.Low, row.High = math.NaN(), math.NaN()
		}
		bars.Rows = append(bars.Rows, row)
	}
	s.Blocks = append(s.Blocks, Block{Chart: &Chart{
		ID: "means", Title: "From " + amount(v.outcomes[v.best(0, v.sameWork())][0].mean, metric.Unit) + " to " + amount(v.worst(0), metric.Unit),
		Subtitle: "Mean of " + inSentence(metric.Name) + " over runs, with its " + v.percent() + " interval where there are several seeds",
		Behind:   plural(v.runs(), "run"), Plot: bars,
	}})
	if c := v.waitCurves(); c != nil {
		s.Blocks = append(s.Blocks, Block{Chart: c})
	}
	return s
}

func (v *compareView) worst(m int) float64 {
	worst := v.outcomes[0][m].mean
	for p := range v.Policies {
		if v.Metrics[m].better(worst, v.outcomes[p][m].mean) {
			worst = v.outcomes[p][m].mean
		}
	}
	return worst
}

func (v *compareView) runs() int {
	n := 0
	for _, p := range v.Policies {
		n += len(p.Runs)
	}
	return n
}

func (v *compareView) waitCurves() *Chart {
	const floor = 1.0
	plot := &CDF{X: Axis{"wait", Seconds}, Floor: floor}
	jobs := 0
	for p := range min(len(v.Policies), Categories) {
		var waits []float64
		for _, w := range v.Policies[p].Waits {
			if !math.IsNaN(w) {
				waits = append(waits, w)
			}
		}
		if len(waits) == 0 {
			continue
		}
		slices.Sort(waits)
		x, share := curve(waits, floor, curvePoints)
		color := Black
		if p > 0 {
			color = Category(p - 1)
		}
		plot.Lines = append(plot.Lines, CDFLine{v.name(p), color, len(waits), x, share})
		jobs = max(jobs, len(v.Policies[p].Waits))
	}
	if len(plot.Lines) == 0 {
		return nil
	}
	return &Chart{
		ID: "waits", Title: "How long jobs waited under each policy",
		Subtitle: "Share of started jobs that waited at most so long, first seed of each policy, from 1 s on",
		Behind:   plural(jobs, "job") + " a policy", Plot: plot,
	}
}

func (v *compareView) howSure() Section {
	s := Section{ID: "how-sure", Title: "How sure this is"}
	s.Blocks = append(s.Blocks, Block{Note: fmt.Sprintf("Runs are paired: the same seed gives every policy the same arrivals, failures and prices. Intervals are of the mean "+
		"paired difference, %s, in percent of the ratio of means, by BCa bootstrap (10,000 resamples, fixed seed) from ten pairs on and by Student's t below. Tests are Wilcoxon's signed "+
		"rank, counted exactly up to 50 pairs, with Holm's correction over the policies of one metric. The effect is the matched-pairs rank-biserial correlation.", v.percent())})
	for _, a := range v.Assumptions {
		s.Blocks = append(s.Blocks, Block{Note: Clean(a, 400)})
	}
	return s
}

func (v *compareView) reproduce() Section {
	s := Section{ID: "reproduce", Title: "How to reproduce it"}
	if v.Command != "" {
		s.Blocks = append(s.Blocks, Block{Code: &Code{Label: "Compare again", Text: CleanLines(v.Command)}})
	}
	t := &Table{ID: "runs", Caption: "Runs", Fold: v.runs() > 12, Columns: []Column{{"policy", "policy", Text}, {"seed", "seed", Text}, {"digest", "digest", Text}}}
	for p := range v.Policies {
		for _, r := range v.Policies[p].Runs {
			t.Rows = append(t.Rows, []Cell{Word(v.name(p)), Word(fmt.Sprint(r.Seed)), Word(Clean(r.Digest, 80))})
		}
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	return s
}
