package reports

import (
	"math"
	"strconv"
	"strings"
)

// Unit says what a number counts. Its Key ends column names in files ("wait_s"), its numbers are in the base unit.
type Unit uint8

// The units of reports, each with the base in which a Quantity holds it.
const (
	Count    Unit = iota // things
	Seconds              // s
	GPUs                 // GPUs, fractions allowed
	GPUHours             // GPU-hours
	JobHours             // hours that jobs spent, summed over jobs
	Share                // 0 to 1, shown in percent
	Times                // a plain factor, such as a slowdown
	Dollars              // USD
	Yuan                 // CNY
	Money                // of a currency without a sign of its own here: the name of the figure says which
	Plain                // a number in a unit that only its policy knows
	Text                 // no number: names and words
)

// Key is the unit as the end of a column's name, "" where none is needed.
func (u Unit) Key() string {
	return [...]string{"", "s", "gpus", "gpu_h", "job_h", "share", "", "usd", "cny", "", "", ""}[min(u, Text)]
}

// Currency is the unit of amounts in a currency, an ISO 4217 code.
func Currency(code string) Unit {
	switch code {
	case "USD":
		return Dollars
	case "CNY":
		return Yuan
	}
	return Money
}

// Symbol is the unit as it stands behind a plain number, "" where none does.
func (u Unit) Symbol() string {
	return [...]string{"", "s", "GPUs", "GPU-h", "job-h", "%", "×", "$", "¥", "", "", ""}[min(u, Text)]
}

// Quantity is a number with its unit. NaN means that there is no such figure.
type Quantity struct {
	Value float64
	Unit  Unit
}

// Human returns the quantity with three significant digits and its unit: "12.4 min", "71.3 %", "1.42 M GPU-h", "$12.4k".
// Counts below 100,000 are whole. A missing figure is "none".
func (q Quantity) Human() string {
	v := q.Value + 0 // which makes 0 of -0
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "none"
	}
	switch q.Unit {
	case Seconds:
		return humanDuration(v)
	case Share:
		return significant(v*100) + " %"
	case Dollars, Yuan, Money:
		return humanMoney(v, q.Unit.Symbol())
	case Count:
		return humanCount(v)
	case GPUHours, JobHours, GPUs:
		return strings.TrimSpace(humanCount(v) + " " + q.Unit.Symbol())
	default:
		return humanCount(v)
	}
}

// Exact returns the quantity in its base unit with all its digits, for hover texts: "744.1238 s".
func (q Quantity) Exact() string {
	if math.IsNaN(q.Value) || math.IsInf(q.Value, 0) {
		return "no such figure"
	}
	v, symbol := q.Value+0, q.Unit.Symbol()
	if q.Unit == Share { // in 15 digits, which the multiplication does not spoil
		v, _ = strconv.ParseFloat(strconv.FormatFloat(v*100, 'g', 15, 64), 64)
	}
	text := grouped(strconv.FormatFloat(v, 'f', -1, 64))
	if len(text) > 24 {
		text = strconv.FormatFloat(v, 'g', 12, 64)
	}
	if q.Unit == Dollars || q.Unit == Yuan {
		if v < 0 {
			return "-" + symbol + text[1:]
		}
		return symbol + text
	}
	return strings.TrimSpace(text + " " + symbol)
}

func humanDuration(s float64) string {
	size := math.Abs(s)
	switch {
	case size == 0:
		return "0 s"
	case size < 1e-4:
		return significant(s*1e6) + " µs"
	case size < 0.1:
		return significant(s*1e3) + " ms"
	case size < 120:
		return significant(s) + " s"
	case size < 2*3600:
		return significant(s/60) + " min"
	case size < 48*3600:
		return significant(s/3600) + " h"
	}
	return significant(s/86400) + " d"
}

// wholeDuration is humanDuration for widths that are whole in some unit: 1 h, not 60 min.
func wholeDuration(s float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{86400, " d"}, {3600, " h"}, {60, " min"}} {
		if n := s / unit.size; n >= 1 && n == math.Trunc(n) {
			return humanCount(n) + unit.name
		}
	}
	return humanDuration(s)
}

func humanCount(v float64) string {
	size := math.Abs(v)
	switch {
	case size >= 1e9:
		return significant(v/1e9) + " G"
	case size >= 1e6:
		return significant(v/1e6) + " M"
	case size >= 1e5:
		return significant(v/1e3) + " k"
	case v == math.Trunc(v):
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return significant(v)
}

func humanMoney(v float64, symbol string) string {
	sign := symbol
	if v < 0 {
		sign, v = "-"+symbol, -v
	}
	switch {
	case v >= 1e6:
		return sign + significant(v/1e6) + "M"
	case v >= 1e4:
		return sign + significant(v/1e3) + "k"
	case v >= 100:
		return sign + grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return sign + strconv.FormatFloat(v, 'f', 2, 64)
}

// significant writes v with three significant digits, without an exponent and without trailing zeros.
func significant(v float64) string {
	if v == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	decimals := 2 - int(math.Floor(math.Log10(math.Abs(v))))
	text := strconv.FormatFloat(v, 'f', min(max(decimals, 0), 9), 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return grouped(text)
}

// grouped puts commas between thousands of a plain decimal number.
func grouped(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, fraction, has := strings.Cut(number, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if has {
		b.WriteByte('.')
		b.WriteString(fraction)
	}
	return b.String()
}
