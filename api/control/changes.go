package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/sim/state"
)

// Change is a planned change: of a node (node, do), of a job (job, do), or of a job's priority (set, to).
type Change struct {
	At   string `json:"at"`
	Node string `json:"node,omitempty"`
	Job  string `json:"job,omitempty"` // its id
	Do   string `json:"do,omitempty"`
	Code *int   `json:"code,omitempty"` // of an exit
	Set  string `json:"set,omitempty"`  // jobs.ID.priority, or a value of a queue
	To   any    `json:"to,omitempty"`
	Done bool   `json:"done"` // its instant has come
}

func (s *Service) changes(v world.View) any {
	out := []Change{}
	for _, c := range v.Changes() {
		o := Change{At: stamp(v.Time(c.At)), Node: c.Node, Done: c.At <= v.Now}
		switch {
		case c.Node != "":
			o.Do = doings[c.Kind]
			out = append(out, o)
			continue
		case c.Set != "":
			o.Set, o.To = c.Set, c.To
			out = append(out, o)
			continue
		}
		o.Job, o.Do = s.idOf(v, c.Job), c.What.Do
		switch c.What.Do {
		case world.DoExit:
			code := int(c.What.Code)
			o.Code = &code
		case world.DoPriority:
			o.Set, o.To, o.Job, o.Do = "jobs."+o.Job+".priority", c.What.Priority, "", ""
		}
		out = append(out, o)
	}
	return fiber.Map{"now": stamp(v.Time(v.Now)), "changes": out}
}

// idOf is the id of a job in the words of the cloud through which it came.
func (s *Service) idOf(v world.View, token string) string {
	named := s.lenses[0]
	if j, ok := v.Job(token); ok {
		for _, l := range s.lenses {
			if api, is := l.(interface{ API() string }); is && api.API() == j.API {
				named = l
			}
		}
	}
	if l, ok := named.(interface{ ID(token string) string }); ok {
		return l.ID(token)
	}
	return token
}

func (s *Service) getChanges(c *fiber.Ctx) (any, error) {
	v, err := s.world.Peek(c.Context())
	if err != nil {
		return nil, err
	}
	return s.changes(v), nil
}

// plan is a body of POST /changes.
type plan struct {
	At   string          `json:"at"`
	In   string          `json:"in"`
	Node string          `json:"node"`
	Job  string          `json:"job"`
	Do   string          `json:"do"`
	Code *int            `json:"code"`
	Set  string          `json:"set"`
	To   json.RawMessage `json:"to"`
}

// postChange plans a change.
func (s *Service) postChange(c *fiber.Ctx) (any, error) {
	var in plan
	if err := read(c, &in); err != nil {
		return nil, err
	}
	when, err := s.when(&in)
	if err != nil {
		return nil, err
	}
	var v world.View
	if in.Node != "" && in.Job == "" && in.Set == "" && in.To == nil && in.Code == nil {
		kind, err := changeKind(in.Do)
		if err != nil {
			return nil, err
		}
		v, err = s.world.PlanChange(c.Context(), in.Node, kind, when)
		if err != nil {
			return nil, err
		}
		return s.changes(v), nil
	}
	if strings.HasPrefix(in.Set, "queues.") {
		if in.Node != "" || in.Job != "" || in.Do != "" || in.Code != nil {
			return nil, bad("want set and to, and nothing else beside the time")
		}
		v, err := s.world.PlanSet(c.Context(), in.Set, scalar(in.To), when)
		if err != nil {
			return nil, err
		}
		return s.changes(v), nil
	}
	job, what, err := in.ofJob()
	if err != nil {
		return nil, err
	}
	if v, err = s.world.PlanJob(c.Context(), s.token(job), what, when); err != nil {
		return nil, err
	}
	return s.changes(v), nil
}

// scalar is a text or a number as a scenario writes it.
func scalar(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// when is the instant of a plan.
func (s *Service) when(in *plan) (func(now state.Time) state.Time, error) {
	if (in.At == "") == (in.In == "") {
		return nil, bad("want either at (a time such as 2026-01-01T00:00:00Z) or in (a span from now such as 10m)")
	}
	if in.In != "" {
		d, err := span("in", in.In)
		if err != nil {
			return nil, err
		}
		return func(now state.Time) state.Time { return now.Add(d) }, nil
	}
	t, err := time.Parse(time.RFC3339Nano, in.At)
	if err != nil {
		return nil, bad("at: got %q, want a time such as 2026-01-01T00:00:00Z", in.At)
	}
	return func(state.Time) state.Time { return state.Time(t.Sub(s.world.Time(0))) }, nil
}

// ofJob reads what is to happen to a job.
func (in *plan) ofJob() (job string, what world.JobChange, err error) {
	switch {
	case in.Node == "" && in.Job == "" && in.Set == "":
		return "", what, bad("want node and do, job and do, or set and to")
	case in.Node != "" || in.Job != "" && in.Set != "":
		return "", what, bad("want one of node, job and set, and code only with the job's exit")
	case in.Set != "":
		return in.priority()
	case in.To != nil:
		return "", what, bad("to: goes with set")
	}
	switch what.Do = in.Do; in.Do {
	case world.DoExit:
		if in.Code == nil || *in.Code < 0 || *in.Code > 255 {
			return "", what, bad("code: want an exit code from 0 to 255")
		}
		what.Code = uint8(*in.Code)
		return in.Job, what, nil
	case world.DoStop, world.DoPreempt, world.DoHang, world.DoReclaim:
	default:
		return "", what, bad("do: got %q, want stop, exit, preempt, hang or reclaim", in.Do)
	}
	if in.Code != nil {
		return "", what, bad("code: goes with exit")
	}
	return in.Job, what, nil
}

// priority reads set: jobs.ID.priority, to: 7.
func (in *plan) priority() (job string, what world.JobChange, err error) {
	parts := strings.Split(in.Set, ".")
	if len(parts) != 3 || parts[0] != "jobs" || parts[2] != "priority" {
		return "", what, bad("set: got %q, want jobs.ID.priority, or queues.NAME.FIELD in a scenario with quota", in.Set)
	}
	if in.Do != "" || in.Code != nil {
		return "", what, bad("do and code: go with node and job")
	}
	if err := json.Unmarshal(in.To, &what.Priority); err != nil || what.Priority < 1 || what.Priority > 9 {
		return "", what, bad("to: got %s, want a priority from 1 to 9", fmt.Sprintf("%.100s", in.To))
	}
	what.Do = world.DoPriority
	return parts[1], what, nil
}
