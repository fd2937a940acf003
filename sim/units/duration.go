package units

import (
	"math"
	"strconv"
	"strings"
)

const (
	minute = 60 * Second
	hour   = 60 * minute
	day    = 24 * hour
	week   = 7 * day
)

const durationWant = `a number with a unit (ns, us, ms, s, m or min, h, d, w), such as 90s, 1.5h, 1h30m or 14d, or D-HH:MM:SS`

// ParseDuration reads a duration as nanoseconds: `90s`, `1.5h`, `1h30m`, `30min`, `14d`, `2w`, with one optional space
// after each number and each unit, largest unit first, and a fraction only in the last part; or `HH:MM:SS` and
// `D-HH:MM:SS`. A leading minus is accepted: whether a negative duration makes sense is for the caller to say. A bare
// number is an error, because its unit would be a guess; only `0` needs none. A fraction finer than a nanosecond is
// rounded to the nearest one. The range is +-292 years.
func ParseDuration(s string) (int64, error) {
	body, neg := strings.CutPrefix(s, "-")
	if body == "0" {
		return 0, nil
	}
	var v int64
	var err error
	if strings.Contains(body, ":") {
		v, err = parseClock(s, body)
	} else {
		v, err = parseParts(s, body)
	}
	if err != nil {
		return 0, err
	}
	if neg {
		v = -v
	}
	return v, nil
}

func parseParts(whole, rest string) (int64, error) {
	fail := func(hint string) (int64, error) { return 0, newError("duration", whole, durationWant, hint) }
	if rest == "" {
		return fail("")
	}
	sum, above, fraction := int64(0), int64(math.MaxInt64), false
	for rest != "" {
		d, after, ok := cutDecimal(rest)
		if !ok {
			return fail("a number of at most 18 decimals must come before each unit")
		}
		name, after := cutUnit(after)
		unit := durationUnit(name)
		switch {
		case name == "" && after == "" && above == math.MaxInt64:
			return fail(didYouMean(whole + "s"))
		case unit == 0:
			return fail(durationHint(name))
		case unit >= above:
			return fail("write the largest unit first, each unit once")
		case fraction:
			return fail("only the last part may have a fraction")
		}
		v, ok := d.times(uint64(unit), 1)
		if !ok || sum > math.MaxInt64-v {
			return 0, newError("duration", whole, "at most 106751 days (292 years)", "is the unit right?")
		}
		sum, above, fraction = sum+v, unit, d.frac > 0
		rest = strings.TrimPrefix(after, " ")
		if rest == "" && after != "" {
			return fail("remove the spaces around it")
		}
	}
	return sum, nil
}

func durationUnit(name string) int64 {
	switch name {
	case "ns":
		return 1
	case "us", "µs", "μs": // both micro signs, U+00B5 and U+03BC
		return 1_000
	case "ms":
		return 1_000_000
	case "s":
		return Second
	case "m", "min":
		return minute
	case "h":
		return hour
	case "d":
		return day
	case "w":
		return week
	}
	return 0
}

// durationHint names the unit that was probably meant. Months and years have no fixed length.
func durationHint(name string) string {
	low := strings.ToLower(name)
	if durationUnit(low) != 0 {
		return didYouMean(low)
	}
	if len(low) > 2 {
		low = strings.TrimSuffix(low, "s")
	}
	switch low {
	case "sec", "second":
		return didYouMean("s")
	case "minute":
		return didYouMean("min")
	case "hr", "hour":
		return didYouMean("h")
	case "day":
		return didYouMean("d")
	case "wk", "week":
		return didYouMean("w")
	case "msec", "milli", "millisecond":
		return didYouMean("ms")
	case "mo", "mon", "month", "y", "yr", "year":
		return "months and years differ in length: write days"
	}
	return ""
}

// DurationText is the exact duration in the form that ParseDuration reads back: 1h30m, 14d, 1d2h3m4.5s, 0s.
func DurationText(ns int64) string {
	if ns == 0 {
		return "0s"
	}
	u := uint64(ns)
	var b []byte
	if ns < 0 {
		b, u = append(b, '-'), -u
	}
	for _, p := range [...]struct {
		size uint64
		name byte
	}{{day, 'd'}, {hour, 'h'}, {minute, 'm'}} {
		if n := u / p.size; n > 0 {
			b = append(strconv.AppendUint(b, n, 10), p.name)
			u %= p.size
		}
	}
	if u > 0 {
		b = append(AppendSeconds(b, int64(u)), 's')
	}
	return string(b)
}
