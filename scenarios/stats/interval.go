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
	mean := Mean(x)
	means := resampledMeans(x, reps, seed)
	below := 0
	for _, m := range means {
		if m < mean {
			below++
		}
	}
	slices.Sort(means)
	lowP, highP := (1-level)/2, (1+level)/2
	if below > 0 && below < reps {
		z0 := distuv.UnitNormal.Quantile(float64(below) / float64(reps))
		a := acceleration(x, mean)
		lowP, highP = bcaLevel(lowP, z0, a), bcaLevel(highP, z0, a)
	}
	return Interval{Low: Quantile(means, lowP), High: Quantile(means, highP), Level: level}, true
}

func resampledMeans(x []float64, reps int, seed Seed) []float64 {
	r := rand.New(rand.NewPCG(seed[0], seed[1]))
	means := make([]float64, reps)
	for i := range means {
		total := 0.0
		for range x {
			total += x[r.IntN(len(x))]
		}
		means[i] = total / float64(len(x))
	}
	return means
}

// acceleration is the jackknife estimate of the skew of the mean: for a mean the left-out values are linear in x.
func acceleration(x []float64, mean float64) float64 {
	var cubes, squares float64
	for _, v := range x {
		d := v - mean
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
