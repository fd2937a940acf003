package control

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/sign"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Lens lends a cloud's words: its job ids and statuses.
type Lens interface {
	// Token is what the world calls the job with this id, or "" for an id of another form.
	Token(id string) string
	// Status is where a job stands.
	Status(h *play.History) string
	// Statuses are all there are.
	Statuses() []string
}

// Service answers the control API.
type Service struct {
	world    *world.World
	lens     Lens
	version  string
	faults   faults
	requests requests
}

// New makes a service. Version is what the program calls itself.
func New(w *world.World, lens Lens, version string) *Service {
	return &Service{world: w, lens: lens, version: version, faults: faults{seed: w.Seed()}}
}

//go:embed openapi.json
var document []byte

// prefix is where the API lives.
const prefix = "/orrery/v1"

// Register adds the routes.
func (s *Service) Register(r fiber.Router) {
	g := r.Group(prefix)
	g.Get("/openapi.json", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(document)
	})
	g.Get("/metrics", s.metrics)
	for _, o := range []struct {
		method, path string
		do           func(*fiber.Ctx) (any, error)
	}{
		{"GET", "/health", s.health}, {"GET", "/ready", s.ready},
		{"GET", "/clock", s.getClock}, {"PUT", "/clock", s.putClock}, {"POST", "/clock/advance", s.advance},
		{"POST", "/wait", s.wait}, {"POST", "/reset", s.reset},
		{"GET", "/requests", s.getRequests}, {"DELETE", "/requests", s.deleteRequests},
		{"GET", "/faults", s.getFaults}, {"POST", "/faults", s.postFault}, {"DELETE", "/faults", s.deleteFaults}, {"DELETE", "/faults/:id", s.deleteFault},
		{"GET", "/nodes", s.getNodes}, {"POST", "/nodes/:name", s.postNode},
		{"POST", "/jobs/:id/exit", s.postExit}, {"POST", "/jobs/:id/preempt", s.postPreempt},
	} {
		g.Add(o.method, o.path, s.serve(o.do))
	}
}

// refusal is an error of this API.
type refusal struct {
	status        int
	code, message string
}

func (e *refusal) Error() string { return e.message }

func bad(format string, args ...any) error {
	return &refusal{fiber.StatusBadRequest, "invalid", fmt.Sprintf(format, args...)}
}

func (s *Service) serve(do func(*fiber.Ctx) (any, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		answer, err := do(c)
		if err == nil {
			return c.JSON(answer)
		}
		id, _ := c.Locals("requestId").(string)
		e := &refusal{fiber.StatusConflict, "refused", err.Error()}
		var own *refusal
		switch {
		case errors.As(err, &own):
			e = own
		case errors.Is(err, world.ErrNotFound):
			e = &refusal{fiber.StatusNotFound, "not-found", err.Error()}
		case errors.Is(err, world.ErrClosed), errors.Is(err, world.ErrFrozen):
			e = &refusal{fiber.StatusServiceUnavailable, "closed", err.Error()}
		}
		return c.Status(e.status).JSON(fiber.Map{"code": e.code, "message": e.message, "requestId": id})
	}
}

// read decodes a body strictly: an unknown field is a mistake.
func read(c *fiber.Ctx, into any) error {
	d := json.NewDecoder(bytes.NewReader(c.Body()))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return bad("the body cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return bad("the body has more than one JSON value")
	}
	return nil
}

func (s *Service) health(*fiber.Ctx) (any, error) {
	return fiber.Map{"status": "ok", "version": s.version}, nil
}

// ready fails when the simulation cannot go on.
func (s *Service) ready(*fiber.Ctx) (any, error) {
	if st := s.world.Status(); st.Err != nil {
		return nil, &refusal{fiber.StatusServiceUnavailable, "not-ready", st.Err.Error()}
	}
	return fiber.Map{"status": "ready"}, nil
}

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
	for _, st := range statuses {
		if !slices.Contains(s.lens.Statuses(), st) {
			return nil, bad("status: got %q, want one of %s", st, strings.Join(s.lens.Statuses(), ", "))
		}
	}
	tokens := make([]string, len(ids))
	for i, id := range ids {
		tokens[i] = s.lens.Token(id)
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
			out.Jobs[ids[i]] = s.lens.Status(&h)
			out.Reached = out.Reached && slices.Contains(statuses, out.Jobs[ids[i]])
		}
		late = time.Now().After(ends)
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

// pattern is a query value; values are not escaped in patterns.
func pattern(c *fiber.Ctx, name string) string {
	v, err := url.PathUnescape(c.Query(name))
	if err != nil {
		return c.Query(name)
	}
	return v
}

func (s *Service) getRequests(c *fiber.Ctx) (any, error) {
	status := 0
	if text := c.Query("status"); text != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(text, "xx"))
		if err != nil || n < 1 || n > 599 {
			return nil, bad("status: got %q, want a status such as 404, or a class such as 4xx", text)
		}
		status = n
	}
	found := s.requests.find(pattern(c, "operation"), pattern(c, "job"), pattern(c, "user"), status)
	return fiber.Map{"count": len(found), "requests": found}, nil
}

