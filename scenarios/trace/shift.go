package trace

import (
	"fmt"

	"github.com/orrery-sim/orrery/sim/state"
)

// Window keeps the jobs that are submitted from from until before to (state.Never: no end) and makes from the instant 0.
// Recorded starts move along. The first instant of a dated trace moves too: Meta.Start + from.
func Window(src state.Source, from, to state.Time) state.Source {
	return &shifted{src: &sieve{src: &until{src: src, to: to}, test: since(from)}, by: from}
}

// until ends a source at an instant: what follows is later, because sources are in order.
type until struct {
	src state.Source
	to  state.Time
}

func (u *until) Next(s *state.JobSpec) (bool, error) {
	ok, err := u.src.Next(s)
	return ok && s.Submit < u.to, err
}

func (u *until) Clone(names *state.Names) (state.Source, error) {
	src, err := u.src.Clone(names)
	return &until{src, u.to}, err
}

func (u *until) Notes() []string { return NotesOf(u.src) }

type since state.Time

func (t since) bind(*state.Names) test              { return t }
func (t since) keep(_ int64, s *state.JobSpec) bool { return s.Submit >= state.Time(t) }

// shifted moves the origin of time.
type shifted struct {
	src state.Source
	by  state.Time
}

func (h *shifted) Next(s *state.JobSpec) (bool, error) {
	ok, err := h.src.Next(s)
	if !ok || err != nil {
		return ok, err
	}
	s.Submit -= h.by
	if s.RecStart != state.Unset {
		s.RecStart -= h.by
	}
	return true, nil
}

func (h *shifted) Clone(names *state.Names) (state.Source, error) {
	src, err := h.src.Clone(names)
	return &shifted{src, h.by}, err
}

func (h *shifted) Notes() []string { return NotesOf(h.src) }

// Load makes jobs arrive faster (factor, in millionths, above 1,000,000) or slower: each submission becomes its time from
// 0 divided by the factor, rounded down to the nanosecond, so that no error builds up. Recorded waits are kept.
func Load(src state.Source, factor int64) (state.Source, error) {
	if factor <= 0 {
		return nil, fmt.Errorf("load factor is %d millionths, expected more than 0", factor)
	}
	return &loaded{src: src, factor: factor}, nil
}

type loaded struct {
	src    state.Source
	factor int64
}

func (l *loaded) Next(s *state.JobSpec) (bool, error) {
	ok, err := l.src.Next(s)
	if !ok || err != nil {
		return ok, err
	}
	at, fits := mulDiv(int64(s.Submit), 1_000_000, l.factor)
	if !fits {
		return false, fmt.Errorf("job %s: its submission at %s s is later than 146 years at a load of %s",
			shown(s.Name), secondsText(s.Submit), decimalText(l.factor, 6))
	}
	if s.RecStart != state.Unset {
		s.RecStart = state.Time(at) + (s.RecStart - s.Submit)
	}
	s.Submit = state.Time(at)
	return true, nil
}

func (l *loaded) Clone(names *state.Names) (state.Source, error) {
	src, err := l.src.Clone(names)
	return &loaded{src, l.factor}, err
}

func (l *loaded) Notes() []string { return NotesOf(l.src) }
