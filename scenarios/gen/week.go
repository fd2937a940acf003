package gen

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

const (
	hourNS                 = 3600 * int64(state.Second)
	hoursOfWeek            = 7 * 24
	weekNS      state.Time = hoursOfWeek * 3600 * state.Second
)

// week turns operational time, in which arrivals have a constant rate, into simulated time, in which the rate follows the
// hour and the day. Both run equally fast over a whole week. A piecewise linear map in integers: it never goes back.
type week struct {
	cum    [hoursOfWeek + 1]int64 // operational ns from the week's start to each hour
	offset int64                  // simulated ns from the week's start to instant 0
	origin int64                  // the same in operational ns
}

// newWeek returns nil where the rate is constant.
func newWeek(hours *[24]int64, days *[7]int64, offset state.Time) *week {
	if *hours == ([24]int64{}) && *days == ([7]int64{}) {
		return nil
	}
	h, d := *hours, *days
	fill(h[:])
	fill(d[:])
	var sum [hoursOfWeek + 1]int64
	for i := range hoursOfWeek {
		sum[i+1] = sum[i] + int64(state.MulDiv(state.Time(h[i%24]), d[i/24], One))
	}
	total := sum[hoursOfWeek]
	if total == 0 {
		return nil
	}
	w := &week{offset: int64(offset)}
	for i := range sum {
		w.cum[i] = int64(state.MulDiv(weekNS, sum[i], total))
	}
	w.origin = w.inWeek(w.offset)
	return w
}

// fill reads an absent list of factors as ones.
func fill(f []int64) {
	for _, v := range f {
		if v != 0 {
			return
		}
	}
	for i := range f {
		f[i] = One
	}
}

// inWeek is the operational time of a simulated time since a week's start.
func (w *week) inWeek(t int64) int64 {
	weeks, in := t/int64(weekNS), t%int64(weekNS)
	h := in / hourNS
	return weeks*int64(weekNS) + w.cum[h] + scale(in%hourNS, w.cum[h+1]-w.cum[h], hourNS)
}

// operational is the operational time from instant 0 to t.
func (w *week) operational(t state.Time) state.Time {
	if w == nil {
		return t
	}
	return state.Time(w.inWeek(int64(t)+w.offset) - w.origin)
}

// simulated is the instant at which so much operational time has passed.
func (w *week) simulated(op state.Time) state.Time {
	if w == nil {
		return op
	}
	x := int64(op) + w.origin
	weeks, in := x/int64(weekNS), x%int64(weekNS)
	lo, hi := 0, hoursOfWeek // cum[lo] <= in < cum[hi]
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if w.cum[mid] <= in {
			lo = mid
		} else {
			hi = mid
		}
	}
	t := weeks*int64(weekNS) + int64(lo)*hourNS + scale(in-w.cum[lo], hourNS, w.cum[hi]-w.cum[lo]) - w.offset
	return max(state.Time(t), 0)
}

// scale is a x b / c for 0 <= a < c or 0 <= b <= c, truncated.
func scale(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q)
}
