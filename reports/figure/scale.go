package figure

import (
	"math"
	"strconv"

	"github.com/orrery-sim/orrery/reports"
)

// scale maps values to pixels, by their logarithm where log is set.
type scale struct {
	from, to float64 // values
	low, len float64 // pixels of from, and to its end
	log      bool
}

func (s scale) at(v float64) float64 {
	from, to := s.from, s.to
	if s.log {
		v, from, to = math.Log(max(v, s.from)), math.Log(from), math.Log(to)
	}
	if to == from {
		return s.low
	}
	return s.low + (v-from)/(to-from)*s.len
}

// roundTicks returns about n round values between from and to.
func roundTicks(from, to float64, n int) []float64 {
	if !(to > from) || n < 1 {
		return nil
	}
	rough := (to - from) / float64(n)
	size := math.Pow(10, math.Floor(math.Log10(rough)))
	step := size * 10
	for _, times := range []float64{1, 2, 5} {
		if size*times >= rough {
			step = size * times
			break
		}
	}
	var ticks []float64
	for k := math.Ceil(from/step - 1e-9); k*step <= to+step*1e-9; k++ {
		ticks = append(ticks, math.Abs(k)*math.Copysign(step, k+0.5)) // never -0
	}
	return ticks
}

// roundTop returns the first tick at or above v, so that an axis ends on one.
func roundTop(v float64) float64 {
	if !(v > 0) {
		return 1
	}
	ticks := roundTicks(0, v, 5)
	if len(ticks) < 2 {
		return v
	}
	step := ticks[1] - ticks[0]
	return math.Ceil(v/step-1e-9) * step
}

// decades are the durations, in s, that a logarithmic axis is labelled with.
func decades(from, to float64) []float64 {
	var ticks []float64
	for _, s := range []float64{
		1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 6 * 3600, 86400, 4 * 86400, 20 * 86400, 100 * 86400, 1000 * 86400, 10_000 * 86400,
	} {
		if s >= from && s <= to {
			ticks = append(ticks, s)
		}
	}
	return ticks
}

// bare writes a tick's number without the unit that the axis' name gives.
func bare(v float64, unit reports.Unit) string {
	switch unit {
	case reports.Share:
		return plain(v*100) + " %"
	case reports.Dollars, reports.Yuan:
		return unit.Symbol() + plain(v)
	}
	return plain(v)
}

func plain(v float64) string {
	return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)
}

// round writes a tick of a logarithmic axis in its largest whole unit.
func round(s float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}} {
		if n := s / unit.size; n >= 1 && n == math.Trunc(n) {
			return plain(n) + unit.name
		}
	}
	return reports.Quantity{Value: s, Unit: reports.Seconds}.Human()
}
