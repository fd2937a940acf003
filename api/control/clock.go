package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Clock is where simulated time stands and how it moves.
type Clock struct {
	Now      string  `json:"now"`
	Start    string  `json:"start"`
	ElapsedS float64 `json:"elapsed_s"`
	Speed    string  `json:"speed"`
	Active   int     `json:"active"`      // jobs that have not ended
	LagS     float64 `json:"clock_lag_s"` // simulated time that the clock fell behind so far
}

func (s *Service) clock(v world.View) *Clock {
	st := s.world.Status()
	return &Clock{Now: stamp(v.Time(v.Now)), Start: stamp(v.Time(0)), ElapsedS: float64(v.Now) / 1e9, Speed: st.Speed.String(), Active: st.Active, LagS: float64(st.Behind) / 1e9}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (s *Service) getClock(c *fiber.Ctx) (any, error) {
	v, err := s.world.Peek(c.Context())
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

func (s *Service) putClock(c *fiber.Ctx) (any, error) {
	var in struct {
		Speed string `json:"speed"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	speed, err := world.ParseSpeed(in.Speed)
	if err != nil {
		return nil, bad("%v", err)
	}
	v, err := s.world.SetSpeed(c.Context(), speed)
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// advance moves the clock by a span or to an instant.
func (s *Service) advance(c *fiber.Ctx) (any, error) {
	var in struct {
		By    string `json:"by"`
		Until string `json:"until"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	if (in.By == "") == (in.Until == "") {
		return nil, bad("want either by (a span such as 10m) or until (a time such as 2026-01-01T00:00:00Z)")
	}
	if in.By != "" {
		d, err := span("by", in.By)
		if err != nil {
			return nil, err
		}
		v, err := s.world.Advance(c.Context(), d)
		if err != nil {
			return nil, err
		}
		return s.clock(v), nil
	}
	t, err := time.Parse(time.RFC3339Nano, in.Until)
	if err != nil {
		return nil, bad("until: got %q, want a time such as 2026-01-01T00:00:00Z", in.Until)
	}
	v, err := s.world.AdvanceTo(c.Context(), state.Time(t.Sub(s.world.Time(0))))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

func span(name, text string) (state.Time, error) {
	ns, err := units.ParseDuration(text)
	if err != nil || ns < 0 {
		return 0, bad("%s: got %q, want a span such as 10m", name, text)
	}
	return state.Time(ns), nil
}

// Wait asks to move the clock until jobs have one of some statuses.
type Wait struct {
	Job       string   `json:"job"`
	Jobs      []string `json:"jobs"`
	Status    string   `json:"status"`
	Statuses  []string `json:"statuses"`
	Simulated string   `json:"simulated"` // at most so much simulated time; default 24h
	Wall      string   `json:"wall"`      // at most so much wall time; default 30s
}

// Waited says how that went.
type Waited struct {
	Reached bool              `json:"reached"`
	Now     string            `json:"now"`
	Jobs    map[string]string `json:"jobs"` // status by id
}

func (s *Service) wait(c *fiber.Ctx) (any, error) {
	var in Wait
	if err := read(c, &in); err != nil {
		return nil, err
	}
	if in.Job != "" {
		in.Jobs = append(in.Jobs, in.Job)
	}
	if in.Status != "" {
		in.Statuses = append(in.Statuses, in.Status)
	}
	limit, wall := 24*3600*state.Second, 30*state.Second
	var err error
	if in.Simulated != "" {
		if limit, err = span("simulated", in.Simulated); err != nil {
			return nil, err
		}
	}
	if in.Wall != "" {
		if wall, err = span("wall", in.Wall); err != nil {
			return nil, err
		}
	}
	return s.WaitFor(c.Context(), in.Jobs, in.Statuses, time.Duration(limit), time.Duration(wall))
}

// WaitFor moves the clock until every job has one of the statuses, for at most so much simulated and wall time.
func (s *Service) WaitFor(ctx context.Context, ids, statuses []string, simulated, wall time.Duration) (*Waited, error) {
	if len(ids) == 0 || len(statuses) == 0 {
		return nil, bad("want job (or jobs) and status (or statuses)")
	}
	lenses, tokens := make([]Lens, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		lenses[i] = s.lensOf(id)
		tokens[i] = lenses[i].Token(id)
	}
	for _, st := range statuses {
		if !slices.ContainsFunc(lenses, func(l Lens) bool { return slices.Contains(l.Statuses(), st) }) {
			return nil, bad("status: got %q, want one of %s", st, strings.Join(lenses[0].Statuses(), ", "))
		}
	}
	now, err := s.world.Peek(ctx)
	if err != nil {
		return nil, err
	}
	out := &Waited{}
	ends := time.Now().Add(wall)
	late := false
	_, v, err := s.world.WaitFor(ctx, now.Now.Add(state.Time(simulated)), tokens, func(v world.View, jobs []*world.Job) bool {
		out.Jobs, out.Reached = map[string]string{}, true
		for i, j := range jobs {
			h := v.History(j)
			out.Jobs[ids[i]] = lenses[i].Status(&h)
			out.Reached = out.Reached && slices.Contains(statuses, out.Jobs[ids[i]])
		}
		late = time.Now().After(ends) || s.closed()
		return out.Reached || late
	})
	if err != nil {
		return nil, err
	}
	out.Now = stamp(v.Time(v.Now))
	return out, nil
}

func (s *Service) reset(c *fiber.Ctx) (any, error) {
	v, err := s.world.Reset(c.Context())
	if err != nil {
		return nil, err
	}
	s.requests.clear()
	s.faults.remove(0)
	return s.clock(v), nil
}

// getDigest says what a run has that stops where the clock stands.
func (s *Service) getDigest(c *fiber.Ctx) (any, error) {
	digest, v, err := s.world.Digest(c.Context())
	if err != nil {
		return nil, err
	}
	return fiber.Map{"now": stamp(v.Time(v.Now)), "digest": digest, "version": sim.DigestVersion}, nil
}

func (s *Service) getState(c *fiber.Ctx) (any, error) { return s.world.Export(c.Context()) }

// postState makes the world what another one was. Faults and the log of calls stay.
func (s *Service) postState(c *fiber.Ctx) (any, error) {
	v, err := s.world.Import(c.Context(), c.Body())
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}
