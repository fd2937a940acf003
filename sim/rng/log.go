package rng

import "math"

// Log is the natural logarithm within 1 ulp. Log(0) is -Inf, Log of a negative number NaN.
//
// With x = 2^k (1+f), 1+f between sqrt(1/2) and sqrt(2), and s = f/(2+f): log x = k ln 2 + 2 atanh s, by the series of
// atanh, whose terms after s^23 are below 2^-60.
func Log(x float64) float64 {
	if !(x > 0) || x > math.MaxFloat64 {
		return logSpecial(x)
	}
	k, f := reduce(x)
	return logReduced(float64(k), f, 0)
}

func logSpecial(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x > 0:
		return x
	}
	return math.NaN()
}

// Log1p is log(1+x) within 1 ulp, exact for small x as well. Log1p(-1) is -Inf.
func Log1p(x float64) float64 {
	if x > -0.29 && x < 0.41 {
		return logReduced(0, x, 0)
	}
	if !(x > -1) || x > 0x1p53 {
		if x > 0 {
			return Log(x)
		}
		return logSpecial(1 + x)
	}
	u := sum(1, x)
	k, f := reduce(u.hi)
	return logReduced(float64(k), f, u.lo/u.hi)
}

// reduce finds k and f for a positive finite x.
func reduce(x float64) (k int, f float64) {
	b := math.Float64bits(x)
	if b < 1<<52 { // subnormal
		b = math.Float64bits(float64(x * 0x1p54))
		k = -54
	}
	// sqrt(1/2) = 0x1.6a09e667f3bcdp-1: mantissas from there on belong to the next power of two.
	const half = 0x3fe6a09e667f3bcd
	shifted := b - half
	e := int64(shifted) >> 52
	return k + int(e), math.Float64frombits(b-uint64(e)<<52) - 1
}

// logReduced is k ln 2 + log(1+f) + c, with c a correction far below an ulp of 1+f.
func logReduced(k, f, c float64) float64 {
	s := f / (2 + f)
	z := mul(s, s)
	half := mul(0.5, mul(f, f))
	r := mul(z, atanhTail(z))
	// log(1+f) = f - f^2/2 + s (f^2/2 + r): the leading terms carry no rounding of s.
	small := mul(s, half+r) + (mul(k, ln2Lo) + c)
	return mul(k, ln2Hi) - ((half - small) - f)
}

// atanhTail is 2/3 + 2/5 z + ... + 2/23 z^10, for z = s^2 up to 0.0295.
func atanhTail(z float64) float64 {
	z2 := mul(z, z)
	z4 := mul(z2, z2)
	a := (2.0/3 + mul(2.0/5, z)) + mul(z2, 2.0/7+mul(2.0/9, z))
	b := (2.0/11 + mul(2.0/13, z)) + mul(z2, 2.0/15+mul(2.0/17, z))
	c := (2.0/19 + mul(2.0/21, z)) + mul(z2, 2.0/23)
	return a + mul(z4, b+mul(z4, c))
}

// logDD is the logarithm of a positive finite x to about 2^-68 of its size, for Pow.
func logDD(x float64) dd {
	k, f := reduce(x)
	// s = f / (2+f), with the remainder of the division.
	den := quickSum(2, f)
	s := dd{hi: f / den.hi}
	back := product(s.hi, den.hi)
	s.lo = ((f - back.hi) - back.lo - mul(s.hi, den.lo)) / den.hi
	z := product(s.hi, s.hi)
	z.lo += mul(2, mul(s.hi, s.lo))
	// p = z (2/3 + z tail); only 2/3 needs its second half.
	const third = 2.0 / 3
	c := quickSum(third, mul(z.hi, tailFrom5(z.hi)))
	c.lo += thirdLo
	p := product(c.hi, z.hi)
	p.lo += mul(c.hi, z.lo) + mul(c.lo, z.hi)
	t := product(s.hi, p.hi)
	t.lo += mul(s.hi, p.lo) + mul(s.lo, p.hi)
	l := quickSum(2*s.hi, t.hi)
	l.lo += 2*s.lo + t.lo
	if k == 0 {
		return quickSum(l.hi, l.lo)
	}
	kf := float64(k)
	all := quickSum(mul(kf, ln2Hi), l.hi)
	return quickSum(all.hi, all.lo+(l.lo+mul(kf, ln2Lo)))
}

// thirdLo is 2/3 minus the float64 nearest to it, which is 0x1.5555555555555p-1.
const thirdLo = 2.0/3 - 0x1.5555555555555p-1

// tailFrom5 is 2/5 + 2/7 z + ... + 2/25 z^10.
func tailFrom5(z float64) float64 {
	z2 := mul(z, z)
	z4 := mul(z2, z2)
	a := (2.0/5 + mul(2.0/7, z)) + mul(z2, 2.0/9+mul(2.0/11, z))
	b := (2.0/13 + mul(2.0/15, z)) + mul(z2, 2.0/17+mul(2.0/19, z))
	c := (2.0/21 + mul(2.0/23, z)) + mul(z2, 2.0/25)
	return a + mul(z4, b+mul(z4, c))
}
