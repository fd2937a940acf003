package reports

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// verdict says who wins the first metric, by how much, and how sure that is. Where nothing can be paired it claims nothing.
func (v *compareView) verdict() string {
	paired := v.paired(0)
	if len(paired) == 0 {
		return v.verdictWithoutPairs()
	}
	metric, best := v.Metrics[0], v.best(0, append([]int{0}, paired...))
	if best == 0 {
		return v.verdictForBaseline(paired)
	}
	c := v.outcomes[best][0].versus
	was, is := v.means(best)
	by := difference(math.Abs(is-was), metric.Unit)
	if metric.Unit != Share && was != 0 {
		by = significant(math.Abs((is-was)/was)*100) + " %"
	}
	write := v.writer(0)
	change := fmt.Sprintf("by %s against %s, from %s to %s", by, v.name(0), write(was), write(is))
	switch c.Verdict {
	case stats.Different:
		direction := "lowers"
		if metric.More {
			direction = "raises"
		}
		return fmt.Sprintf("%s %s the %s %s (%s, %s).", v.name(best), direction, inSentence(metric.Name), change, v.intervalText(c, metric.Unit), v.pairs(best, 0)) +
			v.elsewhere(best)
	case stats.TooFew:
		return fmt.Sprintf("Not decided: %s. %s has the better %s, %s. %s", v.pairs(best, 0), v.name(best), inSentence(metric.Name), change, v.whyNot(c))
	}
	return fmt.Sprintf("%s has the better %s, %s, but chance could explain that (%s, %s).", v.name(best), inSentence(metric.Name), change, pText(c.P), v.pairs(best, 0))
}

// minPairs is how many pairs a difference needs to be decided at all.
func minPairs(level float64) int {
	options := stats.Defaults()
	options.Level = level
	return stats.Compare([]float64{0}, []float64{1}, options).PairsNeeded
}

// means are what the table says of the baseline and policy p in the first metric, or, where their seeds are not the same,
// what their common seeds say.
func (v *compareView) means(p int) (was, is float64) {
	c := v.outcomes[p][0].versus
	if n := len(v.common(p)); n == len(v.Policies[0].Runs) && n == len(v.Policies[p].Runs) {
		return v.outcomes[0][0].mean, v.outcomes[p][0].mean
	}
	return c.MeanA, c.MeanB
}

func (v *compareView) verdictWithoutPairs() string {
	if len(v.sameWork()) == 1 {
		return "Nothing is compared: the runs did not do the same work, so that no difference can be put down to a policy. Their figures stand side by side."
	}
	return fmt.Sprintf("No common seed: nothing is paired, and no difference is tested. Run each policy with the same seeds, %d or more (--seed 1, 2, ...).", minPairs(v.level))
}

// whyNot says why the test does not decide although there is a difference, and where an interval seems to.
func (v *compareView) whyNot(c stats.Comparison) string {
	text := fmt.Sprintf("The signed-rank test can reach %s from %d pairs on, whatever they show", pBelow(v.level), c.PairsNeeded)
	if c.N > 1 && c.Interval.Excludes(0) {
		text += "; the interval leaves out 0 only because it takes the differences to be normally distributed, which the test does not"
	}
	return text + "."
}

func pBelow(level float64) string {
	return "p < " + strings.TrimPrefix(significant(1-level), "0")
}

// verdictForBaseline is the verdict where no policy has a better mean.
func (v *compareView) verdictForBaseline(paired []int) string {
	metric := v.Metrics[0]
	mean := v.writer(0)(v.outcomes[0][0].mean)
	text := fmt.Sprintf("No policy has a better %s than %s (%s).", inSentence(metric.Name), v.name(0), mean)
	var undecided *stats.Comparison
	for _, p := range paired {
		c := v.outcomes[p][0].versus
		text += fmt.Sprintf(" %s: %s.", v.name(p), Difference(c, metric.Unit))
		if c.Verdict == stats.TooFew && undecided == nil {
			undecided = &c
		}
	}
	if undecided != nil {
		text += " " + v.whyNot(*undecided)
	}
	return text
}

// intervalText is "95 % interval -25 to -15 %".
func (v *compareView) intervalText(c stats.Comparison, unit Unit) string {
	i, suffix := shareInterval(c), " %"
	if _, ok := c.Relative(); unit == Share || !ok {
		i, suffix = c.Interval, ""
		if unit == Share {
			suffix = " percentage points"
		}
	}
	if suffix == "" {
		return fmt.Sprintf("%s interval %s to %s", v.percent(), signed(amount(i.Low, unit)), signed(amount(i.High, unit)))
	}
	return fmt.Sprintf("%s interval %s to %s%s", v.percent(), signed(significant(i.Low*100)), signed(significant(i.High*100)), suffix)
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
	if o.pairedBy == byBatch {
		return fmt.Sprintf("%d batches of one seed's jobs", o.versus.N)
	}
	return plural(o.versus.N, "pair")
}

// forestTitle says what a picture of differences shows: who does better, or that the pairs do not decide it, which is not
// the same as no difference.
func forestTitle(v *compareView, m int) string {
	name, base := inSentence(v.Metrics[m].Name), v.name(0)
	paired := v.paired(m)
	var better, worse, undecided int
	for _, p := range paired {
		switch c := v.outcomes[p][m].versus; {
		case c.Verdict == stats.TooFew:
			undecided++
		case c.Verdict != stats.Different:
		case v.Metrics[m].better(c.MeanB, c.MeanA):
			better++
		default:
			worse++
		}
	}
	who := func(n int, plain string) string {
		switch {
		case len(paired) == 1:
			return v.name(paired[0]) + " does " + plain
		case n == 2 && len(paired) == 2:
			return "Both do " + plain
		case n == len(paired):
			return fmt.Sprintf("All %d do %s", n, plain)
		case n == 1:
			return fmt.Sprintf("1 of %d does %s", len(paired), plain)
		}
		return fmt.Sprintf("%d of %d do %s", n, len(paired), plain)
	}
	text := ""
	switch {
	case better == 0 && worse == 0 && undecided > 0:
		return fmt.Sprintf("Not decided: %s are too few to tell a difference in %s", v.pairs(paired[0], m), name)
	case better == 0 && worse == 0:
		return fmt.Sprintf("No difference from %s seen in %s", base, name)
	case better == 0:
		text = fmt.Sprintf("%s than %s in %s", who(worse, "worse"), base, name)
	default:
		text = fmt.Sprintf("%s than %s in %s", who(better, "better"), base, name)
		if worse > 0 {
			text += fmt.Sprintf(", %d worse", worse)
		}
	}
	if undecided > 0 {
		text += fmt.Sprintf(", %d not decided", undecided)
	}
	return text
}
