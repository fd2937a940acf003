package units

import (
	"math"
	"strconv"
)

// Second is a second in nanoseconds.
const Second = 1_000_000_000

// ParseInt reads an optionally signed decimal integer: digits only, no spaces, no separators. It allocates nothing
// unless it fails. math.MinInt64 is accepted.
func ParseInt(b []byte) (int64, error) {
	i, neg := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, i = b[0] == '-', 1
	}
	if i == len(b) {
		return 0, integerError(b)
	}
	limit := uint64(math.MaxInt64)
	if neg {
		limit++
	}
	var v uint64
	for ; i < len(b); i++ {
		c := b[i] - '0'
		if c > 9 {
			return 0, integerError(b)
		}
		if v > limit/10 {
			return 0, rangeError("integer", b, "a number between -9223372036854775808 and 9223372036854775807")
		}
		if v = v*10 + uint64(c); v > limit {
			return 0, rangeError("integer", b, "a number between -9223372036854775808 and 9223372036854775807")
		}
	}
	if neg {
		return int64(-v), nil
	}
	return int64(v), nil
}

// ParseSeconds reads decimal seconds (`123`, `-0.5`, `1718.123456789`) as nanoseconds. Digits beyond the ninth decimal
// are rounded to the nearest nanosecond, ties away from zero, because traces print floats such as 66.38000000000001.
// The range is +-9223372036.854775807 s (292 years). NaN, infinities, exponents, spaces and separators are errors.
// It is on the path of every row of every trace: it allocates nothing unless it fails.
func ParseSeconds(b []byte) (int64, error) {
	v, why := scanFixed(b, 9, Second)
	if why != fixedOK {
		return 0, fixedError("seconds", b, why, "decimal seconds such as 66.38", "at most 9223372036.854775807 s (292 years)")
	}
	return v, nil
}

// ParseFixed reads a decimal number as an integer of 10^-decimals: ParseFixed("1.5", 3) is 1500. decimals is 1 to 9.
// Further digits are rounded to nearest, ties away from zero. The range is that of int64, symmetric about zero. It
// allocates nothing unless it fails.
func ParseFixed(b []byte, decimals int) (int64, error) {
	v, why := scanFixed(b, decimals, pow10[decimals])
	if why != fixedOK {
		most := string(AppendFixed(nil, math.MaxInt64, decimals))
		return 0, fixedError("number", b, why, "a decimal number such as 1.5", "at most "+most)
	}
	return v, nil
}

// AppendSeconds appends nanoseconds as exact decimal seconds without trailing zeros: 66.38, 5, -0.000000001.
// ParseSeconds reads it back.
func AppendSeconds(dst []byte, ns int64) []byte { return AppendFixed(dst, ns, 9) }

// SecondsText is AppendSeconds as a string.
func SecondsText(ns int64) string { return string(AppendFixed(nil, ns, 9)) }

// AppendFixed appends v x 10^-decimals exactly, without trailing zeros. decimals is 1 to 9.
func AppendFixed(dst []byte, v int64, decimals int) []byte {
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	scale := uint64(pow10[decimals])
	dst = strconv.AppendUint(dst, u/scale, 10)
	frac := u % scale
	if frac == 0 {
		return dst
	}
	for frac%10 == 0 {
		frac, decimals = frac/10, decimals-1
	}
	dst = append(dst, '.')
	at := len(dst)
	for range decimals {
		dst = append(dst, '0')
	}
	for i := at + decimals - 1; i >= at; i-- {
		dst[i] = byte('0' + frac%10)
		frac /= 10
	}
	return dst
}

var pow10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

type fixedFault uint8

const (
	fixedOK fixedFault = iota
	fixedSyntax
	fixedRange
)

// scanFixed reads sign, digits, point, digits. scale is 10^decimals, at least 10, so that the running whole part,
// which is kept at or below MaxInt64/scale, cannot overflow when it takes one more digit.
func scanFixed(b []byte, decimals int, scale int64) (int64, fixedFault) {
	i, neg := 0, false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, i = b[0] == '-', 1
	}
	start := i
	limit := uint64(math.MaxInt64) / uint64(scale)
	var whole, frac uint64
	for ; i < len(b); i++ {
		c := b[i] - '0'
		if c > 9 {
			break
		}
		if whole = whole*10 + uint64(c); whole > limit {
			return 0, overflowOrSyntax(b[i:])
		}
	}
	digits := i - start
	if i < len(b) && b[i] == '.' {
		i++
		from := i
		room := decimals
		for ; i < len(b) && room > 0; i++ {
			c := b[i] - '0'
			if c > 9 {
				return 0, fixedSyntax
			}
			frac = frac*10 + uint64(c)
			room--
		}
		frac *= uint64(pow10[room])
		if i < len(b) && b[i]-'0' <= 9 && b[i] >= '5' {
			frac++
		}
		for ; i < len(b); i++ {
			if b[i]-'0' > 9 {
				return 0, fixedSyntax
			}
		}
		digits += i - from
	}
	if i < len(b) || digits == 0 {
		return 0, fixedSyntax
	}
	v := whole*uint64(scale) + frac
	if v > math.MaxInt64 {
		return 0, fixedRange
	}
	if neg {
		return -int64(v), fixedOK
	}
	return int64(v), fixedOK
}

// overflowOrSyntax decides, off the hot path, whether the rest of a number too large is a number at all.
func overflowOrSyntax(rest []byte) fixedFault {
	points := 0
	for _, c := range rest {
		if c == '.' {
			points++
		} else if c-'0' > 9 {
			return fixedSyntax
		}
	}
	if points > 1 {
		return fixedSyntax
	}
	return fixedRange
}
