package rng

import (
	"fmt"
	"math"
)

// A Dist turns one uniform number in (0, 1) into a variate. Implementations are plain values that never change, so
// that a copy is a clone; all but Mixture are quantile functions and rise with u.
type Dist interface {
	Quantile(u float64) float64
	// Validate says which parameter is out of range; Quantile may return nonsense until it is nil.
	Validate() error
}

var _ = [...]Dist{Constant{}, Uniform{}, Exponential{}, Normal{}, Lognormal{}, Weibull{}, Pareto{}, Geometric{}, Empirical{}, Mixture{}}

// Constant is always Value; it takes its uniform number all the same.
type Constant struct{ Value float64 }

// Quantile is Value.
func (d Constant) Quantile(float64) float64 { return d.Value }

// Validate wants a finite value.
func (d Constant) Validate() error { return finite("constant", "value", d.Value) }

// Uniform is uniform between Low and High.
type Uniform struct{ Low, High float64 }

// Quantile is Low + u (High - Low).
func (d Uniform) Quantile(u float64) float64 { return d.Low + mul(u, d.High-d.Low) }

// Validate wants finite Low <= High.
func (d Uniform) Validate() error {
	if !(d.Low <= d.High) || math.IsInf(d.High-d.Low, 0) {
		return fmt.Errorf("uniform: got low %v and high %v, want finite low <= high", d.Low, d.High)
	}
	return nil
}

// Exponential has mean Mean, in the unit of the variate.
type Exponential struct{ Mean float64 }

// Quantile is -Mean log(1-u).
func (d Exponential) Quantile(u float64) float64 { return mul(d.Mean, -Log1p(-u)) }

// Validate wants a positive mean.
func (d Exponential) Validate() error { return positive("exponential", "mean", d.Mean) }

// Normal has mean Mean and standard deviation SD.
type Normal struct{ Mean, SD float64 }

// Quantile is Mean + SD z(u).
func (d Normal) Quantile(u float64) float64 { return d.Mean + mul(d.SD, NormalQuantile(u)) }

// Validate wants a finite mean and a positive deviation.
func (d Normal) Validate() error {
	return first(finite("normal", "mean", d.Mean), positive("normal", "sd", d.SD))
}

// Lognormal is e^(Mu + Sigma z): Mu and Sigma are the mean and deviation of the logarithm, the median is e^Mu.
type Lognormal struct{ Mu, Sigma float64 }

// Quantile is e^(Mu + Sigma z(u)).
func (d Lognormal) Quantile(u float64) float64 { return Exp(d.Mu + mul(d.Sigma, NormalQuantile(u))) }

// Validate wants a finite Mu and a positive Sigma.
func (d Lognormal) Validate() error {
	return first(finite("lognormal", "mu", d.Mu), positive("lognormal", "sigma", d.Sigma))
}

// Weibull has scale Scale, in the unit of the variate, and shape Shape: below 1 the hazard falls with age.
type Weibull struct{ Scale, Shape float64 }

// Quantile is Scale (-log(1-u))^(1/Shape).
func (d Weibull) Quantile(u float64) float64 { return mul(d.Scale, Pow(-Log1p(-u), 1/d.Shape)) }

// Validate wants a positive scale and shape.
func (d Weibull) Validate() error {
	return first(positive("weibull", "scale", d.Scale), positive("weibull", "shape", d.Shape))
}

// Pareto is at least Min, with P(X > x) = (Min/x)^Shape.
type Pareto struct{ Min, Shape float64 }

// Quantile is Min (1-u)^(-1/Shape).
func (d Pareto) Quantile(u float64) float64 { return mul(d.Min, Pow(1-u, -1/d.Shape)) }

// Validate wants a positive minimum and shape.
func (d Pareto) Validate() error {
	return first(positive("pareto", "min", d.Min), positive("pareto", "shape", d.Shape))
}

// Geometric counts the trials up to and with the first success, each of probability P: 1, 2, ... with mean 1/P.
type Geometric struct{ P float64 }

// Quantile is the smallest n >= 1 with 1 - (1-P)^n >= u, as a float; at the steps themselves rounding may decide.
func (d Geometric) Quantile(u float64) float64 {
	if d.P >= 1 {
		return 1
	}
	return max(1, math.Ceil(Log1p(-u)/Log1p(-d.P)))
}

// Validate wants 0 < P <= 1.
func (d Geometric) Validate() error {
	if !(d.P > 0 && d.P <= 1) {
		return fmt.Errorf("geometric: got p %v, want a probability above 0 and at most 1", d.P)
	}
	return nil
}

// Nanoseconds rounds seconds to the nearest nanosecond, halves away from zero, and keeps the result between 0 and the
// largest int64: how a draw becomes a time. NaN is a programming error and panics. (Go leaves the conversion of a float
// too large to the processor.)
func Nanoseconds(seconds float64) int64 {
	ns := mul(seconds, 1e9)
	switch {
	case ns != ns:
		panic("rng: a duration that is not a number was drawn")
	case ns <= 0:
		return 0
	case ns >= 0x1p63:
		return math.MaxInt64
	case ns >= 0x1p52:
		return int64(ns) // whole already
	}
	return int64(ns + 0.5)
}

func finite(dist, name string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%s: got %s %v, want a finite number", dist, name, v)
	}
	return nil
}

func positive(dist, name string, v float64) error {
	if !(v > 0) || math.IsInf(v, 0) {
		return fmt.Errorf("%s: got %s %v, want a finite number above 0", dist, name, v)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
