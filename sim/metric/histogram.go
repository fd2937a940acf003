package metric

import "math/bits"

// subBits gives 1024 buckets an octave: a bucket's middle is within 1/2048 of every value in it.
const subBits = 10

// histogram counts non-negative int64 values with a relative error of at most 0.05 %; values below 2048 are exact.
// It depends on the values only, not on their order.
type histogram struct {
	counts []int64
	n      int64
}

func bucketOf(v int64) int {
	if v < 2<<subBits {
		return int(v)
	}
	e := bits.Len64(uint64(v)) - (subBits + 1)
	return 2<<subBits + (e-1)<<subBits + int(v>>uint(e)) - 1<<subBits
}

// middle is the value that stands for a bucket.
func middle(b int) int64 {
	if b < 2<<subBits {
		return int64(b)
	}
	b -= 2 << subBits
	e := uint(b>>subBits) + 1
	low := int64(b&(1<<subBits-1)+1<<subBits) << e
	return low + int64(1)<<(e-1)
}

func (h *histogram) add(v int64) {
	b := bucketOf(max(v, 0))
	for len(h.counts) <= b {
		h.counts = append(h.counts, make([]int64, 2<<subBits)...)
	}
	h.counts[b]++
	h.n++
}

func (h *histogram) merge(o *histogram) {
	for len(h.counts) < len(o.counts) {
		h.counts = append(h.counts, make([]int64, 2<<subBits)...)
	}
	for i, c := range o.counts {
		h.counts[i] += c
	}
	h.n += o.n
}

// rank is the value at a 0-based rank below n.
func (h *histogram) rank(k int64) int64 {
	for b, c := range h.counts {
		if k -= c; k < 0 {
			return middle(b)
		}
	}
	return 0
}

func (h *histogram) clone() histogram {
	return histogram{counts: append([]int64(nil), h.counts...), n: h.n}
}
