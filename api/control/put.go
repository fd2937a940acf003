package control

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// Put is where a job is to be put.
type Put struct {
	Status   string `json:"status"`
	For      string `json:"for"`       // how long it stays there; default: as it would by itself
	ExitCode *int   `json:"exitCode"`  // of what fails on the way there; default: the job's own, or 1
	Wait     string `json:"simulated"` // how far the clock may be moved until the job gets resources, where it needs them; default 24h
	History  []Past `json:"history"`   // what it went through, in place of what it did; the last one is the status
}

// Past is a stretch of a history.
type Past struct {
	Status   string `json:"status"`
	For      string `json:"for"`
	ExitCode *int   `json:"exitCode"`
}

const maxHistory = 1000

// postStatus puts a job into a status.
func (s *Service) postStatus(c *fiber.Ctx) (any, error) {
	var in Put
	if err := read(c, &in); err != nil {
		return nil, err
	}
	v, err := s.Put(c.Context(), c.Params("id"), in)
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// Put puts a job into a status that it can get to; see POST /jobs/ID/status.
func (s *Service) Put(ctx context.Context, id string, in Put) (v world.View, err error) {
	to, wait, err := s.target(id, &in)
	if err != nil {
		return v, err
	}
	return s.world.Put(ctx, s.token(id), to, wait)
}

// target reads where a job is to be put, and how far the clock may be moved for that.
func (s *Service) target(id string, in *Put) (to play.Target, wait state.Time, err error) {
	to.Span, wait = state.Unset, 24*3600*state.Second
	l, ok := s.lensOf(id).(Mover)
	if !ok {
		return to, 0, bad("jobs of this API cannot be put into a status")
	}
	if to.Phase, to.Failed, err = phaseOf(l, "status", in.Status); err != nil {
		return to, 0, err
	}
	if to.Code, err = codeOf("exitCode", in.ExitCode); err != nil {
		return to, 0, err
	}
	if in.For != "" {
		if to.Span, err = span("for", in.For); err != nil {
			return to, 0, err
		}
		if !to.Phase.Holds() && to.Phase != play.Restarting && to.Phase != play.Stopping {
			return to, 0, bad("for: how long a job is %s cannot be said beforehand", in.Status)
		}
	}
	if in.Wait != "" {
		if wait, err = span("simulated", in.Wait); err != nil {
			return to, 0, err
		}
	}
	to.History, err = history(l, in.History)
	return to, wait, err
}

func phaseOf(l Mover, field, status string) (play.Phase, bool, error) {
	p, failed, ok := l.Phase(status)
	if !ok {
		return 0, false, bad("%s: got %q, want a status such as Running or Failed", field, status)
	}
	return p, failed, nil
}

func codeOf(field string, code *int) (int, error) {
	switch {
	case code == nil:
		return 0, nil
	case *code < 1 || *code > 255:
		return 0, bad("%s: got %d, want an exit code from 1 to 255", field, *code)
	}
	return *code, nil
}

func history(l Mover, in []Past) ([]play.Past, error) {
	if len(in) > maxHistory {
		return nil, bad("history: got %d statuses, want at most %d", len(in), maxHistory)
	}
	var out []play.Past
	for i := range in {
		var p play.Past
		var err error
		if p.Phase, p.Failed, err = phaseOf(l, "history", in[i].Status); err != nil {
			return nil, err
		}
		if p.Code, err = codeOf("history: exitCode", in[i].ExitCode); err != nil {
			return nil, err
		}
		if in[i].For == "" {
			return nil, bad("history: want for with every status: how long the job was %s", in[i].Status)
		}
		if p.Span, err = span("history: for", in[i].For); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
