package rng

import "math"

// NormalQuantile is the z below which a standard normal variate falls with probability u, within 6 ulp and on average
// within 1. u = 0 and 1 give infinities, what lies outside gives NaN. Rational approximations of Wichura, Algorithm
// AS 241 (PPND16), Applied Statistics 37 (1988); the coefficients are his.
func NormalQuantile(u float64) float64 {
	if !(u > 0 && u < 1) {
		switch u {
		case 0:
			return math.Inf(-1)
		case 1:
			return math.Inf(1)
		}
		return math.NaN()
	}
	q := u - 0.5
	if q > -0.425 && q < 0.425 {
		r := 0.180625 - mul(q, q)
		return mul(q, horner(&centreNum, r)) / horner(&centreDen, r)
	}
	tail := u
	if q > 0 {
		tail = 1 - u
	}
	r := math.Sqrt(-Log(tail))
	var z float64
	if r <= 5 {
		r -= 1.6
		z = horner(&middleNum, r) / horner(&middleDen, r)
	} else {
		r -= 5
		z = horner(&farNum, r) / horner(&farDen, r)
	}
	if q < 0 {
		return -z
	}
	return z
}

func horner(c *[8]float64, x float64) float64 {
	v := c[7]
	for i := 6; i >= 0; i-- {
		v = mul(v, x) + c[i]
	}
	return v
}

// Lowest power first: |u - 1/2| <= 0.425, then tails above exp(-25), then the far tails.
var (
	centreNum = [8]float64{3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
		45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727}
	centreDen = [8]float64{1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
		21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610}
	middleNum = [8]float64{1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
		1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4}
	middleDen = [8]float64{1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
		0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9}
	farNum = [8]float64{6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
		0.0265321895265761230930, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7}
	farDen = [8]float64{1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}
)
