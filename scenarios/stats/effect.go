package stats

import (
	"slices"
	"sort"
)

// CliffsDelta returns the chance that a value of b exceeds one of a, minus the chance of the reverse: from -1 to 1, 0 for
// samples that overlap wholly or are empty. It does not pair. Work is n log n.
func CliffsDelta(a, b []float64) float64 {
	if len(a) == 0 || len(b) == 0 || hasNaN(a) || hasNaN(b) {
		return 0
	}
	sorted := slices.Clone(a)
	slices.Sort(sorted)
	more, less := 0, 0
	for _, v := range b {
		less += len(sorted) - sort.Search(len(sorted), func(i int) bool { return sorted[i] > v })
		more += sort.Search(len(sorted), func(i int) bool { return sorted[i] >= v })
	}
	return float64(more-less) / (float64(len(a)) * float64(len(b)))
}

// BatchMeans cuts x, in its order, into batches of nearly equal length and returns the mean of each: neighbours in time
// depend on each other, batch means far less, so that intervals over batches do not claim too much (the method of batch
// means). It returns x itself when x has no more values than batches, and nothing for fewer than one batch.
func BatchMeans(x []float64, batches int) []float64 {
	if batches < 1 {
		return nil
	}
	if len(x) <= batches {
		return x
	}
	means := make([]float64, batches)
	for i := range means {
		means[i] = Mean(x[len(x)*i/batches : len(x)*(i+1)/batches])
	}
	return means
}
