package rng

import (
	"fmt"
	"math"
)

// A Knot says that a share P of all values is at most Value.
type Knot struct{ P, Value float64 }

// Empirical interpolates between measured quantiles, in the values or in their logarithms. Make it with NewEmpirical;
// copies share the knots, which never change.
type Empirical struct {
	knots []Knot
	logs  []float64 // logarithms of the values, nil for a linear one
}

// NewEmpirical takes quantiles that start at P = 0, end at P = 1, rise in P and never fall in value. Where only inner
// quantiles were published the caller must say what the ends are: nothing is extrapolated. inLog interpolates the
// logarithm, which suits durations; the values must then be positive.
func NewEmpirical(knots []Knot, inLog bool) (Empirical, error) {
	if len(knots) < 2 || knots[0].P != 0 || knots[len(knots)-1].P != 1 {
		return Empirical{}, fmt.Errorf("empirical: got %d quantiles, want at least two, the first at 0 and the last at 1", len(knots))
	}
	d := Empirical{knots: append([]Knot(nil), knots...)}
	for i, k := range knots {
		if err := finite("empirical", fmt.Sprintf("value %d", i+1), k.Value); err != nil {
			return Empirical{}, err
		}
		if i > 0 && (!(k.P > knots[i-1].P) || k.Value < knots[i-1].Value) {
			return Empirical{}, fmt.Errorf("empirical: got quantile %d (%v at %v) after (%v at %v), want rising shares and values that do not fall",
				i+1, k.Value, k.P, knots[i-1].Value, knots[i-1].P)
		}
		if inLog {
			if k.Value <= 0 {
				return Empirical{}, fmt.Errorf("empirical: got value %v at %v, want values above 0 to interpolate logarithms", k.Value, k.P)
			}
			d.logs = append(d.logs, Log(k.Value))
		}
	}
	return d, nil
}

// Validate fails for a value that NewEmpirical did not make.
func (d Empirical) Validate() error {
	if len(d.knots) < 2 {
		return fmt.Errorf("empirical: got no quantiles, want it made by NewEmpirical")
	}
	return nil
}

// Quantile is exact at the knots.
func (d Empirical) Quantile(u float64) float64 {
	lo, hi := 0, len(d.knots)-1
	for hi-lo > 1 {
		mid := int(uint(lo+hi) / 2)
		if d.knots[mid].P <= u {
			lo = mid
		} else {
			hi = mid
		}
	}
	a, b := d.knots[lo], d.knots[hi]
	t := (u - a.P) / (b.P - a.P)
	switch {
	case t <= 0 || a.Value == b.Value:
		return a.Value
	case t >= 1:
		return b.Value
	case d.logs == nil:
		return a.Value + mul(t, b.Value-a.Value)
	}
	v := Exp(d.logs[lo] + mul(t, d.logs[hi]-d.logs[lo]))
	return math.Min(math.Max(v, a.Value), b.Value)
}
