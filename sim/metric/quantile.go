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

// selection finds order statistics of samples: a histogram tells in which bucket a rank lies, and only the values of those
// few buckets are gathered and looked at. Its storage is for the next time.
type selection struct {
	buf    [chunkLen]int64
	counts histogram
	wanted []wanted
	mark   []uint8 // by bucket: 1 + its place in gather, or 0
	gather [][]int64
}

// wanted is one rank.
type wanted struct {
	rank  int64 // over all values, then within its bucket
	in    int   // its bucket's place in gather
	value int64
}

// quantiles gives the values at the percentages qs (ascending) of the n > 0 values of all sets, none below lowest, in unit.
func (s *selection) quantiles(sets []set, n, lowest int64, qs []int64, unit int64, out []float64) {
	s.wanted = s.wanted[:0]
	for _, q := range qs {
		rank, part := position(n, q)
		s.wanted = append(s.wanted, wanted{rank: rank})
		if part > 0 {
			s.wanted = append(s.wanted, wanted{rank: rank + 1})
		}
	}
	s.find(sets, lowest)
	k := 0
	for i, q := range qs {
		_, part := position(n, q)
		lo := s.wanted[k].value
		hi := lo
		if k++; part > 0 {
			hi = s.wanted[k].value
			k++
		}
		out[i] = interpolate(lo, hi, part, unit)
	}
}

// find gives each wanted rank its value. Buckets are of the distance to the lowest value: the value that many jobs share,
// such as the slowdown of those that did not wait, has one for itself.
func (s *selection) find(sets []set, lowest int64) {
	clear(s.counts.counts)
	for i := range sets {
		sets[i].raw.each(&s.buf, func(values []int64) {
			for _, v := range values {
				s.counts.add(v - lowest)
			}
		})
	}
	s.mark = grown(s.mark, len(s.counts.counts)-1)
	buckets := s.locate()
	for i := range sets {
		sets[i].raw.each(&s.buf, func(values []int64) {
			for _, v := range values {
				if m := s.mark[bucketOf(v-lowest)]; m != 0 {
					s.gather[m-1] = append(s.gather[m-1], v)
				}
			}
		})
	}
	for i := range s.wanted {
		w := &s.wanted[i]
		if b := buckets[w.in]; b < 2<<subBits { // such buckets hold one value
			w.value = lowest + int64(b)
			continue
		}
		selectRank(s.gather[w.in], int(w.rank))
		w.value = s.gather[w.in][w.rank]
	}
	for _, b := range buckets {
		s.mark[b] = 0
	}
}

// locate says in which buckets the wanted ranks lie, and marks those whose values must be looked at.
func (s *selection) locate() (buckets []int) {
	b, below := 0, int64(0)
	for i := range s.wanted {
		w := &s.wanted[i]
		if w.rank < below { // a rank may lie behind the next percentage's
			b, below = 0, 0
		}
		for below+s.counts.counts[b] <= w.rank {
			below += s.counts.counts[b]
			b++
		}
		w.rank -= below
		if w.in = slices.Index(buckets, b); w.in >= 0 {
			continue
		}
		w.in = len(buckets)
		buckets = append(buckets, b)
		if w.in == len(s.gather) {
			s.gather = append(s.gather, nil)
		}
		s.gather[w.in] = s.gather[w.in][:0]
		if b >= 2<<subBits {
			s.mark[b] = uint8(w.in + 1)
		}
	}
	return buckets
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
