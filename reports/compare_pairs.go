package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/scenarios/stats"
)

// What a difference is paired by.
const (
	bySeed  = "seed"
	byBatch = "batch of jobs"
)

// outcome is what a policy did to a metric, against the baseline.
type outcome struct {
	mean     float64          // over its runs
	interval stats.Interval   // of that mean
	versus   stats.Comparison // paired with the baseline; N is 0 for the baseline itself and where nothing is paired
	pairedBy string
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

// pair compares policy p with the baseline: by seed where at least two seeds are common; where one is, for the first metric
// only and where that seed's waits are at hand, by batches of jobs. Other work is not paired.
func (v *compareView) pair(p, m int) (stats.Comparison, string) {
	options := stats.Defaults()
	options.Level = v.level
	var a, b []float64
	common := v.common(p)
	for _, seed := range common {
		x, y := v.value(0, m, seed), v.value(p, m, seed)
		if !math.IsNaN(x) && !math.IsNaN(y) {
			a, b = append(a, x), append(b, y)
		}
	}
	base, other := &v.Policies[0], &v.Policies[p]
	if m > 0 || len(common) != 1 || base.WaitsSeed != common[0] || other.WaitsSeed != common[0] {
		return stats.Compare(a, b, options), bySeed
	}
	x, y := startedInBoth(base.Waits, other.Waits)
	if len(x) < 2*jobBatches {
		return stats.Compare(a, b, options), bySeed
	}
	c := stats.Compare(stats.BatchMeans(x, jobBatches), stats.BatchMeans(y, jobBatches), options)
	c.MeanA, c.MeanB = stats.Mean(x), stats.Mean(y) // batches differ by one job in length: the means of all jobs are the exact ones
	c.Difference = c.MeanB - c.MeanA
	return c, byBatch
}

// common are the seeds that both the baseline and policy p ran, in order; none where the work is another.
func (v *compareView) common(p int) []uint64 {
	if v.Policies[p].OtherWork != "" {
		return nil
	}
	both := slices.DeleteFunc(v.seeds(p), func(seed uint64) bool { return !slices.Contains(v.seeds(0), seed) })
	return both
}

// seeds are those of policy p, sorted.
func (v *compareView) seeds(p int) []uint64 {
	var all []uint64
	for _, r := range v.Policies[p].Runs {
		all = append(all, r.Seed)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// value is metric m of policy p's run with a seed.
func (v *compareView) value(p, m int, seed uint64) float64 {
	for _, r := range v.Policies[p].Runs {
		if r.Seed == seed {
			return r.Values[m]
		}
	}
	return math.NaN()
}

// paired are the policies that are compared with the baseline in metric m.
func (v *compareView) paired(m int) []int {
	var all []int
	for p := 1; p < len(v.Policies); p++ {
		if v.outcomes[p][m].versus.N > 0 {
			all = append(all, p)
		}
	}
	return all
}

// best returns the policy with the best mean in metric m among those of the given ones.
func (v *compareView) best(m int, among []int) int {
	best := among[0]
	for _, p := range among {
		if v.Metrics[m].better(v.outcomes[p][m].mean, v.outcomes[best][m].mean) {
			best = p
		}
	}
	return best
}

// sameWork are the policies whose work is the baseline's, itself among them.
func (v *compareView) sameWork() []int {
	var all []int
	for p := range v.Policies {
		if v.Policies[p].OtherWork == "" {
			all = append(all, p)
		}
	}
	return all
}

// warnings say what is not paired, and what is paired in another way than by seed.
func (v *compareView) warnings() []string {
	var all []string
	for p := 1; p < len(v.Policies); p++ {
		if other := v.Policies[p].OtherWork; other != "" {
			all = append(all, fmt.Sprintf("Not the same work: %[2]s and %[3]s differ in %[1]s. Nothing between them is paired or tested, and no difference can be "+
				"put down to the policy.", Clean(other, 200), v.name(0), v.name(p)))
			continue
		}
		if text := v.unpaired(p); text != "" {
			all = append(all, text)
		}
	}
	if slices.ContainsFunc(v.outcomes, func(o []outcome) bool { return o[0].pairedBy == byBatch }) {
		all = append(all, "There is one common seed: the waits of its jobs that started in both runs are compared, in batches in order of submission. That "+
			"speaks of this workload only, and the other metrics have no interval.")
	}
	for _, w := range v.Warnings {
		all = append(all, Clean(w, 400))
	}
	return all
}

// unpaired says which seeds of policy p and the baseline have no partner.
func (v *compareView) unpaired(p int) string {
	common := v.common(p)
	lone := func(of int) string {
		rest := slices.DeleteFunc(v.seeds(of), func(seed uint64) bool { return slices.Contains(common, seed) })
		if len(rest) == 0 {
			return ""
		}
		return seedText(rest) + " of " + v.name(of)
	}
	without := joinNonEmpty(" and ", lone(0), lone(p))
	switch {
	case len(common) == 0:
		return fmt.Sprintf("No common seed: nothing is paired between %s and %s (%s).", v.name(0), v.name(p), without)
	case without != "":
		return fmt.Sprintf("No partner for %s: differences are over %s, the table's means over all runs.", without, seedText(common))
	}
	return ""
}

// seedText is "seed 3", "seeds 1, 2, 5", at most eight of them.
func seedText(seeds []uint64) string {
	const most = 8
	var parts []string
	for _, s := range seeds[:min(len(seeds), most)] {
		parts = append(parts, fmt.Sprint(s))
	}
	text := strings.Join(parts, ", ")
	if len(seeds) > most {
		text += fmt.Sprintf(" and %d more", len(seeds)-most)
	}
	if len(seeds) == 1 {
		return "seed " + text
	}
	return "seeds " + text
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
