package scenarios

import (
	"errors"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Duration is a span of time in nanoseconds, written `90s`, `1h30m`, `14d`.
type Duration int64

// ParseYAML reads a span; it must not be negative.
func (d *Duration) ParseYAML(text string) error {
	ns, err := units.ParseDuration(text)
	if err == nil && ns < 0 {
		return &ydec.ScalarError{Problem: "a span of time cannot be negative", Expected: "a duration such as 90s, 15m or 14d"}
	}
	if err == nil && ns == 0 && strings.ContainsAny(text, "123456789") {
		return &ydec.ScalarError{Problem: "a span of time shorter than a nanosecond", Expected: "0s, or at least 1ns"}
	}
	*d = Duration(ns)
	return scalarError(err)
}

// FormatYAML writes a span so that it reads back the same.
func (d Duration) FormatYAML() string { return units.DurationText(int64(d)) }

// DescribeYAML says what is expected.
func (Duration) DescribeYAML() string { return "a duration such as 90s, 15m or 14d" }

// Time is the span as simulated time.
func (d Duration) Time() state.Time { return state.Time(d) }

// Bytes is an amount of memory, written `16GiB`, `1TiB`, `64GB`.
type Bytes int64

// ParseYAML reads an amount.
func (b *Bytes) ParseYAML(text string) error {
	n, err := units.ParseBytes(text)
	*b = Bytes(n)
	return scalarError(err)
}

// FormatYAML writes an amount so that it reads back the same.
func (b Bytes) FormatYAML() string { return units.BytesText(int64(b)) }

// DescribeYAML says what is expected.
func (Bytes) DescribeYAML() string { return "an amount of memory such as 16GiB or 1TiB" }

// Instant is a calendar time with its offset, written `2026-01-01T00:00:00Z`.
type Instant struct{ time.Time }

// ParseYAML reads RFC 3339, or a date.
func (i *Instant) ParseYAML(text string) error {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			i.Time = t.UTC()
			return nil
		}
	}
	return &ydec.ScalarError{Problem: "this is no calendar time", Expected: "RFC 3339, such as 2026-01-01T00:00:00Z, or a date"}
}

// FormatYAML writes RFC 3339 in UTC.
func (i Instant) FormatYAML() string { return i.UTC().Format(time.RFC3339Nano) }

// DescribeYAML says what is expected.
func (Instant) DescribeYAML() string { return "a calendar time such as 2026-01-01T00:00:00Z" }

// Fixed is a number kept in millionths, so that nothing that decides is a float.
type Fixed int64

// ParseYAML reads a decimal number with at most six decimals.
func (f *Fixed) ParseYAML(text string) error {
	v, err := units.ParseFixed([]byte(text), 6)
	*f = Fixed(v)
	return scalarError(err)
}

// FormatYAML writes the shortest decimal form.
func (f Fixed) FormatYAML() string { return string(units.AppendFixed(nil, int64(f), 6)) }

// DescribeYAML says what is expected.
func (Fixed) DescribeYAML() string { return "a number with at most six decimals" }

// scalarError turns a parser's error into the lines that a user reads.
func scalarError(err error) error {
	var u *units.Error
	if errors.As(err, &u) {
		return &ydec.ScalarError{Problem: u.What, Expected: u.Want, Hint: u.Hint}
	}
	return err
}

// Interval is a span of time, or the word young-daly.
type Interval struct {
	Daly bool
	Duration
}

// ParseYAML reads one of them.
func (i *Interval) ParseYAML(text string) error {
	if i.Daly = text == "young-daly"; i.Daly {
		return nil
	}
	return i.Duration.ParseYAML(text)
}

// FormatYAML writes it so that it reads back the same.
func (i Interval) FormatYAML() string {
	if i.Daly {
		return "young-daly"
	}
	return i.Duration.FormatYAML()
}

// DescribeYAML says what is expected.
func (Interval) DescribeYAML() string { return "a duration such as 30m, or young-daly" }

// Money is an amount in millionths of a currency that stands elsewhere, written `34.74`.
type Money int64

// ParseYAML reads an amount; it must not be negative.
func (m *Money) ParseYAML(text string) error {
	v, err := units.ParseMoney(text)
	if err == nil && v < 0 {
		return &ydec.ScalarError{Problem: "a price cannot be negative", Expected: "an amount such as 34.74"}
	}
	*m = Money(v)
	return scalarError(err)
}

// FormatYAML writes an amount so that it reads back the same.
func (m Money) FormatYAML() string { return units.MoneyText(int64(m)) }

// DescribeYAML says what is expected.
func (Money) DescribeYAML() string { return "an amount of money such as 34.74" }

// Rate is a rate of data in bytes a second, written `400Gb/s` or `50GB/s`.
type Rate int64

// ParseYAML reads a rate; 0 is none.
func (r *Rate) ParseYAML(text string) error {
	n, err := units.ParseRate(text)
	if err == nil && n == 0 {
		return &ydec.ScalarError{Problem: "a rate of nothing", Expected: "a rate such as 400Gb/s or 50GB/s"}
	}
	*r = Rate(n)
	return scalarError(err)
}

// FormatYAML writes a rate so that it reads back the same.
func (r Rate) FormatYAML() string { return units.RateText(int64(r)) }

// DescribeYAML says what is expected.
func (Rate) DescribeYAML() string { return "a rate such as 400Gb/s (bits) or 50GB/s (bytes)" }
