package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

func (v *compareView) name(p int) string { return Name(v.Policies[p].Name) }

// verdict says who wins the first metric, by how much, and how sure that is.
func (v *compareView) verdict() string {
	metric, best := v.Metrics[0], v.best(0)
	if best == 0 {
		return v.verdictForBaseline()
	}
	c := v.outcomes[best][0].versus
	direction := "lowers"
	if metric.More {
		direction = "raises"
	}
	share, ok := c.Relative()
	if !ok {
		return fmt.Sprintf("%s has the best %s (%s), against %s (%s).", v.name(best), inSentence(metric.Name),
			amount(v.outcomes[best][0].mean, metric.Unit), amount(v.outcomes[0][0].mean, metric.Unit), v.name(0))
	}
	text := fmt.Sprintf("%s %s %s by %s against %s, from %s to %s", v.name(best), direction, inSentence(metric.Name),
		significant(math.Abs(share)*100)+" %", v.name(0), amount(c.MeanA, metric.Unit), amount(c.MeanB, metric.Unit))
	switch c.Verdict {
	case stats.Different:
		i := shareInterval(c)
		text += fmt.Sprintf(" (%s to %s %%, %s sure, %s).", signed(significant(i.Low*100)), signed(significant(i.High*100)), v.percent(), v.pairs(best, 0))
	case stats.TooFew:
		text += fmt.Sprintf(", but %s cannot tell this from chance: %d are needed.", v.pairs(best, 0), c.PairsNeeded)
	default:
		text += fmt.Sprintf(", but chance explains that (%s, %s).", pText(c.P), v.pairs(best, 0))
	}
	return text + v.elsewhere(best)
}

func (v *compareView) verdictForBaseline() string {
	text := fmt.Sprintf("No policy does better than %s in %s (%s).", v.name(0), inSentence(v.Metrics[0].Name), amount(v.outcomes[0][0].mean, v.Metrics[0].Unit))
	for p := 1; p < len(v.Policies); p++ {
		if c := v.outcomes[p][0].versus; c.Verdict == stats.Different {
			text += fmt.Sprintf(" %s: %s.", v.name(p), Difference(c, v.Metrics[0].Unit))
		}
	}
	return text
}

// shareInterval is the interval of the difference as a share of the baseline's mean: of the ratio of means, where the pairs
// allow it, else the interval of the difference over the mean.
func shareInterval(c stats.Comparison) stats.Interval {
	if !math.IsInf(c.Share.Low, 0) {
		return c.Share
	}
	mean := math.Abs(c.MeanA)
	return stats.Interval{Low: c.Interval.Low / mean, High: c.Interval.High / mean, Level: c.Interval.Level}
}

// inSentence writes a metric's name as it stands within a sentence: "mean wait", but "JCT p99".
func inSentence(name string) string {
	runes := []rune(name)
	if len(runes) > 1 && unicode.IsUpper(runes[0]) && unicode.IsLower(runes[1]) {
		runes[0] = unicode.ToLower(runes[0])
	}
	return string(runes)
}

// elsewhere names the metrics in which the winner is not the best.
func (v *compareView) elsewhere(best int) string {
	var lost []string
	for m := 1; m < len(v.Metrics); m++ {
		c := v.outcomes[best][m].versus
		if c.Verdict == stats.Different && v.Metrics[m].better(c.MeanA, c.MeanB) {
			lost = append(lost, inSentence(v.Metrics[m].Name))
		}
	}
	if len(lost) == 0 {
		return ""
	}
	return " It pays for that in " + strings.Join(lost, " and ") + "."
}

func (v *compareView) percent() string { return significant(v.level*100) + " %" }

func (v *compareView) pairs(p, m int) string {
	o := v.outcomes[p][m]
	if o.pairedBy != "seed" {
		return fmt.Sprintf("%d batches of one seed's jobs", o.versus.N)
	}
	return plural(o.versus.N, "seed")
}

