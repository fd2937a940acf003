package metric

import "github.com/orrery-sim/orrery/sim/state"

// level is an amount over time whose integral is wanted: the sum of d x (T - t) over all changes d at t is
// now x T - moment, so that a change needs no look at the last one.
type level struct {
	now    int64
	moment state.Wide
}

// add changes the level by d at t (not negative).
func (l *level) add(d, t int64) {
	l.now += d
	if d >= 0 {
		l.moment.AddMul(d, t)
		return
	}
	var w state.Wide
	w.AddMul(-d, t)
	l.moment.Sub(w)
}

// integral is the area from the clip instant of all changes up to t, which is not before the last change.
func (l *level) integral(t int64) state.Wide {
	var w state.Wide
	w.AddMul(l.now, t)
	w.Sub(l.moment)
	return w
}

// grown makes s long enough for index i.
func grown[T any](s []T, i int) []T {
	for len(s) <= i {
		var zero T
		s = append(s, zero)
	}
	return s
}
