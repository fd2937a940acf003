package stats

import (
	"math"
	"slices"
)

// Quantile returns the p-quantile of sorted by linear interpolation between the two nearest ranks: rank (n-1)p, counted
// from 0 (Hyndman and Fan's definition 7, the one of NumPy and R). p outside [0, 1] is clamped. No values give NaN.
func Quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	if n == 0 || math.IsNaN(p) {
		return math.NaN()
	}
	rank := float64(n-1) * min(max(p, 0), 1)
	low := int(rank)
	if low >= n-1 {
		return sorted[n-1]
	}
	return sorted[low] + float64((rank-float64(low))*(sorted[low+1]-sorted[low]))
}

// Summary describes one sample. Every figure of an empty sample but N is NaN, and so is the SD of a single value.
type Summary struct {
	N                  int
	Mean, SD           float64 // SD divides by n-1
	Min, P50, P90, P99 float64
	Max                float64
}

// Summarize describes x, which it leaves as it is. Values that are not numbers make every figure NaN.
func Summarize(x []float64) Summary {
	nan := math.NaN()
	s := Summary{N: len(x), Mean: nan, SD: nan, Min: nan, P50: nan, P90: nan, P99: nan, Max: nan}
	if len(x) == 0 || hasNaN(x) {
		return s
	}
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	s.Mean, s.SD = Mean(x), SD(x)
	s.Min, s.Max = sorted[0], sorted[len(sorted)-1]
	s.P50, s.P90, s.P99 = Quantile(sorted, 0.5), Quantile(sorted, 0.9), Quantile(sorted, 0.99)
	return s
}

// Mean returns the arithmetic mean of x, NaN for no values. The sum is compensated, so that a million seconds beside a
// million milliseconds do not drown them.
func Mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return sum(x) / float64(len(x))
}

// SD returns the sample standard deviation (divisor n-1) of x, NaN for fewer than two values.
func SD(x []float64) float64 {
	if len(x) < 2 {
		return math.NaN()
	}
	mean := Mean(x)
	var ss, c float64
	for _, v := range x {
		d := v - mean
		ss, c = addTo(ss, c, float64(d*d))
	}
	return math.Sqrt((ss + c) / float64(len(x)-1))
}

func sum(x []float64) float64 {
	var s, c float64
	for _, v := range x {
		s, c = addTo(s, c, v)
	}
	return s + c
}

// addTo is one step of Neumaier's compensated sum: s is the sum so far, c what rounding took from it.
func addTo(s, c, v float64) (float64, float64) {
	t := s + v
	if math.Abs(s) >= math.Abs(v) {
		return t, c + ((s - t) + v)
	}
	return t, c + ((v - t) + s)
}

func hasNaN(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return true
		}
	}
	return false
}
