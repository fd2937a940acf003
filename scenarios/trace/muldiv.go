package trace

import "math/bits"

// mulDiv is a x b / c rounded down, for a, b >= 0 and c > 0, in 128 bits; ok is false when it does not fit.
func mulDiv(a, b, c int64) (v int64, ok bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q), q <= maxInstant
}
