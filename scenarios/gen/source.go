package gen

import (
	"fmt"
	"strconv"

	"github.com/orrery-sim/orrery/sim/rng"
	"github.com/orrery-sim/orrery/sim/state"
)

// Source draws the jobs of a Spec in order of submission. It implements state.Source.
type Source struct {
	plan   *plan `snapshot:"keep"`
	types  []TypeShare
	names  *state.Names
	users  labels
	queues labels
	masks  []uint64 // of types, in these names

	delivered int64
	next      uint64     // session that begins next
	units     int64      // when, in units
	begins    state.Time // and as an instant
	open      sessions   // begun and not ended
}

var _ state.Source = (*Source)(nil)

// New checks a Spec and returns its jobs under a seed; names are interned as they are drawn. The error is Faults, or says
// that there are too many GPU types.
func New(spec Spec, seed uint64, names *state.Names) (*Source, error) {
	if faults := spec.Check(); len(faults) > 0 {
		return nil, faults
	}
	p, err := newPlan(&spec, seed, names)
	if err != nil {
		return nil, err
	}
	s := &Source{plan: p, types: spec.Types, masks: p.types.values, names: names,
		users: newUsers(spec.Users), queues: newQueues(spec.Queues), units: p.firstGap()}
	s.begins = p.begin(s.units)
	return s, nil
}

// Clone returns an independent source at the same place.
func (s *Source) Clone(names *state.Names) (state.Source, error) {
	c := *s
	c.names, c.users, c.queues = names, s.users.clone(), s.queues.clone()
	c.open = append(sessions(nil), s.open...)
	if len(s.types) == 0 {
		return &c, nil
	}
	c.masks = make([]uint64, len(s.masks))
	for i, t := range s.types {
		for _, name := range t.AnyOf {
			bit, err := names.TypeBit([]byte(name))
			if err != nil {
				return nil, err
			}
			c.masks[i] |= bit
		}
	}
	return &c, nil
}

// Next draws the next job.
func (s *Source) Next(spec *state.JobSpec) (bool, error) {
	if s.delivered == s.plan.jobs {
		return false, nil
	}
	at, submit := s.arrive()
	if submit > lastInstant {
		return false, fmt.Errorf("generator: job %d would be submitted more than 73 years after the start: ask for a higher rate", s.delivered+1)
	}
	s.delivered++
	spec.Reset()
	if round := s.plan.arrivals.Round; round > 1 {
		submit -= submit % round
	}
	spec.Submit = submit
	spec.Name = strconv.AppendInt(spec.Name, s.delivered, 10)
	role, class := s.plan.size(at)
	spec.Duration, spec.Outcome = s.plan.run(at, class)
	spec.Estimate = s.plan.estimate(at, spec.Duration)
	if len(s.masks) > 0 && role.PodGPUs > 0 {
		st := s.plan.keys.kind.Stream(at.session, 0)
		role.TypeMask = s.masks[s.plan.types.pick.Draw(&st)]
	}
	spec.Roles = append(spec.Roles, role)
	s.owner(spec, at)
	return true, nil
}

// owner draws user, queue and priority.
func (s *Source) owner(spec *state.JobSpec, at place) {
	user := 0
	if len(s.users.ids) > 0 {
		st := s.plan.keys.user.Stream(at.session, 0)
		user = s.plan.users.Draw(&st)
		spec.User = s.users.id(user, &s.names.Users)
	}
	if len(s.queues.ids) > 0 {
		entity := at.session
		if s.plan.byUser {
			entity = uint64(user)
		}
		st := s.plan.keys.queue.Stream(entity, 0)
		spec.Queue = s.queues.id(s.plan.queues.Draw(&st), &s.names.Queues)
	}
	if len(s.plan.prios.values) > 0 {
		st := s.plan.keys.prio.Stream(at.session, 0)
		spec.Priority = s.plan.prios.values[s.plan.prios.pick.Draw(&st)]
	}
}

// arrive is the job that comes next, and when.
func (s *Source) arrive() (place, state.Time) {
	if len(s.open) > 0 && s.open[0].at <= s.begins {
		now := s.open[0]
		if now.n+1 < now.length {
			s.open[0].n++
			s.open[0].at = s.pause(now.at, place{now.session, now.n + 1})
			s.open.down()
		} else {
			s.open.pop()
		}
		return now.place, now.at
	}
	at, now := s.begins, place{s.next, 0}
	if n := s.plan.length(now.session); n > 1 {
		s.open.push(session{place: place{now.session, 1}, at: s.pause(at, place{now.session, 1}), length: n})
	}
	s.next++
	s.units += s.plan.gap(s.next)
	s.begins = s.plan.begin(s.units)
	return now, at
}

// pause is when the job at a place comes, after the one before it in its session.
func (s *Source) pause(before state.Time, at place) state.Time {
	if s.plan.arrivals.SessionGap == 0 {
		return before
	}
	st := s.plan.keys.pause.Stream(at.session, at.n)
	seconds := float64(s.plan.arrivals.SessionGap) / float64(state.Second)
	return before.Add(state.Time(rng.Nanoseconds(rng.Exponential{Mean: seconds}.Quantile(st.Float64()))))
}
