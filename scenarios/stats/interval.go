package stats

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a two-sided confidence interval. Level is the probability that it claims, such as 0.95.
type Interval struct {
	Low, High, Level float64
}

// Excludes reports whether v lies outside the interval.
func (i Interval) Excludes(v float64) bool { return v < i.Low || v > i.High }

// TInterval returns Student's interval of the mean of x. ok is false, and the interval the whole line, when x has fewer
// than two values, a value that is not a number, or level is not between 0 and 1.
func TInterval(x []float64, level float64) (_ Interval, ok bool) {
	if len(x) < 2 || hasNaN(x) || !(level > 0 && level < 1) {
		return unbounded(level), false
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(x) - 1)}.Quantile(0.5 + level/2)
	half := t * SD(x) / math.Sqrt(float64(len(x)))
	mean := Mean(x)
	return Interval{Low: mean - half, High: mean + half, Level: level}, true
}

// Seed starts the random stream of a bootstrap: the two words of math/rand/v2's PCG. The same seed and data give the same
// interval.
type Seed [2]uint64

// BootstrapMean returns the bias-corrected and accelerated bootstrap interval of the mean of x (Efron 1987) from reps
// resamples. It falls back on plain percentiles where the correction is not defined (every resample on one side of the
// mean). ok is false as in TInterval, or when reps is below 100. Work is reps x len(x).
func BootstrapMean(x []float64, level float64, reps int, seed Seed) (_ Interval, ok bool) {
	if len(x) < 2 || hasNaN(x) || !(level > 0 && level < 1) || reps < 100 {
		return unbounded(level), false
	}
	total := 0.0
	for _, v := range x {
		total += v
	}
	n := float64(len(x))
	leftOut := make([]float64, len(x))
	for i, v := range x {
		leftOut[i] = (total - v) / (n - 1)
	}
	resamples := resampled(len(x), reps, seed, func(pick func() int) float64 {
		sum := 0.0
		for range x {
			sum += x[pick()]
		}
		return sum / n
	})
	return bca(resamples, Mean(x), leftOut, level), true
}

// RatioInterval returns the interval of mean(b)/mean(a) - 1, the relative difference, over pairs: by BCa bootstrap of the
// pairs from ten pairs on, below by Student's t of the jackknifed logarithm of the ratio. It never goes below -1, as an
// interval of the difference divided by the mean would. ok is false for fewer than two pairs, for values that are negative
// or no numbers, and when a mean is zero.
func RatioInterval(a, b []float64, level float64, reps int, seed Seed) (_ Interval, ok bool) {
	n := len(a)
	if n < 2 || len(b) != n || hasNaN(a) || hasNaN(b) || !(level > 0 && level < 1) || reps < 100 {
		return unbounded(level), false
	}
	var sumA, sumB float64
	for i := range a {
		if a[i] < 0 || b[i] < 0 {
			return unbounded(level), false
		}
		sumA, sumB = sumA+a[i], sumB+b[i]
	}
	leftOut := make([]float64, n)
	for i := range a {
		leftOut[i] = (sumB - b[i]) / (sumA - a[i])
		if sumA == a[i] || sumB == b[i] { // all of a mean hangs on one pair
			return unbounded(level), false
		}
	}
	if n < bootstrapFrom || n > bootstrapUpTo {
		return logRatio(math.Log(sumB/sumA), leftOut, level), true
	}
	resamples := resampled(n, reps, seed, func(pick func() int) float64 {
		var x, y float64
		for range n {
			i := pick()
			x, y = x+a[i], y+b[i]
		}
		return y / x
	})
	if hasNaN(resamples) {
		return logRatio(math.Log(sumB/sumA), leftOut, level), true
	}
	i := bca(resamples, sumB/sumA, leftOut, level)
	return Interval{i.Low - 1, i.High - 1, level}, true
}

// logRatio is Student's interval of a ratio by the jackknife of its logarithm, as a relative difference.
func logRatio(estimate float64, leftOut []float64, level float64) Interval {
	n := float64(len(leftOut))
	logs := make([]float64, len(leftOut))
	for i, v := range leftOut {
		logs[i] = math.Log(v)
	}
	se := SD(logs) * (n - 1) / math.Sqrt(n)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.5+level/2) * se
	return Interval{math.Expm1(estimate - half), math.Expm1(estimate + half), level}
}

// resampled draws reps values of a statistic of n things; pick chooses one of them.
func resampled(n, reps int, seed Seed, statistic func(pick func() int) float64) []float64 {
	r := rand.New(rand.NewPCG(seed[0], seed[1]))
	pick := func() int { return r.IntN(n) }
	values := make([]float64, reps)
	for i := range values {
		values[i] = statistic(pick)
	}
	return values
}

// bca reads the interval off resamples, which it sorts: leftOut are the statistic's values with one thing left out.
func bca(resamples []float64, estimate float64, leftOut []float64, level float64) Interval {
	below := 0
	for _, v := range resamples {
		if v < estimate {
			below++
		}
	}
	slices.Sort(resamples)
	lowP, highP := (1-level)/2, (1+level)/2
	if below > 0 && below < len(resamples) {
		z0 := distuv.UnitNormal.Quantile(float64(below) / float64(len(resamples)))
		a := acceleration(leftOut)
		lowP, highP = bcaLevel(lowP, z0, a), bcaLevel(highP, z0, a)
	}
	return Interval{Low: Quantile(resamples, lowP), High: Quantile(resamples, highP), Level: level}
}

// acceleration is the jackknife estimate of the skew of a statistic.
func acceleration(leftOut []float64) float64 {
	mean := Mean(leftOut)
	var cubes, squares float64
	for _, v := range leftOut {
		d := mean - v
		squares += d * d
		cubes += d * d * d
	}
	if squares == 0 {
		return 0
	}
	return cubes / (6 * math.Pow(squares, 1.5))
}

// bcaLevel moves the percentile p by the bias z0 and the acceleration a.
func bcaLevel(p, z0, a float64) float64 {
	z := z0 + distuv.UnitNormal.Quantile(p)
	denominator := 1 - a*z
	if denominator <= 0 {
		return p
	}
	return distuv.UnitNormal.CDF(z0 + z/denominator)
}

func unbounded(level float64) Interval {
	return Interval{Low: math.Inf(-1), High: math.Inf(1), Level: level}
}
