package play

import (
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// RoleAsk is what a job says of one of its roles, where roles differ in what they do.
type RoleAsk struct {
	Name   string // as the request spells it
	After  []RoleDep
	Serves bool // it runs for as long as others do and ends nothing: parameter servers, evaluators
	Leads  bool // its end is the job's
}

// RoleDep is another role, by its place, that must run or have finished first.
type RoleDep struct {
	Role     int
	Finished bool
}

// RoleSpan is when the pods of a role run, counted from the instant at which the job does. Never: to the end of the job.
type RoleSpan struct{ From, Span state.Time }

// roleStart is from a role's running to the start of those that wait for it.
const roleStart = state.Second

// EnvRoleDuration is how long one role runs: ORRERY_DURATION_CHIEF for the role Chief.
func EnvRoleDuration(role string) string {
	return EnvDuration + "_" + strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' {
			return c - 'a' + 'A'
		}
		if c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, role)
}

// RoleSpans are when each role runs. base is how long one does of which nothing is said. Dependencies have no cycles (see Cyclic).
func (r *Request) RoleSpans(base state.Time) []RoleSpan {
	out := make([]RoleSpan, len(r.Roles))
	awaited := make([]bool, len(r.Roles)) // somebody starts when it has finished
	for _, role := range r.Roles {
		for _, d := range role.After {
			awaited[d.Role] = awaited[d.Role] || d.Finished
		}
	}
	done := make([]bool, len(r.Roles))
	var from func(i int) state.Time
	length := func(i int) state.Time {
		if v, ok := r.Env[EnvRoleDuration(r.Roles[i].Name)]; ok {
			if d, err := duration(v); err == nil && d >= 0 {
				return d
			}
		}
		return base
	}
	from = func(i int) state.Time {
		if done[i] {
			return out[i].From
		}
		for _, d := range r.Roles[i].After {
			at := from(d.Role).Add(roleStart)
			if d.Finished {
				at = from(d.Role).Add(length(d.Role))
			}
			out[i].From = max(out[i].From, at)
		}
		done[i] = true
		return out[i].From
	}
	for i := range r.Roles {
		from(i)
		out[i].Span = state.Never
		if _, own := r.Env[EnvRoleDuration(r.Roles[i].Name)]; own || awaited[i] {
			out[i].Span = length(i)
		}
	}
	return out
}

// run is how long the job runs by what its roles do: until those that lead have finished, or else all that do not only serve.
func (r *Request) run(base state.Time) state.Time {
	if len(r.Roles) == 0 {
		return base
	}
	var lead, all state.Time
	leads, works := false, false
	for i, s := range r.RoleSpans(base) {
		end := s.From.Add(min(s.Span, base))
		if s.Span != state.Never {
			end = s.From.Add(s.Span)
		}
		if r.Roles[i].Leads {
			lead, leads = max(lead, end), true
		}
		if !r.Roles[i].Serves {
			all, works = max(all, end), true
		}
	}
	switch {
	case leads:
		return lead
	case works:
		return all
	}
	return base
}

// Cyclic reports whether roles wait for one another in a circle.
func Cyclic(roles []RoleAsk) bool {
	const (
		open = iota + 1
		closed
	)
	mark := make([]int, len(roles))
	var visit func(i int) bool
	visit = func(i int) bool {
		if mark[i] > 0 {
			return mark[i] == open
		}
		mark[i] = open
		for _, d := range roles[i].After {
			if visit(d.Role) {
				return true
			}
		}
		mark[i] = closed
		return false
	}
	for i := range roles {
		if visit(i) {
			return true
		}
	}
	return false
}

// OfRole is a try as the pods of one role see it: they may start later and finish earlier than the job.
func (t Try) OfRole(s RoleSpan, now state.Time) Try {
	if t.Running == state.Unset {
		return t
	}
	from := t.Running.Add(s.From)
	if from > now || t.Ended != state.Unset && from > t.Ended {
		t.Running, t.Hung = state.Unset, 0
		return t
	}
	t.Running = from
	if end := from.Add(s.Span); end <= now && (t.Ended == state.Unset || end < t.Ended) && (t.Hung == 0 || end <= t.Hung) {
		t.Ended, t.Why, t.Code, t.Hung = end, WhyDone, 0, 0
	}
	return t
}
