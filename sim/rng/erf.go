package rng

import "math"

// Erf is the error function within 2 ulp.
func Erf(x float64) float64 {
	switch {
	case x != x:
		return x
	case x < 0:
		return -Erf(-x)
	case x < 0.5:
		return erfSmall(x)
	}
	return 1 - Erfc(x)
}

// Erfc is 1 - Erf(x), within 4 ulp also where it is tiny (x up to 26.6).
func Erfc(x float64) float64 {
	switch {
	case x != x:
		return x
	case x < 0.5:
		return 1 - Erf(x)
	case x > 27.3:
		return 0
	}
	q := product(x, x)
	return mul(erfcScaled(x)/(1+2*x), expSum(-q.hi, -q.lo))
}

// NormalCDF is the probability that a standard normal variate is at most z.
func NormalCDF(z float64) float64 { return 0.5 * Erfc(mul(z, -math.Sqrt2/2)) }

// erfSmall is the Maclaurin series, x (1 - x^2/3 + x^4/10 - ...) 2/sqrt(pi), for 0 <= x < 0.5.
func erfSmall(x float64) float64 {
	z := -mul(x, x)
	factor, tail := 1.0, 0.0
	for n := 1.0; n < 16; n++ {
		factor = mul(factor, z) / n
		tail += factor / (2*n + 1)
	}
	const scale = 2 / (math.SqrtPi)
	return mul(x, scale) + mul(mul(x, scale), tail)
}

// erfcScaled is (1+2x) e^(x^2) erfc x for x >= 0, a Chebyshev series in t = (x-3.75)/(x+3.75) by Clenshaw's recurrence.
func erfcScaled(x float64) float64 {
	t := (x - 3.75) / (x + 3.75)
	var b, c float64
	for i := len(erfcSeries) - 1; i > 0; i-- {
		b, c = mul(2*t, b)-c+erfcSeries[i], b
	}
	return mul(t, b) - c + erfcSeries[0]
}

// The coefficients are computed for this package with 60 digits: the discrete cosine transform of the function at 90
// Chebyshev nodes.
var erfcSeries = [...]float64{
	1.1775789345674017541, -4.5900545806464773309e-3, -8.4249133366517915584e-2, 5.9209939998191890498e-2,
	-2.6658668435305752277e-2, 9.0749976707052650939e-3, -2.4131635404176081909e-3, 4.9077583652580863229e-4,
	-6.9169733025012063671e-5, 4.1390279860730101675e-6, 7.7403830661984906686e-7, -2.1886401049234395661e-7,
	1.0764999465670910377e-8, 4.5219598112182868979e-9, -7.7544002088313511065e-10, -6.3180883408866844944e-11,
	2.8687950109306698981e-11, 1.945586854577734723e-13, -9.6546967484334389059e-13, 3.2525481481487398415e-14,
	3.3478119482868053878e-14, -1.8645628804193131015e-15, -1.2507950530688647085e-15, 7.418235256624043463e-17,
	5.0681489047961113168e-17, -2.2370566594359995974e-18, -2.187342944303017665e-18, 2.6766327399258761745e-20,
	9.7365614017414507665e-20,
}
