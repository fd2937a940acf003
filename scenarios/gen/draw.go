package gen

import (
	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// place identifies a job: its session and its place in it. What the jobs of a session share is drawn at place 0.
type place struct{ session, n uint64 }

// size draws what the job asks for; the role's type constraint is left open.
func (p *plan) size(at place) (role state.RoleSpec, class int32) {
	st := p.keys.size.Stream(at.session, 0)
	i := 0
	if len(p.sizes) > 1 {
		i = p.choose.Draw(&st)
	}
	z := &p.sizes[i]
	if z.n == 1 {
		return z.role, z.class
	}
	more := int64(st.Uint64N(z.n))
	role, class = z.role, z.class
	gpus := int64(z.from) + more
	if role.Flags&state.RoleSplit != 0 || role.GPUMilli < 1000 {
		role.Replicas += int32(more)
	} else {
		role.PodGPUs += int32(more) // one pod: ranges do not go beyond it
	}
	if role.GPUMilli == 1000 {
		role.CPUMilli += z.cpu * more
		role.MemMiB += z.mem * more
	}
	if class < 0 {
		class = p.classOf(gpus)
	}
	return role, class
}

// run draws how long the job runs and how it ends.
func (p *plan) run(at place, class int32) (state.Time, state.Outcome) {
	d := &p.durations[class]
	st := p.keys.run.Stream(at.session, at.n)
	seconds := d.Dist.Quantile(st.Float64())
	outcome := state.Finished
	if len(p.bands) > 0 {
		b := &p.bands[0]
		if len(p.bands) > 1 {
			drawn := state.Time(rng.Nanoseconds(seconds))
			for i := 1; drawn > b.upTo; i++ {
				b = &p.bands[i]
			}
		}
		st := p.keys.outcome.Stream(at.session, at.n)
		k := b.pick.Draw(&st)
		outcome, seconds = b.outcomes[k], float64(seconds*b.factors[k])
	}
	t := state.Time(rng.Nanoseconds(seconds))
	if d.Round > 1 {
		t = nearest(t, d.Round)
	}
	t = max(t, d.Min)
	if d.Max > 0 {
		t = min(t, d.Max)
	}
	return min(t, maxSpan), outcome
}

// nearest rounds to a multiple of unit, halves up.
func nearest(t, unit state.Time) state.Time {
	t = t.Add(unit / 2)
	return t - t%unit
}

// roundUp rounds to a multiple of unit, up.
func roundUp(t, unit state.Time) state.Time {
	if rest := t % unit; rest != 0 {
		return t - rest + unit
	}
	return t
}

// estimate is what the user says about a running time.
func (p *plan) estimate(at place, run state.Time) state.Time {
	e := &p.estimates
	if !e.Given {
		return state.Unset
	}
	if e.Low != One || e.High != One {
		factor := e.Low
		if e.High > e.Low {
			st := p.keys.estimate.Stream(at.session, at.n)
			factor += int64(st.Uint64N(uint64(e.High-e.Low) + 1))
		}
		run = min(state.MulDiv(run, factor, One), maxSpan)
	}
	if e.Round > 1 {
		run = roundUp(run, e.Round)
	}
	if len(e.Classes) == 0 {
		return run
	}
	for _, c := range e.Classes {
		if run <= c {
			return c
		}
	}
	return e.Classes[len(e.Classes)-1]
}