func (v *compareView) warnings() []string {
	var all []string
	if v.outcomes[1][0].pairedBy != "seed" {
		all = append(all, "There is one common seed: the waits of its jobs are compared, in batches in order of submission. That speaks of this "+
			"workload only, and the other metrics have no interval.")
	}
	for _, w := range v.Warnings {
		all = append(all, Clean(w, 400))
	}
	return all
}

// answer opens with the one chart that shows the verdict: the differences in the first metric.
func (v *compareView) answer() Section {
	s := Section{ID: "answer", Title: "The answer in one picture"}
	s.Blocks = append(s.Blocks, Block{Chart: v.forest(0)})
	return s
}

// forest shows how each policy differs from the baseline in metric m, in percent of the baseline's mean where it has one.
func (v *compareView) forest(m int) *Chart {
	metric := v.Metrics[m]
	plot := &Forest{X: Axis{"difference in " + inSentence(metric.Name), Share}, Less: !metric.More}
	relative := true
	for p := 1; p < len(v.Policies); p++ {
		if _, ok := v.outcomes[p][m].versus.Relative(); !ok {
			relative, plot.X.Unit = false, metric.Unit
		}
	}
	for p := 1; p < len(v.Policies); p++ {
		c := v.outcomes[p][m].versus
		value, interval := c.Difference, c.Interval
		if relative {
			value, _ = c.Relative()
			interval = shareInterval(c)
		}
		plot.Rows = append(plot.Rows, ForestRow{
			Name: v.name(p), Value: value, Low: interval.Low, High: interval.High, Verdict: c.Verdict, Says: Difference(c, metric.Unit),
		})
	}
	side := "left of the line is better"
	if metric.More {
		side = "right of the line is better"
	}
	return &Chart{
		ID: "difference-" + anchor(metric.Key, m), Title: forestTitle(v, m),
		Subtitle: fmt.Sprintf("Mean paired difference in %s against %s with its %s interval; %s", inSentence(metric.Name), v.name(0), v.percent(), side),
		Behind:   "paired by " + v.outcomes[1][m].pairedBy + ", " + v.pairs(1, m), Plot: plot,
	}
}

