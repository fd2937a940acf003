package control

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
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

// Mover is a Lens that can say where a job is to be put.
type Mover interface {
	// Phase is what a status means, and whether it is one that follows a failure.
	Phase(status string) (p play.Phase, failed, ok bool)
}

// Service answers the control API.
type Service struct {
	world    *world.World
	lenses   []Lens
	version  string
	faults   faults
	requests requests
	quit     chan struct{}
	once     sync.Once
}

// New makes a service that knows the jobs' names of several clouds. Version is what the program calls itself.
func New(w *world.World, version string, lenses ...Lens) *Service {
	return &Service{world: w, lenses: lenses, version: version, faults: faults{seed: w.Seed()}, quit: make(chan struct{})}
}

// Close answers the calls that are held back, by faults or by what they wait for.
func (s *Service) Close() { s.once.Do(func() { close(s.quit) }) }

func (s *Service) closed() bool {
	select {
	case <-s.quit:
		return true
	default:
		return false
	}
}

// lensOf is the cloud that names a job so; an id that no cloud knows the form of is the first one's.
func (s *Service) lensOf(id string) Lens {
	for _, l := range s.lenses {
		if l.Token(id) != "" {
			return l
		}
	}
	return s.lenses[0]
}

func (s *Service) token(id string) string { return s.lensOf(id).Token(id) }

// StatusesOf are those that a job with such an id may have.
func (s *Service) StatusesOf(id string) []string { return s.lensOf(id).Statuses() }

// Token is what the world calls the job with this id.
func (s *Service) Token(id string) string { return s.token(id) }

//go:embed openapi.json
var document []byte

// prefix is where the API lives.
const prefix = "/orrery/v1"

// StatePath is where the state of a world is exported and taken in: bodies are as large as the world is.
const StatePath = prefix + "/state"

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
		{"POST", "/wait", s.wait}, {"POST", "/reset", s.reset}, {"GET", "/digest", s.getDigest},
		{"GET", "/state", s.getState}, {"POST", "/state", s.postState},
		{"GET", "/requests", s.getRequests}, {"DELETE", "/requests", s.deleteRequests},
		{"GET", "/faults", s.getFaults}, {"POST", "/faults", s.postFault}, {"DELETE", "/faults", s.deleteFaults}, {"DELETE", "/faults/:id", s.deleteFault},
		{"GET", "/nodes", s.getNodes}, {"POST", "/nodes/:name", s.postNode},
		{"GET", "/changes", s.getChanges}, {"POST", "/changes", s.postChange},
		{"POST", "/jobs/:id/exit", s.postExit}, {"POST", "/jobs/:id/preempt", s.postPreempt},
		{"POST", "/jobs/:id/hang", s.postHang}, {"POST", "/jobs/:id/reclaim", s.postReclaim}, {"POST", "/jobs/:id/status", s.postStatus},
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
		if raw, ok := answer.([]byte); ok && err == nil {
			c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
			return c.Send(raw)
		}
		if err == nil {
			return c.JSON(answer)
		}
		id, _ := c.Locals("requestId").(string)
		e := &refusal{fiber.StatusConflict, "refused", err.Error()}
		var own *refusal
		switch {
		case errors.As(err, &own):
			e = own
		case errors.As(err, new(*play.PutError)):
			e.message = "the job cannot be put there: " + err.Error()
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