func (s *Service) deleteRequests(*fiber.Ctx) (any, error) {
	s.requests.clear()
	return fiber.Map{"count": 0, "requests": []Request{}}, nil
}

func (s *Service) getFaults(*fiber.Ctx) (any, error) {
	return fiber.Map{"faults": s.faults.all()}, nil
}

func (s *Service) postFault(c *fiber.Ctx) (any, error) {
	var f Fault
	if err := read(c, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, bad("%v", err)
	}
	if err := s.faults.add(&f); err != nil {
		return nil, err
	}
	return f, nil
}

func (s *Service) deleteFaults(c *fiber.Ctx) (any, error) {
	s.faults.remove(0)
	return s.getFaults(c)
}

func (s *Service) deleteFault(c *fiber.Ctx) (any, error) {
	id, err := strconv.Atoi(c.Params("id"))
	if err != nil || id < 1 || !s.faults.remove(id) {
		return nil, &refusal{fiber.StatusNotFound, "not-found", fmt.Sprintf("no fault %q", c.Params("id"))}
	}
	return s.getFaults(c)
}

// Node is a machine.
type Node struct {
	Name    string `json:"name"`
	GPUType string `json:"gpuType,omitempty"`
	GPUs    int    `json:"gpus"`
	State   string `json:"state"` // up, down, draining, cordoned
}

func (s *Service) getNodes(c *fiber.Ctx) (any, error) {
	v, err := s.world.Peek(c.Context())
	if err != nil {
		return nil, err
	}
	out := []Node{}
	for _, n := range v.Nodes() {
		out = append(out, Node{n.Name, n.GPUType, n.GPUs, nodeState(n.Flags)})
	}
	return fiber.Map{"nodes": out}, nil
}

func nodeState(flags uint32) string {
	switch {
	case flags&state.NodeUp == 0:
		return "down"
	case flags&state.NodeDraining != 0:
		return "draining"
	case flags&state.NodeCordoned != 0:
		return "cordoned"
	}
	return "up"
}

func (s *Service) postNode(c *fiber.Ctx) (any, error) {
	var in struct {
		Do string `json:"do"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	kind, ok := map[string]sim.ChangeKind{"up": sim.ChangeUp, "down": sim.ChangeDown, "cordon": sim.ChangeCordon, "uncordon": sim.ChangeUncordon, "drain": sim.ChangeDrain}[in.Do]
	if !ok {
		return nil, bad("do: got %q, want up, down, cordon, uncordon or drain", in.Do)
	}
	v, err := s.world.ChangeNode(c.Context(), c.Params("name"), kind)
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// postExit makes a job that holds resources end with an exit code.
func (s *Service) postExit(c *fiber.Ctx) (any, error) {
	var in struct {
		Code *int `json:"code"`
	}
	if err := read(c, &in); err != nil {
		return nil, err
	}
	if in.Code == nil || *in.Code < 0 || *in.Code > 255 {
		return nil, bad("code: want an exit code from 0 to 255")
	}
	v, err := s.world.Exit(c.Context(), s.lens.Token(c.Params("id")), uint8(*in.Code))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// postPreempt takes a job's resources away.
func (s *Service) postPreempt(c *fiber.Ctx) (any, error) {
	v, err := s.world.Preempt(c.Context(), s.lens.Token(c.Params("id")))
	if err != nil {
		return nil, err
	}
	return s.clock(v), nil
}

// Gate stands around every call of a cloud's API: it may answer in the operation's place, and notes what was answered.
func (s *Service) Gate(c *fiber.Ctx, operation, job string, run func() error, refuse func(status int, code, message string) error) error {
	began := time.Now()
	call := &Call{Operation: operation, Path: c.Path(), User: sign.User(c.Get(fiber.HeaderAuthorization)), Body: c.Body(), JobName: job}
	f := s.faults.hit(call)
	if f != nil {
		time.Sleep(f.latency)
	}
	var err error
	switch {
	case f == nil || f.Status == 0:
		err = run()
	case f.When == "after":
		if err = run(); err == nil {
			c.Response().ResetBody()
			err = refuse(f.Status, f.Code, f.Message)
		}
	default:
		err = refuse(f.Status, f.Code, f.Message)
	}
	id, _ := c.Locals("requestId").(string)
	r := Request{Operation: operation, Method: c.Method(), Path: c.Path(), Query: string(c.Request().URI().QueryString()), User: call.User, Job: job,
		Status: c.Response().StatusCode(), Simulated: c.GetRespHeader("X-Orrery-Time"), RequestID: id, WallMS: float64(time.Since(began).Microseconds()) / 1000}
	if f != nil {
		r.Fault = f.ID
	}
	s.requests.add(r, time.Since(began))
	return err
}
