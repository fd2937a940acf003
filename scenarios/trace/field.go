package trace

import (
	"bytes"
	"fmt"
	"math"
)

// fault says why the text of a field is no value of its kind.
type fault uint8

const (
	fine fault = iota
	faultEmpty
	faultText
	faultNegative
	faultLarge
	faultFraction
	faultNaN
)

func (f fault) String() string {
	return [...]string{"fine", "is empty", "is not a number", "is negative", "is too large", "is not a whole number",
		"is not a finite number"}[f]
}

// maxInstant bounds every time that is read (146 years in nanoseconds), so that sums of two never overflow.
const maxInstant = math.MaxInt64 / 2

// seconds parses decimal seconds into nanoseconds: fixed point, rounded to the nearest at the tenth digit. The first
// loop is the hot path: short numbers without a sign or an exponent.
func seconds(b []byte) (int64, fault) {
	if n := len(b); n > 0 && n <= 9 {
		v := int64(0)
		for i := 0; i < n; i++ {
			d := b[i] - '0'
			if d > 9 {
				return slowSeconds(b)
			}
			v = v*10 + int64(d)
		}
		return v * 1_000_000_000, fine
	}
	return slowSeconds(b)
}

func slowSeconds(b []byte) (int64, fault) {
	v, f := fixed(b, 9)
	if f == fine && v < 0 {
		return v, faultNegative
	}
	if f == fine && v > maxInstant {
		return v, faultLarge
	}
	return v, f
}

// whole parses an integer of at least 0. A fraction of zeros is allowed: tables that went through pandas have "8.0".
func whole(b []byte) (int64, fault) {
	if n := len(b); n > 0 && n <= 9 {
		v := int64(0)
		for i := 0; i < n; i++ {
			d := b[i] - '0'
			if d > 9 {
				return slowWhole(b)
			}
			v = v*10 + int64(d)
		}
		return v, fine
	}
	return slowWhole(b)
}

func slowWhole(b []byte) (int64, fault) {
	v, f := integer(b)
	if f == fine && v < 0 {
		return v, faultNegative
	}
	return v, f
}

// integer parses a signed integer.
func integer(b []byte) (int64, fault) {
	v, f := fixed(b, 0)
	if f != fine {
		return 0, f
	}
	// A fraction that is not zero would have been rounded away.
	if _, frac, ok := bytes.Cut(b, []byte{'.'}); ok && len(bytes.Trim(frac, "0")) > 0 {
		if m, f := fixed(b, 6); f != fine || m != v*1_000_000 || !bytes.ContainsAny(frac, "eE") {
			return 0, faultFraction
		}
	}
	return v, fine
}

// fixed parses a decimal number, with an optional exponent, into an integer of 10^-digits. It rounds half away from zero.
func fixed(b []byte, digits int) (int64, fault) {
	if len(b) == 0 {
		return 0, faultEmpty
	}
	i, neg := 0, false
	if b[0] == '-' || b[0] == '+' {
		neg, i = b[0] == '-', 1
	}
	mant, exp, seen, f := mantissa(b, &i)
	if f != fine {
		return 0, f
	}
	if !seen {
		return 0, notANumber(b)
	}
	if i < len(b) {
		if b[i] != 'e' && b[i] != 'E' {
			return 0, faultText
		}
		e, ok := exponent(b[i+1:])
		if !ok {
			return 0, faultText
		}
		exp += e
	}
	v, ok := shift(mant, exp+digits)
	switch {
	case ok && neg && v <= 1<<63:
		return int64(-v), fine
	case ok && v <= math.MaxInt64:
		return int64(v), fine
	}
	return 0, faultLarge
}

// mantissa reads digits and a point. Digits beyond what 64 bits hold only move the exponent.
func mantissa(b []byte, at *int) (mant uint64, exp int, seen bool, f fault) {
	i, point := *at, false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		d := c - '0'
		if d > 9 {
			break
		}
		seen = true
		if mant <= (math.MaxUint64-9)/10 {
			mant = mant*10 + uint64(d)
			if point {
				exp--
			}
		} else if !point {
			exp++
		}
	}
	*at = i
	return mant, exp, seen, fine
}

func exponent(b []byte) (int, bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg, b = b[0] == '-', b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	e := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		e = min(e*10+int(c-'0'), 9999) // far beyond what 64 bits hold
	}
	if neg {
		e = -e
	}
	return e, true
}

// shift is mant x 10^exp, rounded half up; false when it does not fit.
func shift(mant uint64, exp int) (uint64, bool) {
	if mant == 0 {
		return 0, true
	}
	for ; exp > 0; exp-- {
		if mant > math.MaxUint64/10 {
			return 0, false
		}
		mant *= 10
	}
	for ; exp < -1 && mant > 0; exp++ {
		mant /= 10
	}
	if exp == -1 {
		mant = (mant/5 + 1) / 2
	}
	return mant, true
}

func notANumber(b []byte) fault {
	for len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	switch lower(b) {
	case "nan", "inf", "infinity":
		return faultNaN
	}
	return faultText
}

// lower is a short text in lower case, for comparing words; long text is no word of ours.
func lower(b []byte) string {
	if len(b) > 64 {
		return ""
	}
	var out [64]byte
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return string(out[:len(b)])
}

// say is the finding of an error about a field.
func say(field string, text []byte, f fault) string {
	if f == faultEmpty {
		return field + " is empty"
	}
	return fmt.Sprintf("%s: %s %s", field, shown(text), f)
}

const (
	wantSeconds = "expected seconds, 0 or more, as a decimal number"
	wantWhole   = "expected a whole number, 0 or more"
	wantNumber  = "expected a decimal number"
)
