package reports

import "math"

// scale is a unit that durations are written in.
type scale struct {
	seconds float64
	symbol  string
}

var scales = [...]scale{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}}

// write is v seconds in the scale, with three significant digits.
func (s scale) write(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "none"
	}
	return significant(v/s.seconds) + " " + s.symbol
}

// DurationUnit is the unit in which the ticks of an axis that reaches so many seconds are round: 40 min, not 2,400 s. It is
// s at the least.
func DurationUnit(reach float64) (seconds float64, symbol string) {
	s := largestScale([]float64{max(reach, 1)})
	return s.seconds, s.symbol
}

// largestScale is the unit that Quantity.Human takes for the largest of the values.
func largestScale(values []float64) scale {
	largest := 0.0
	for _, v := range values {
		if v = math.Abs(v); v > largest && !math.IsInf(v, 0) {
			largest = v
		}
	}
	switch {
	case largest >= 48*3600:
		return scales[0]
	case largest >= 2*3600:
		return scales[1]
	case largest >= 120:
		return scales[2]
	case largest >= 0.1 || largest == 0:
		return scales[3]
	case largest >= 1e-4:
		return scales[4]
	}
	return scales[5]
}

// columnScale is the unit of durations that stand under each other: that of the largest, or a smaller one down to seconds
// where the smallest would else begin with a zero behind the point (0.05).
func columnScale(values []float64) scale {
	smallest := math.Inf(1)
	for _, v := range values {
		if v = math.Abs(v); v > 0 && v < smallest {
			smallest = v
		}
	}
	s := largestScale(values)
	for i := range scales[:3] {
		if scales[i] == s && smallest/s.seconds < 0.1 {
			s = scales[i+1]
		}
	}
	return s
}
