package scenarios

import (
	"fmt"

	"github.com/orrery-sim/orrery/scenarios/gen"
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

func (c *genCompiler) sizes(sizes []DrawnSize) {
	if sizes == nil {
		return
	}
	c.spec.Sizes = nil
	for i := range sizes {
		x := &sizes[i]
		out := gen.Size{Weight: uint64(x.Weight), PodGPUs: value(x.PodGPUs), Milli: value(x.GPUMilli)}
		switch {
		case x.GPUs != nil && x.To != nil:
			c.fail(fmt.Sprintf("sizes[%d].to", i), "a range beside gpus").Want("from and to, or gpus")
		case x.GPUs != nil:
			out.From = *x.GPUs
		case x.To == nil:
			c.fail(fmt.Sprintf("sizes[%d]", i), "a range without its end").Want("to: its largest size")
		default:
			out.From, out.To = *x.From, *x.To
		}
		if x.CPUs != nil {
			out.CPUMilli = int64(*x.CPUs) / 1000
		}
		if x.Memory != nil {
			out.MemMiB = mebibytes(*x.Memory)
		}
		c.spec.Sizes = append(c.spec.Sizes, out)
	}
}

// mebibytes rounds up, so that a job never asks for less than was written.
func mebibytes(b Bytes) int64 { return int64((b + 1<<20 - 1) >> 20) }

func value(v *int64) int64 {
	if v == nil {
		return 0
	}
	return *v
}

// people is types, users, queues and priorities.
func (c *genCompiler) people(g *Generator) {
	s := &c.spec
	if g.GPUTypes != nil {
		s.Types = nil
		for _, t := range g.GPUTypes {
			s.Types = append(s.Types, gen.TypeShare{Weight: uint64(t.Weight), AnyOf: t.AnyOf})
		}
	}
	if g.Users != nil {
		s.Users = gen.Users{Count: g.Users.Count, ExponentMicro: int64(g.Users.Exponent), Prefix: g.Users.Prefix}
	}
	if g.Queues != nil {
		s.Queues.Shares = nil
		for _, q := range g.Queues {
			s.Queues.Shares = append(s.Queues.Shares, gen.NameShare{Name: q.Name, Weight: uint64(q.Weight)})
		}
	}
	if g.QueuesByUser != nil {
		s.Queues.ByUser = *g.QueuesByUser
	} else if s.Users.Count == 0 || len(s.Queues.Shares) == 0 {
		s.Queues.ByUser = false // a preset's wish that its replaced parts leave no room for
	}
	if g.Priorities != nil {
		s.Priorities = nil
		for _, p := range g.Priorities {
			s.Priorities = append(s.Priorities, gen.PriorityShare{Value: p.Value, Weight: uint64(p.Weight)})
		}
	}
}

func (c *genCompiler) outcomes(bands []DrawnOutcomes) {
	if bands == nil {
		return
	}
	c.spec.Outcomes = nil
	for i := range bands {
		b := &bands[i]
		var out gen.OutcomeBand
		if b.UpTo != nil {
			out.UpTo = b.UpTo.Time()
		}
		for _, s := range []struct {
			outcome state.Outcome
			weight  int64
			factor  *Fixed
		}{{state.Finished, b.Finished, b.FinishedFactor}, {state.Failed, b.Failed, b.FailedFactor}, {state.Cancelled, b.Cancelled, b.CancelledFactor}} {
			share := gen.OutcomeShare{Outcome: s.outcome, Weight: uint64(s.weight)}
			if s.factor != nil {
				share.Factor = int64(*s.factor)
				if *s.factor <= 0 {
					c.fail(fmt.Sprintf("outcomes[%d].%vFactor", i, s.outcome), "a factor of %s", s.factor.FormatYAML()).Want("more than 0")
				}
			}
			out.Shares = append(out.Shares, share)
		}
		c.spec.Outcomes = append(c.spec.Outcomes, out)
	}
}

func (c *genCompiler) estimates(e *DrawnEstimates) {
	if e == nil {
		return
	}
	out := gen.Estimates{Given: e.From != "none", Low: gen.One, High: gen.One}
	if e.From != "factor" && (e.Factor != nil || e.Round != nil || e.Classes != nil) {
		c.fail("estimates", "estimates that are %q with factor, round or classes", e.From).Do("leave from out, or the others")
	}
	if e.Factor != nil {
		out.Low, out.High = int64(e.Factor.From), int64(e.Factor.To)
	}
	if e.Round != nil {
		out.Round = e.Round.Time()
	}
	for _, d := range e.Classes {
		out.Classes = append(out.Classes, d.Time())
	}
	c.spec.Estimates = out
}

// durations compiles the classes; each has exactly one distribution.
func (c *genCompiler) durations(classes []DrawnDurations) {
	if classes == nil {
		return
	}
	c.spec.Durations = nil
	for i := range classes {
		d := &classes[i]
		path := fmt.Sprintf("durations[%d]", i)
		out := gen.DurationClass{UpTo: value(d.UpTo), Min: span(d.Min), Max: span(d.Max), Round: span(d.Round)}
		if d.Mixture != nil {
			out.Dist = c.mixture(path+".mixture", d.Mixture)
		} else {
			out.Dist = c.distribution(path, &d.DrawnTime)
		}
		c.spec.Durations = append(c.spec.Durations, out)
	}
}

func (c *genCompiler) mixture(path string, parts []DrawnPart) rng.Dist {
	var all []rng.Part
	for i := range parts {
		all = append(all, rng.Part{Weight: uint64(parts[i].Weight), Dist: c.distribution(fmt.Sprintf("%s[%d]", path, i), &parts[i].DrawnTime)})
	}
	if c.failed {
		return nil
	}
	m, err := rng.NewMixture(all...)
	if err != nil {
		c.fail(path, "%v", err)
		return nil
	}
	return m
}

func span(d *Duration) state.Time {
	if d == nil {
		return 0
	}
	return d.Time()
}
