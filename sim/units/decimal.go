package units

import (
	"math"
	"math/bits"
	"strings"
)

// decimal is a number as written, without sign: mant / 10^frac, at most 19 digits, 18 of them decimals.
type decimal struct {
	mant uint64
	frac int
}

// These keep mant, and 8 x 10^frac, inside 64 bits.
const (
	maxDigits   = 19
	maxDecimals = 18
)

// cutDecimal reads digits with at most one point from the front of s. ok is false if there is no digit, or more than
// fit.
func cutDecimal(s string) (d decimal, rest string, ok bool) {
	digits, point, i := 0, false, 0
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		if d.mant > 0 || c > '0' {
			digits++
		}
		if digits > maxDigits || point && d.frac == maxDecimals {
			return decimal{}, s, false
		}
		d.mant = d.mant*10 + uint64(c-'0')
		if point {
			d.frac++
		}
	}
	if i == 0 || s[:i] == "." {
		return decimal{}, s, false
	}
	return d, s[i:], true
}

// times is d x mult / div to the nearest integer, ties up; ok is false beyond int64. div is 1 or 8.
func (d decimal) times(mult, div uint64) (v int64, ok bool) {
	den := div
	for range d.frac {
		den *= 10
	}
	hi, lo := bits.Mul64(d.mant, mult)
	lo, carry := bits.Add64(lo, den/2, 0)
	hi += carry
	if hi >= den {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, den)
	return int64(q), q <= math.MaxInt64
}

// cutUnit takes one optional space and the letters (with / and micro signs) of a unit from the front of s. A space
// that no unit follows is left where it is.
func cutUnit(s string) (unit, rest string) {
	t := strings.TrimPrefix(s, " ")
	n := strings.IndexFunc(t, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' || r == ' ' })
	if n < 0 {
		n = len(t)
	}
	if n == 0 {
		return "", s
	}
	return t[:n], t[n:]
}
