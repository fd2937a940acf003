package gen

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// plan is a Spec made ready to draw from. It never changes, so clones share it.
type plan struct {
	jobs     int64
	keys     keys
	arrivals Arrivals
	week     *week
	sessions rng.Geometric
	num, den int64 // operational ns = unit x num / den

	choose    rng.Choice // of sizes
	sizes     []size
	durations []DurationClass
	types     choice[uint64]
	users     rng.Choice
	queues    rng.Choice
	byUser    bool
	prios     choice[int32]
	bands     []band
	estimates Estimates
}

// choice is a list of values with their weights; empty for none.
type choice[T any] struct {
	pick   rng.Choice
	values []T
}

// band is an OutcomeBand made ready.
type band struct {
	upTo     state.Time
	pick     rng.Choice
	outcomes []state.Outcome
	factors  []float64
}

// size is a Size with the role that it asks for; for a range, the role of one GPU.
type size struct {
	from, n uint64
	role    state.RoleSpec
	cpu     int64 // of each GPU, for a range
	mem     int64
	class   int32 // of durations; -1 where the sizes of the range differ in it
}

// keys open the streams, one for each purpose.
type keys struct{ gap, session, pause, size, kind, user, queue, prio, run, outcome, estimate rng.Key }

func newKeys(seed, stream uint64) keys {
	key := func(purpose string) rng.Key { return rng.NewKey(seed, fmt.Sprintf("gen/%d/%s", stream, purpose)) }
	return keys{gap: key("gap"), session: key("session"), pause: key("pause"), size: key("size"), kind: key("type"),
		user: key("user"), queue: key("queue"), prio: key("priority"), run: key("duration"), outcome: key("outcome"),
		estimate: key("estimate")}
}

// newPlan compiles a Spec that passed its check.
func newPlan(s *Spec, seed uint64, names *state.Names) (*plan, error) {
	p := &plan{jobs: s.Jobs, keys: newKeys(seed, s.Stream), arrivals: s.Arrivals, durations: s.Durations,
		byUser: s.Queues.ByUser, estimates: s.Estimates, sessions: rng.Geometric{P: 1}}
	p.week = newWeek(&s.Arrivals.Hours, &s.Arrivals.Days, s.Arrivals.WeekOffset)
	if s.Arrivals.SessionJobs > One {
		p.sessions.P = float64(One) / float64(s.Arrivals.SessionJobs)
	}
	p.addSizes(s)
	if err := p.addTypes(s.Types, names); err != nil {
		return nil, err
	}
	p.users = zipf(s.Users)
	if len(s.Queues.Shares) > 0 {
		p.queues = choose(len(s.Queues.Shares), func(i int) uint64 { return s.Queues.Shares[i].Weight })
	}
	if len(s.Priorities) > 0 {
		p.prios.pick = choose(len(s.Priorities), func(i int) uint64 { return s.Priorities[i].Weight })
		for _, x := range s.Priorities {
			p.prios.values = append(p.prios.values, x.Value)
		}
	}
	for i := range s.Outcomes {
		p.bands = append(p.bands, newBand(&s.Outcomes[i]))
	}
	return p, p.pace(s)
}

// choose makes a choice of n weights that passed the check.
func choose(n int, weight func(int) uint64) rng.Choice {
	w := make([]uint64, n)
	for i := range w {
		w[i] = weight(i)
	}
	c, err := rng.NewChoice(w)
	if err != nil {
		panic("gen: weights passed the check and fail: " + err.Error())
	}
	return c
}

// zipf gives the k-th user the weight k^-exponent, in 10^-12 and at least 1.
func zipf(u Users) rng.Choice {
	if u.Count == 0 {
		return rng.Choice{}
	}
	exponent := -float64(u.ExponentMicro) / float64(One)
	return choose(int(u.Count), func(i int) uint64 {
		return max(1, uint64(rng.Nanoseconds(float64(1000*rng.Pow(float64(i+1), exponent)))))
	})
}

func newBand(b *OutcomeBand) band {
	out := band{upTo: b.UpTo, pick: choose(len(b.Shares), func(i int) uint64 { return b.Shares[i].Weight })}
	if out.upTo == 0 {
		out.upTo = state.Never
	}
	for _, s := range b.Shares {
		factor := 1.0
		if s.Factor != 0 {
			factor = float64(s.Factor) / float64(One)
		}
		out.outcomes, out.factors = append(out.outcomes, s.Outcome), append(out.factors, factor)
	}
	return out
}

func (p *plan) addTypes(shares []TypeShare, names *state.Names) error {
	if len(shares) == 0 {
		return nil
	}
	p.types.pick = choose(len(shares), func(i int) uint64 { return shares[i].Weight })
	for _, s := range shares {
		var mask uint64
		for _, name := range s.AnyOf {
			bit, err := names.TypeBit([]byte(name))
			if err != nil {
				return err
			}
			mask |= bit
		}
		p.types.values = append(p.types.values, mask)
	}
	return nil
}

func (p *plan) addSizes(s *Spec) {
	p.choose = choose(len(s.Sizes), func(i int) uint64 { return s.Sizes[i].Weight })
	for i := range s.Sizes {
		x := &s.Sizes[i]
		to := max(x.From, x.To)
		out := size{from: uint64(x.From), n: uint64(to-x.From) + 1, cpu: s.CPUMilli, mem: s.MemMiB, class: p.classOf(x.From)}
		if p.classOf(to) != out.class {
			out.class = -1
		}
		out.role = role(x, s.CPUMilli, s.MemMiB)
		p.sizes = append(p.sizes, out)
	}
}

// role is what a job of x.From GPUs asks for.
func role(x *Size, cpu, mem int64) state.RoleSpec {
	r := state.RoleSpec{Replicas: 1, GPUMilli: 1000, CPUMilli: x.CPUMilli, MemMiB: x.MemMiB}
	if x.From == 0 {
		return r
	}
	gpus := x.From
	if x.Milli != 0 {
		r.GPUMilli = int32(x.Milli)
	}
	switch {
	case r.GPUMilli < 1000:
		// Several parts of GPUs are pods of one each: a device is shared by whole pods only.
		r.Replicas, r.PodGPUs = int32(gpus), 1
		r.CPUMilli, r.MemMiB = part(x.CPUMilli, gpus)+cpu*int64(r.GPUMilli)/1000, part(x.MemMiB, gpus)+mem*int64(r.GPUMilli)/1000
	case x.PodGPUs == 0:
		r.Replicas, r.PodGPUs, r.Flags = int32(gpus), 1, state.RoleSplit
		r.CPUMilli, r.MemMiB = x.CPUMilli+cpu*gpus, x.MemMiB+mem*gpus
	default:
		pod := min(gpus, x.PodGPUs)
		r.Replicas, r.PodGPUs = int32(gpus/pod), int32(pod)
		r.CPUMilli, r.MemMiB = part(x.CPUMilli, gpus/pod)+cpu*pod, part(x.MemMiB, gpus/pod)+mem*pod
	}
	return r
}

// part is an n-th of what a whole job asks for, rounded up.
func part(total, n int64) int64 { return (total + n - 1) / n }

// classOf is the class of running times of a job of so many GPUs.
func (p *plan) classOf(gpus int64) int32 {
	for i := range p.durations {
		if d := &p.durations[i]; d.UpTo == 0 && i == len(p.durations)-1 || gpus <= d.UpTo {
			return int32(i)
		}
	}
	return int32(len(p.durations) - 1)
}
