package units

import (
	"math"
	"strconv"
	"strings"
)

// unknown is printed for a figure that does not exist, such as a mean over no jobs.
const unknown = "n/a"

// FormatDuration is a duration for reading: three significant digits, without trailing zeros after the point, in ns,
// us, ms, s, min, h or d: `4.58 s`, `12 s`, `12.4 min`, `3.2 d`. From 1,000 days on all whole days are shown.
func FormatDuration(ns int64) string {
	if ns == 0 {
		return "0 s"
	}
	u := displayUnit(ns)
	return trimZeros(group(u.sig3(ns))) + " " + u.name
}

// FormatDurationInterval is an estimate with its interval in one unit, to the same decimals: `12.4 min [11.9, 13.0]`.
func FormatDurationInterval(mid, lo, hi int64) string {
	u := displayUnit(mid)
	if mid == 0 {
		u = displayUnit(max(abs(lo), abs(hi), Second))
	}
	show := func(ns int64, decimals int) string {
		return group(strconv.FormatFloat(float64(ns)/float64(u.size), 'f', decimals, 64))
	}
	text := u.sig3(mid)
	decimals := 0
	if _, after, ok := strings.Cut(text, "."); ok {
		decimals = len(after)
	}
	return group(text) + " " + u.name + " [" + show(lo, decimals) + ", " + show(hi, decimals) + "]"
}

type timeUnit struct {
	size int64
	name string
	next float64 // how many make the next unit
}

// sig3 is ns in this unit. What was rounded up into the unit (59.96 s) is one of it, not 0.999.
func (u timeUnit) sig3(ns int64) string {
	x := float64(ns) / float64(u.size)
	if x > 0 {
		x = max(x, 1)
	} else if x < 0 {
		x = min(x, -1)
	}
	return sig3(x)
}

// displayUnit is the largest unit of which ns, once rounded to three digits, is at least one.
func displayUnit(ns int64) timeUnit {
	list := [...]timeUnit{
		{1, "ns", 1000}, {1_000, "us", 1000}, {1_000_000, "ms", 1000}, {Second, "s", 60},
		{minute, "min", 60}, {hour, "h", 24}, {day, "d", math.Inf(1)},
	}
	for _, u := range list {
		rounded, err := strconv.ParseFloat(sig3(abs(float64(ns)/float64(u.size))), 64)
		if err == nil && rounded < u.next {
			return u
		}
	}
	return list[len(list)-1]
}

// FormatPercent is a fraction for reading: 0.7126 is `71.3 %`. The base of the percentage is for the caller to name.
func FormatPercent(fraction float64) string {
	if math.IsNaN(fraction) || math.IsInf(fraction, 0) {
		return unknown
	}
	return trimZeros(group(sig3(float64(fraction*100)))) + " %"
}

// FormatChange is a relative difference with its direction: -0.18 is `-18 %`, 0.004 is `+0.4 %`, 0 is `0 %`.
func FormatChange(fraction float64) string {
	text := FormatPercent(fraction)
	if fraction > 0 && text != unknown {
		return "+" + text
	}
	return text
}

// FormatCount is an exact whole number with thousands separators: 2,048.
func FormatCount(n int64) string { return group(strconv.FormatInt(n, 10)) }

// FormatQuantity is a large number with a unit, three significant digits and k, M, G, T before the unit:
// `1.42 M GPU-h`, `311 GPU-h`, `1.3 M events/s`. An empty unit leaves the number alone.
func FormatQuantity(x float64, unit string) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return unknown
	}
	number, prefix := scale3(abs(x))
	if x < 0 {
		number = "-" + number
	}
	for _, part := range [...]string{prefix, unit} {
		if part != "" {
			number += " " + part
		}
	}
	return number
}

// FormatNumber is a pure number for reading, three significant digits: 12.7, 311, 1,234.
func FormatNumber(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return unknown
	}
	return trimZeros(group(sig3(x)))
}

// FormatBytes is a size for reading in IEC units: `1.5 GiB`, `512 B`.
func FormatBytes(v int64) string {
	x, name := float64(v), "B"
	for _, u := range iecUnits {
		if abs(x) < 1023.5 {
			break
		}
		x, name = x/1024, u
	}
	return trimZeros(group(sig3(x))) + " " + name
}

// FormatBitRate is a network link's rate for reading, in bits: `400 Gb/s`.
func FormatBitRate(bytesPerSecond int64) string {
	number, prefix := scale3(float64(float64(bytesPerSecond) * 8))
	return number + " " + prefix + "b/s"
}

// FormatByteRate is a rate for reading, in bytes: `600 GB/s`.
func FormatByteRate(bytesPerSecond int64) string {
	number, prefix := scale3(float64(bytesPerSecond))
	return number + " " + prefix + "B/s"
}

// scale3 divides x >= 0 by the power of 1000 that leaves it below 1000 once rounded.
func scale3(x float64) (number, prefix string) {
	for i, p := range [...]string{"", "k", "M", "G", "T", "P", "E"} {
		text := sig3(x)
		if rounded, err := strconv.ParseFloat(text, 64); i == 6 || err == nil && rounded < 1000 {
			return trimZeros(group(text)), p
		}
		x /= 1000
	}
	return "", ""
}

// sig3 is x to three significant digits in plain notation, whole digits never dropped: 4.58, 0.0123, 1234.
func sig3(x float64) string {
	if x == 0 {
		return "0"
	}
	e := strconv.FormatFloat(x, 'e', 2, 64)
	exponent, err := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if err != nil {
		return e // infinities do not come here; see the callers
	}
	return strconv.FormatFloat(x, 'f', max(0, 2-exponent), 64)
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// group puts commas between the thousands of the whole part.
func group(s string) string {
	whole, frac, _ := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	var b []byte
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, whole[i])
	}
	if frac != "" {
		frac = "." + frac
	}
	return sign + string(b) + frac
}

func appendWhole(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

func abs[T int64 | float64](x T) T {
	if x < 0 {
		return -x
	}
	return x
}
