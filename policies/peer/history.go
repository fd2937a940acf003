package peer

import (
	"math/bits"
	"slices"
	"sort"
)

// gittinsDelta is how much more service a job is thought to be given, in GPU-seconds.
const gittinsDelta = 3250

// History is how much service jobs needed in all, in GPU-seconds: what the Gittins index of a job goes by that has had so much.
type History struct {
	sorted []int64
	sums   []int64 // sums[i] is that of the first i
}

// mostService is what a past job counts at most, 3,000 GPU-years: sums of millions of jobs stay exact.
const mostService = 100_000_000_000

// NewHistory takes the service of past jobs.
func NewHistory(service []int64) *History {
	h := &History{sorted: slices.Clone(service), sums: make([]int64, len(service)+1)}
	for i, s := range h.sorted {
		h.sorted[i] = min(max(s, 0), mostService)
	}
	slices.Sort(h.sorted)
	for i, s := range h.sorted {
		h.sums[i+1] = h.sums[i] + s
	}
	return h
}

// index is the Gittins index, in 1e-10 a GPU-second, of a job that has had a GPU-seconds: the chance that it needs no more than
// gittinsDelta more, by the service that it is expected to take of them. As in the peer's program, chance and service are rounded to
// five decimals and the index to four of 1e-6, and a job that has had more than all of the past has none.
func (h *History) index(a int64) int64 {
	n := len(h.sorted)
	if n == 0 || a > h.sorted[n-1]-1 {
		return 0
	}
	above := func(x int64) int { return sort.Search(n, func(i int) bool { return h.sorted[i] > x }) }
	from, to := above(a), n-1
	if next := a + gittinsDelta; next <= h.sorted[n-1]-1 {
		to = above(next)
	}
	left := uint64(n - from)
	chance := quotient(uint64(max(to-from, 0)), 100_000, left)
	expected := quotient(uint64(h.sums[max(to, from)]-h.sums[from]+gittinsDelta*int64(n-to)), 100_000, left)
	return int64(quotient(chance, 10_000_000_000, expected))
}

// quotient is a x scale / b, rounded to the nearest integer, halves to even.
func quotient(a, scale, b uint64) uint64 {
	hi, lo := bits.Mul64(a, scale)
	q, r := bits.Div64(hi, lo, b)
	if rest := b - r; r > rest || r == rest && q&1 == 1 {
		q++
	}
	return q
}
