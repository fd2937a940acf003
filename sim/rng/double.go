package rng

import "math"

// mul rounds the product, so that no compiler fuses it with a later addition.
func mul(a, b float64) float64 { return float64(a * b) }

// A dd is the unevaluated sum hi + lo with |lo| at most half an ulp of hi: about 106 bits.
type dd struct{ hi, lo float64 }

// quickSum is a + b exactly, for |a| >= |b| (or a = 0).
func quickSum(a, b float64) dd {
	s := a + b
	return dd{s, b - (s - a)}
}

// sum is a + b exactly (Knuth).
func sum(a, b float64) dd {
	s := a + b
	t := s - a
	return dd{s, (a - (s - t)) + (b - t)}
}

// product is a x b exactly (Dekker), for operands whose product neither overflows nor underflows.
func product(a, b float64) dd {
	p := float64(a * b)
	ah, al := split(a)
	bh, bl := split(b)
	return dd{p, ((float64(ah*bh) - p) + float64(ah*bl) + float64(al*bh)) + float64(al*bl)}
}

// split is a as two numbers of at most 26 bits each (Veltkamp), for |a| < 2^996.
func split(a float64) (hi, lo float64) {
	t := float64((1<<27 + 1) * a)
	hi = t - (t - a)
	return hi, a - hi
}

// ln2Hi has 32 trailing zero bits, so that its product with an exponent is exact; ln2Lo is the rest of ln 2.
const (
	ln2Hi = 0x1.62e42fee00000p-1
	ln2Lo = math.Ln2 - ln2Hi
)
