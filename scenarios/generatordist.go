package scenarios

import (
	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// seconds is a span as the number that distributions are in; one division, so it is the same everywhere.
func seconds(d Duration) float64 { return float64(d) / float64(state.Second) }

// number is a Fixed as a float.
func number(f Fixed) float64 { return float64(f) / float64(gen.One) }

// distribution is the one that is given; nil where something is wrong with it, which is recorded.
func (c *genCompiler) distribution(path string, d *DrawnTime) rng.Dist {
	var dist rng.Dist
	key := ""
	switch {
	case d.Constant != nil:
		key, dist = "constant", rng.Constant{Value: seconds(*d.Constant)}
	case d.Uniform != nil:
		key, dist = "uniform", rng.Uniform{Low: seconds(d.Uniform.From), High: seconds(d.Uniform.To)}
	case d.Exponential != nil:
		key, dist = "exponential", rng.Exponential{Mean: seconds(d.Exponential.Mean)}
	case d.Lognormal != nil:
		return c.lognormal(path+".lognormal", d.Lognormal)
	case d.Weibull != nil:
		key, dist = "weibull", rng.Weibull{Scale: seconds(d.Weibull.Scale), Shape: number(d.Weibull.Shape)}
	case d.Pareto != nil:
		key, dist = "pareto", rng.Pareto{Min: seconds(d.Pareto.Min), Shape: number(d.Pareto.Shape)}
	default:
		knots := make([]rng.Knot, len(d.Quantiles))
		for i, q := range d.Quantiles {
			knots[i] = rng.Knot{P: number(q.P), Value: seconds(q.Value)}
		}
		e, err := rng.NewEmpirical(knots, true)
		if err != nil {
			c.fail(path+".quantiles", "%v", err)
			return nil
		}
		return e
	}
	if err := dist.Validate(); err != nil {
		c.fail(path+"."+key, "%v", err)
		return nil
	}
	return dist
}

// lognormal takes the parameters as they are, or from the quantiles.
func (c *genCompiler) lognormal(path string, d *DrawnLognormal) rng.Dist {
	var out rng.Lognormal
	if d.P50 != nil {
		if *d.P50 <= 0 {
			c.fail(path+".p50", "a median of 0").Want("more than 0s")
			return nil
		}
		out.Mu = rng.Log(seconds(*d.P50))
	} else {
		out.Mu = number(*d.Mu)
	}
	if d.P90 != nil {
		if *d.P90 <= 0 {
			c.fail(path+".p90", "a quantile of 0").Want("more than 0s")
			return nil
		}
		out.Sigma = (rng.Log(seconds(*d.P90)) - out.Mu) / rng.NormalQuantile(.9)
		if out.Sigma <= 0 {
			c.fail(path+".p90", "nine tenths of jobs are not longer than half of them").Want("more than the median")
			return nil
		}
	} else {
		out.Sigma = number(*d.Sigma)
	}
	if out.Mu > 50 || out.Mu < -50 {
		c.fail(path+".mu", "a mean logarithm of %s", d.Mu.FormatYAML()).Want("-50 to 50")
		return nil
	}
	if err := out.Validate(); err != nil {
		c.fail(path, "%v", err)
		return nil
	}
	return out
}
