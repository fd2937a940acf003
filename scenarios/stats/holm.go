package stats

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns the p-values of a family of tests adjusted by Holm's step-down method, in the order given: an adjusted value
// below alpha is significant with the family's error rate at alpha. Values that are not numbers stay as they are and do not
// count as tests.
func Holm(p []float64) []float64 {
	order := make([]int, 0, len(p))
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	adjusted := slices.Clone(p)
	running := 0.0
	for rank, i := range order {
		running = max(running, min(1, p[i]*float64(len(order)-rank)))
		adjusted[i] = running
	}
	return adjusted
}
