package state

import "math/bits"

// Wide is a signed 128-bit sum: the GPU time of 2,048 GPUs overflows int64 nanoseconds in 52 days.
type Wide struct {
	hi int64
	lo uint64
}

// Add adds v.
func (w *Wide) Add(v int64) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, uint64(v), 0)
	w.hi += v>>63 + int64(carry)
}

// AddMul adds a * b; both must be non-negative.
func (w *Wide) AddMul(a, b int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, lo, 0)
	w.hi += int64(hi + carry)
}

// AddWide adds o.
func (w *Wide) AddWide(o Wide) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, o.lo, 0)
	w.hi += o.hi + int64(carry)
}

// Sub subtracts o.
func (w *Wide) Sub(o Wide) {
	var borrow uint64
	w.lo, borrow = bits.Sub64(w.lo, o.lo, 0)
	w.hi -= o.hi + int64(borrow)
}

// IsZero reports whether the sum is 0.
func (w Wide) IsZero() bool { return w.hi == 0 && w.lo == 0 }

// Int64 is the sum if it fits.
func (w Wide) Int64() (int64, bool) {
	v := int64(w.lo)
	return v, w.hi == v>>63
}

// Float is the sum divided by unit (> 0), rounded once to a float64 from the exact quotient and remainder. It is for
// figures that are printed, never for decisions.
func (w Wide) Float(unit int64) float64 {
	neg := w.hi < 0
	hi, lo := uint64(w.hi), w.lo
	if neg {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	u := uint64(unit)
	qhi, r := hi/u, hi%u
	qlo, r := bits.Div64(r, lo, u)
	f := float64(float64(qhi)*18446744073709551616.0) + float64(qlo)
	f += float64(r) / float64(u)
	if neg {
		return -f
	}
	return f
}

// Div is the sum divided by n (> 0), truncated; the quotient must fit an int64 and the sum must not be negative.
func (w Wide) Div(n int64) int64 {
	q, _ := bits.Div64(uint64(w.hi)%uint64(n), w.lo, uint64(n))
	return int64(q)
}

// MulDiv is a * b / c (all non-negative, c > 0), computed in 128 bits and truncated, saturating at Never.
func MulDiv(a Time, b, c int64) Time {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return Never
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	if q > uint64(Never) {
		return Never
	}
	return Time(q)
}

// Times is the sum times n; both must be non-negative, and the product below 2^127.
func (w Wide) Times(n int64) Wide {
	hi, lo := bits.Mul64(w.lo, uint64(n))
	return Wide{hi: int64(uint64(w.hi)*uint64(n) + hi), lo: lo}
}

// DivMod is the sum divided by n (> 0), rounded down, and what is left of it. The sum must not be negative and the quotient
// must fit an int64.
func (w Wide) DivMod(n int64) (q, rest int64) {
	quo, rem := bits.Div64(uint64(w.hi), w.lo, uint64(n))
	return int64(quo), int64(rem)
}

// Less reports whether w < o.
func (w Wide) Less(o Wide) bool { return w.hi < o.hi || w.hi == o.hi && w.lo < o.lo }
