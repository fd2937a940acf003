package rng

import "math"

// Pow is x^y within 1 ulp for x >= 0. It differs from math.Pow in refusing negative x, integer y or not: NaN. The
// logarithm is carried to 106 bits, because a large exponent multiplies its error.
func Pow(x, y float64) float64 {
	switch {
	case y == 0 || x == 1:
		return 1
	case !(x >= 0) || y != y:
		return math.NaN()
	case x == 0 || x > math.MaxFloat64 || y > math.MaxFloat64 || y < -math.MaxFloat64:
		return powLimit(x, y)
	}
	l := logDD(x)
	e := mul(y, l.hi)
	if e > 710 || e < -746 {
		return expSum(e, 0)
	}
	p := product(y, l.hi)
	return expSum(p.hi, p.lo+mul(y, l.lo))
}

// powLimit is x^y where x is 0 or infinite, or y infinite.
func powLimit(x, y float64) float64 {
	if (x > 1) == (y > 0) {
		return math.Inf(1)
	}
	return 0
}
