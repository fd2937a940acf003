package rng

import "math"

// Exp is e^x within 1 ulp: 0 below -745.13, +Inf above 709.78.
func Exp(x float64) float64 { return expSum(x, 0) }

// expSum is e^(hi+lo), |lo| at most an ulp of hi. hi is brought to r in +-ln(2)/2 by a power of two; the series of e^r
// to r^14 errs by less than 2^-58.
func expSum(hi, lo float64) float64 {
	switch {
	case hi > 709.79:
		return math.Inf(1)
	case hi < -745.14:
		return 0
	case hi != hi:
		return hi
	}
	k := math.Floor(mul(hi, 1/math.Ln2) + 0.5)
	r := hi - mul(k, ln2Hi) // exact
	c := mul(k, ln2Lo) - lo
	x := r - c
	rest := (r - x) - c
	y := 1 + (x + (mul(mul(x, x), expTail(x)) + rest))
	return scale(y, int(k))
}

// expTail is 1/2! + x/3! + ... + x^12/14!.
func expTail(x float64) float64 {
	const (
		f2  = 2
		f3  = 3 * f2
		f4  = 4 * f3
		f5  = 5 * f4
		f6  = 6 * f5
		f7  = 7 * f6
		f8  = 8 * f7
		f9  = 9 * f8
		f10 = 10 * f9
		f11 = 11 * f10
		f12 = 12 * f11
		f13 = 13 * f12
		f14 = 14 * f13
	)
	x2 := mul(x, x)
	x4 := mul(x2, x2)
	a := (1.0/f2 + mul(1.0/f3, x)) + mul(x2, 1.0/f4+mul(1.0/f5, x))
	b := (1.0/f6 + mul(1.0/f7, x)) + mul(x2, 1.0/f8+mul(1.0/f9, x))
	c := (1.0/f10 + mul(1.0/f11, x)) + mul(x2, 1.0/f12+mul(1.0/f13, x))
	return a + mul(x4, b+mul(x4, c+mul(x4, 1.0/f14)))
}

// scale is y x 2^k for y between 0.7 and 1.5, rounded once, also where the result is subnormal.
func scale(y float64, k int) float64 {
	switch {
	case k > 1023:
		return float64(float64(y*2) * pow2(k-1))
	case k < -1021:
		return float64(float64(y*pow2(k+64)) * 0x1p-64)
	}
	return float64(y * pow2(k))
}

func pow2(k int) float64 { return math.Float64frombits(uint64(k+1023) << 52) }
