package stats

import "math"

// Verdict is what a paired comparison may say.
type Verdict uint8

const (
	TooFew       Verdict = iota // too few pairs for the test to ever be sure
	NoDifference                // no difference seen: the pairs are equal, or chance explains what they show
	Different                   // a real difference at the level asked for
	Unusable                    // the samples differ in length, or hold a value that is not a finite number
)

func (v Verdict) String() string {
	return [...]string{"not decided", "no difference seen", "different", "unusable"}[min(v, Unusable)]
}

// Options say how Compare works. The zero value is not useful: take Defaults.
type Options struct {
	Level float64 // of the interval, 0.95; a difference is real when its p-value is below 1 - Level
	Reps  int     // bootstrap resamples, 10,000
	Seed  Seed    // of the bootstrap
}

// Defaults are 95 % intervals from 10,000 resamples with a fixed seed.
func Defaults() Options { return Options{Level: 0.95, Reps: 10_000, Seed: Seed{0x6f727265, 0x7279}} }

// Comparison is how b differs from a, pair by pair.
type Comparison struct {
	N              int
	MeanA, MeanB   float64
	Difference     float64  // mean of b - a
	Interval       Interval // of Difference
	Share          Interval // of the relative difference, see Relative and RatioInterval; unbounded where there is none
	Bootstrap      bool     // Interval is BCa bootstrap; else Student's t, which holds better below ten pairs
	Rank           SignedRank
	P              float64 // of the signed-rank test; after Family, adjusted by Holm
	Effect         float64 // matched-pairs rank-biserial correlation: -1 every pair fell, 1 every pair rose
	Verdict        Verdict
	PairsNeeded    int // with TooFew: pairs from which the test can reach the level at all
	adjustedFamily int
}

// Adjusted returns how many tests P was adjusted for, 0 before Family.
func (c Comparison) Adjusted() int { return c.adjustedFamily }

// Relative returns the difference as a share of a's mean; ok is false when that mean is zero or unknown.
func (c Comparison) Relative() (share float64, ok bool) {
	if c.MeanA == 0 || math.IsNaN(c.MeanA) || math.IsNaN(c.Difference) {
		return 0, false
	}
	return c.Difference / math.Abs(c.MeanA), true
}

// bootstrapFrom is the number of pairs from which the bootstrap is trusted: below it resampling covers too little.
const bootstrapFrom = 10

// bootstrapUpTo bounds the bootstrap's work: with more pairs than this the mean is normal and t gives the same interval.
const bootstrapUpTo = 2000

// Compare measures b against a, where a[i] and b[i] are one pair (the same seed, or the same job under two policies).
func Compare(a, b []float64, o Options) Comparison {
	c := Comparison{N: len(a), Interval: unbounded(o.Level), Share: unbounded(o.Level), P: math.NaN(), MeanA: Mean(a), MeanB: Mean(b), Difference: math.NaN()}
	if len(a) != len(b) || hasNaN(a) || hasNaN(b) {
		c.Verdict = Unusable
		return c
	}
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = b[i] - a[i]
	}
	c.Difference = Mean(differences)
	c.interval(differences, o)
	if share, ok := RatioInterval(a, b, o.Level, o.Reps, o.Seed); ok {
		c.Share = share
	}
	c.Rank = Wilcoxon(differences)
	c.P, c.Effect = c.Rank.P, c.Rank.RankBiserial()
	c.judge(1 - o.Level)
	return c
}

func (c *Comparison) interval(differences []float64, o Options) {
	if len(differences) >= bootstrapFrom && len(differences) <= bootstrapUpTo {
		if i, ok := BootstrapMean(differences, o.Level, o.Reps, o.Seed); ok {
			c.Interval, c.Bootstrap = i, true
			return
		}
	}
	c.Interval, _ = TInterval(differences, o.Level)
}

func (c *Comparison) judge(alpha float64) {
	c.PairsNeeded = 0
	switch {
	case c.N > 1 && c.Rank.N == 0:
		c.Verdict = NoDifference
	case c.N < pairsFor(alpha):
		c.Verdict, c.PairsNeeded = TooFew, pairsFor(alpha)
	case c.P < alpha:
		c.Verdict = Different
	default:
		c.Verdict = NoDifference
	}
}

// pairsFor is the least n whose smallest two-sided signed-rank p-value, 2/2^n, lies below alpha.
func pairsFor(alpha float64) int {
	n := 2
	for p := 0.5; p >= alpha && n < 64; n++ {
		p /= 2
	}
	return n
}

// Family adjusts the p-values of comparisons that are read together by Holm and judges each again at 1 - level. Comparisons
// that could not be tested keep their verdict and are not counted. One whose pairs could not reach the level after the
// adjustment, whatever they showed, is TooFew.
func Family(cs []Comparison, level float64) {
	p := make([]float64, len(cs))
	tests := 0
	for i, c := range cs {
		p[i] = c.Rank.P
		if c.Verdict == Unusable || c.Verdict == TooFew {
			p[i] = math.NaN()
		} else {
			tests++
		}
	}
	left := tests
	for i, adjusted := range Holm(p) {
		if !math.IsNaN(adjusted) {
			cs[i].P, cs[i].adjustedFamily = adjusted, tests
			cs[i].judge(1 - level)
			if cs[i].Verdict == Different {
				left--
			}
		}
	}
	for i := range cs {
		c := &cs[i]
		if needed := pairsFor((1 - level) / float64(max(left, 1))); c.Verdict == NoDifference && c.Rank.N > 0 && c.N < needed {
			c.Verdict, c.PairsNeeded = TooFew, needed
		}
	}
}
