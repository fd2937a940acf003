package gen

import (
	"math"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// unit is the mean gap between two sessions in the units in which gaps are drawn.
const unit int64 = 1_000_000_000

// gap draws the gap before a session, in units. The first session of most processes has none.
func (p *plan) gap(session uint64) int64 {
	switch p.arrivals.Process {
	case AtOnce:
		return 0
	case Even:
		return unit
	}
	st := p.keys.gap.Stream(session, 0)
	return rng.Nanoseconds(rng.Exponential{Mean: 1}.Quantile(st.Float64()))
}

// length draws how many jobs a session has.
func (p *plan) length(session uint64) uint64 {
	if p.sessions.P >= 1 {
		return 1
	}
	st := p.keys.session.Stream(session, 0)
	return uint64(p.sessions.Quantile(st.Float64()))
}

// begin is the instant at which a session begins so many units after instant 0, not yet rounded.
func (p *plan) begin(units int64) state.Time {
	return p.week.simulated(state.MulDiv(state.Time(units), p.num, p.den))
}

// pace sets how long a unit is.
func (p *plan) pace(s *Spec) error {
	p.num, p.den = 0, 1
	if p.arrivals.Process == AtOnce {
		return nil
	}
	if s.Load.OfMicro > 0 {
		return p.paceLoad(s.Load)
	}
	perSession := state.MulDiv(s.Arrivals.Interval, max(One, s.Arrivals.SessionJobs), One)
	if s.Arrivals.Process != UniformArrivals {
		p.num, p.den = int64(perSession), unit
		return nil
	}
	// Partial sums of exponential gaps, divided by the sum with one gap more, are ordered uniform numbers.
	units, last := p.tour(nil)
	p.num, p.den = int64(state.MulDiv(s.Arrivals.Interval, s.Jobs, 1)), max(units+p.gap(last+1), 1)
	return nil
}

// tour walks over the sessions that the jobs need, and over the jobs. It returns the units at which the last session begins,
// and its number.
func (p *plan) tour(visit func(place)) (units int64, session uint64) {
	units = p.firstGap()
	for left := p.jobs; ; {
		n := p.length(session)
		for k := uint64(0); k < n && left > 0; k++ {
			if visit != nil {
				visit(place{session, k})
			}
			left--
		}
		if left == 0 {
			return units, session
		}
		session++
		units += p.gap(session)
	}
}

// firstGap is when the first session begins.
func (p *plan) firstGap() int64 {
	if p.arrivals.Process == UniformArrivals {
		return p.gap(0)
	}
	return 0
}

// paceLoad stretches the gaps so that the jobs offer the load that is asked for.
func (p *plan) paceLoad(l Load) error {
	if p.arrivals.Process == UniformArrivals {
		p.arrivals.Process = Poisson // the same, given the span
	}
	var demand state.Wide // ns x thousandths of GPUs x 1000
	units, _ := p.tour(func(at place) {
		role, class := p.size(at)
		run, _ := p.run(at, class)
		demand.AddMul(int64(run), int64(role.Replicas)*int64(role.PodGPUs)*int64(role.GPUMilli)*1000)
	})
	capacity := l.OfMicro * l.GPUs // at most 10^18
	if demand.IsZero() {
		return Faults{{"load", "the jobs ask for no GPU time", "jobs with GPUs and running times above 0"}}
	}
	if demand.Float(capacity) > float64(maxSpan) {
		return Faults{{"load", "the jobs span more than 100 years at this load", "a higher load, more GPUs or fewer jobs"}}
	}
	span := state.Time(demand.Div(capacity))
	if units == 0 {
		return Faults{{"load", "all jobs belong to one session", "more jobs, or shorter sessions"}}
	}
	p.num, p.den = int64(p.week.operational(span)), units
	return nil
}

// lastInstant bounds submissions, far from where sums of times could overflow.
const lastInstant = state.Time(math.MaxInt64 / 4)
