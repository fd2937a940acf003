package metric

import (
	"slices"

	"github.com/orrery-sim/orrery/sim/state"
)

// Own is a series of the policy's own: a step function from its first value on. Values are in the unit that the policy gave,
// which reports cannot know.
type Own struct {
	Name                 string
	Mean, Min, Max, Last float64 // Mean is over time, from the first value to the end
	Values               int64
}

// own follows the policy's own series, by name id; values are millionths.
type own struct {
	from, since    state.Time
	now, low, high int64
	sum            state.Wide // value x ns
	n              int64
}

// set says that the value is v from t on.
func (o *own) set(v int64, t state.Time) {
	if o.n == 0 {
		*o = own{from: t, since: t, low: v, high: v}
	}
	o.cover(t)
	o.now, o.low, o.high = v, min(o.low, v), max(o.high, v)
	o.n++
}

func (o *own) cover(t state.Time) {
	addSigned(&o.sum, o.now, int64(t-o.since))
	o.since = t
}

// addSigned adds v x ns for a value of either sign.
func addSigned(w *state.Wide, v, ns int64) {
	var p state.Wide
	if v >= 0 {
		w.AddMul(v, ns)
		return
	}
	p.AddMul(-v, ns)
	w.Sub(p)
}

// result is the series up to an instant.
func (o own) result(name string, to state.Time) Own {
	o.cover(max(to, o.since))
	const unit = 1e6
	out := Own{Name: name, Min: float64(o.low) / unit, Max: float64(o.high) / unit, Last: float64(o.now) / unit, Values: o.n}
	out.Mean = out.Last
	if span := int64(o.since - o.from); span > 0 {
		out.Mean = o.sum.Float(span) / unit
	}
	return out
}

// owns are the results of all series, by name.
func owns(list []own, names *state.Symbols, to state.Time) (out []Own) {
	for i := range list {
		if list[i].n > 0 {
			out = append(out, list[i].result(names.Name(int32(i)), to))
		}
	}
	slices.SortFunc(out, func(a, b Own) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}