func forestTitle(v *compareView, m int) string {
	better, worse := 0, 0
	for p := 1; p < len(v.Policies); p++ {
		c := v.outcomes[p][m].versus
		switch {
		case c.Verdict != stats.Different:
		case v.Metrics[m].better(c.MeanB, c.MeanA):
			better++
		default:
			worse++
		}
	}
	others := len(v.Policies) - 1
	switch {
	case better == 0 && worse == 0:
		return "No real difference from " + v.name(0) + " in " + inSentence(v.Metrics[m].Name)
	case others == 1 && better == 1:
		return v.name(1) + " does better in " + inSentence(v.Metrics[m].Name)
	case others == 1:
		return v.name(1) + " does worse in " + inSentence(v.Metrics[m].Name)
	}
	switch {
	case better == 2 && others == 2:
		return fmt.Sprintf("Both do better than %s in %s", v.name(0), inSentence(v.Metrics[m].Name))
	case worse == 2 && others == 2:
		return fmt.Sprintf("Both do worse than %s in %s", v.name(0), inSentence(v.Metrics[m].Name))
	case better == others:
		return fmt.Sprintf("All %d do better than %s in %s", others, v.name(0), inSentence(v.Metrics[m].Name))
	case worse == others:
		return fmt.Sprintf("All %d do worse than %s in %s", others, v.name(0), inSentence(v.Metrics[m].Name))
	case better == 0:
		return fmt.Sprintf("None of %d does better than %s in %s, %d worse", others, v.name(0), inSentence(v.Metrics[m].Name), worse)
	}
	return fmt.Sprintf("%d of %d do better than %s in %s, %d worse", better, others, v.name(0), inSentence(v.Metrics[m].Name), worse)
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

// table has policies in rows and metrics in columns, the best bold and real differences marked.
func (v *compareView) table() Section {
	t := &Table{ID: "policy-means", Caption: "Means over runs", Columns: []Column{{"policy", "policy", Text}, {"runs", "runs", Count}}}
	for _, m := range v.Metrics {
		t.Columns = append(t.Columns, Column{m.Name, m.Key, m.Unit})
	}
	best := make([]int, len(v.Metrics))
	for m := range v.Metrics {
		best[m] = v.best(m)
	}
	for p := range v.Policies {
		row := []Cell{Word(v.name(p)), Number(float64(len(v.Policies[p].Runs)), Count)}
		for m, metric := range v.Metrics {
			o := v.outcomes[p][m]
			cell := Number(o.mean, metric.Unit)
			cell.Best, cell.Real = o.mean == v.outcomes[best[m]][m].mean, o.versus.Verdict == stats.Different && p > 0
			cell.Title = cell.Exact()
			if p > 0 {
				cell.Title += ", " + Difference(o.versus, metric.Unit)
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return Section{
		ID: "policies", Title: "Policies side by side",
		Lead:   "Bold is the best of a column. * marks a real difference from " + v.name(0) + ", the baseline; the rest may be chance.",
		Blocks: []Block{{Table: t}},
	}
}

func (v *compareView) differences() Section {
	s := Section{ID: "differences", Title: "What differs, and how surely"}
	for m := 1; m < len(v.Metrics); m++ {
		if v.outcomes[1][m].versus.N > 1 {
			s.Blocks = append(s.Blocks, Block{Chart: v.forest(m)})
		}
	}
	t := &Table{ID: "tests", Caption: "Paired differences from " + v.name(0), Columns: []Column{
		{"policy", "policy", Text}, {"metric", "metric", Text}, {"pairs", "pairs", Count}, {"difference", "difference", Text},
		{v.percent() + " interval", "interval", Text}, {"p (Holm)", "p_holm", Text}, {"effect", "rank_biserial", Times}, {"verdict", "verdict", Text},
	}}
	for p := 1; p < len(v.Policies); p++ {
		for m, metric := range v.Metrics {
			if v.outcomes[p][m].versus.N > 1 {
				t.Rows = append(t.Rows, v.testRow(p, m, metric))
			}
		}
	}
	if len(t.Rows) > 0 {
		s.Blocks = append(s.Blocks, Block{Table: t})
	}
	return s
}

func (v *compareView) testRow(p, m int, metric Metric) []Cell {
	c := v.outcomes[p][m].versus
	interval, pValue := "none", "none"
	if !math.IsInf(c.Interval.Low, 0) {
		interval = "[" + amount(c.Interval.Low, metric.Unit) + ", " + amount(c.Interval.High, metric.Unit) + "]"
	}
	if c.Verdict == stats.Different || c.Verdict == stats.NoDifference {
		pValue = pText(c.P)
	}
	return []Cell{
		Word(v.name(p)), Word(metric.Name), Number(float64(c.N), Count), Word(signed(amount(c.Difference, metric.Unit))),
		Word(interval), Word(pValue), Number(c.Effect, Times), Word(c.Verdict.String()),
	}
}

// spread shows each policy's mean of the first metric with its interval, and the whole distributions of waits where they
// are at hand.
func (v *compareView) spread() Section {
	s := Section{ID: "spread", Title: "How large it is"}
	metric := v.Metrics[0]
	bars := &Intervals{X: Axis{inSentence(metric.Name), metric.Unit}}
	for p := range v.Policies {
		o := v.outcomes[p][0]
		row := IntervalRow{v.name(p), Blue, o.mean, o.interval.Low, o.interval.High}
		if p == 0 {
			row.Color = Grey
		}
		if math.IsInf(row.Low, 0) {
			row.Low, row.High = math.NaN(), math.NaN()
		}
		bars.Rows = append(bars.Rows, row)
	}
	s.Blocks = append(s.Blocks, Block{Chart: &Chart{
		ID: "means", Title: "From " + amount(v.outcomes[v.best(0)][0].mean, metric.Unit) + " to " + amount(v.worst(0), metric.Unit),
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
