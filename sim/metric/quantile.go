package metric

import (
	"math/bits"
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// selectRank reorders a so that a[k] is what it would be if a were sorted, nothing before it is larger and nothing after
// it smaller. Quickselect with the median of three; a run of bad pivots falls back to sorting what is left.
func selectRank(a []int64, k int) {
	lo, hi := 0, len(a)-1
	for tries := 2 * bits.Len(uint(len(a))); hi-lo > 16; tries-- {
		if tries < 0 {
			break
		}
		pivot := median3(a[lo], a[lo+(hi-lo)/2], a[hi])
		i, j := lo, hi
		for i <= j {
			for a[i] < pivot {
				i++
			}
			for a[j] > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
	slices.Sort(a[lo : hi+1])
}

func median3(a, b, c int64) int64 {
	return max(min(a, b), min(max(a, b), c))
}

// position splits q/100 x (n-1) into a rank and hundredths towards the next.
func position(n int64, q int64) (rank, hundredths int64) {
	whole := (n - 1) / 100 * q
	rest := (n - 1) % 100 * q
	return whole + rest/100, rest % 100
}

// interpolate is the value between two order statistics, in unit, rounded once.
func interpolate(lo, hi, hundredths, unit int64) float64 {
	var w state.Wide
	w.AddMul(max(lo, 0), 100-hundredths)
	w.AddMul(max(hi, 0), hundredths)
	return w.Float(100 * unit)
}

// quantiles gives the values at the percentages qs (ascending) in unit. a is reordered.
func quantiles(a []int64, qs []int64, unit int64, out []float64) {
	from := 0
	for i, q := range qs {
		rank, part := position(int64(len(a)), q)
		k := int(rank)
		selectRank(a[from:], k-from)
		lo, hi := a[k], a[k]
		if part > 0 {
			hi = slices.Min(a[k+1:])
		}
		out[i] = interpolate(lo, hi, part, unit)
		from = k
	}
}

func (h *histogram) quantiles(qs []int64, unit int64, out []float64) {
	for i, q := range qs {
		rank, part := position(h.n, q)
		lo, hi := h.rank(rank), int64(0)
		if part > 0 {
			hi = h.rank(rank + 1)
		}
		out[i] = interpolate(lo, hi, part, unit)
	}
}
