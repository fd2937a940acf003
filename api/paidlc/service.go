package paidlc

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/sign"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios/catalog"
)

// Service answers PAI-DLC's calls over one world.
type Service struct {
	world *world.World
	sizes *sizes
}

// New makes a service; the machine types that it offers are those of the catalogue that the world's nodes can hold.
func New(ctx context.Context, w *world.World) (*Service, error) {
	c, err := catalog.Default()
	if err != nil {
		return nil, err
	}
	v, err := w.Peek(ctx)
	if err != nil {
		return nil, err
	}
	return &Service{world: w, sizes: newSizes(c, v.Nodes())}, nil
}

// Locals of a request that the app sets.
const (
	LocalRequestID = "requestId" // upper-case UUID
	HeaderTime     = "X-Orrery-Time"
)

// handler answers one operation: a value to be sent as JSON, or an error.
type handler func(c *fiber.Ctx, requestID string) (any, error)

// Register adds the routes of the API.
func (s *Service) Register(r fiber.Router) {
	r.Post("/api/v1/jobs", s.serve(s.createJob))
	r.Get("/api/v1/jobs", s.serve(s.listJobs))
	r.Get("/api/v1/jobs/:JobId", s.serve(s.getJob))
	r.Delete("/api/v1/jobs/:JobId", s.serve(s.deleteJob))
	r.Put("/api/v1/jobs/:JobId", s.serve(s.updateJob))
	r.Post("/api/v1/jobs/:JobId/stop", s.serve(s.stopJob))
	r.Get("/api/v1/jobs/:JobId/pods/:PodId/logs", s.serve(s.getPodLogs))
	r.Get("/api/v1/jobs/:JobId/pods/:PodId/events", s.serve(s.getPodEvents))
	r.Get("/api/v1/jobs/:JobId/events", s.serve(s.getJobEvents))
	r.Get("/api/v1/jobs/:JobId/metrics", s.serve(s.getJobMetrics))
	r.Get("/api/v1/ecsspecs", s.serve(s.listEcsSpecs))
	for _, o := range later {
		r.Add(o.method, o.path, s.serve(notImplemented(o.name)))
	}
}

// serve turns an operation into a handler whose errors are PAI-DLC's.
func (s *Service) serve(h handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id, _ := c.Locals(LocalRequestID).(string)
		answer, err := h(c, id)
		if err != nil {
			e := explain(err, c.Params("JobId"))
			return c.Status(e.Status).JSON(fiber.Map{"Code": e.Code, "Message": e.Message, "RequestId": id, "HostId": string(c.Request().Host())})
		}
		return c.JSON(answer)
	}
}

// tell puts the simulated time into the answer's header.
func tell(c *fiber.Ctx, v world.View) {
	c.Set(HeaderTime, v.Time(v.Now).UTC().Format(time.RFC3339Nano))
}

func caller(c *fiber.Ctx) string { return sign.User(c.Get(fiber.HeaderAuthorization)) }

func (s *Service) createJob(c *fiber.Ctx, id string) (any, error) {
	sub, err := s.submission(c.Body(), caller(c))
	if err != nil {
		return nil, err
	}
	j, v, err := s.world.Submit(c.Context(), sub)
	if err != nil {
		return nil, err
	}
	tell(c, v)
	return Reply{jobID(v, j), id}, nil
}

func (s *Service) getJob(c *fiber.Ctx, id string) (any, error) {
	detail, err := boolOf(c, "NeedDetail", true)
	if err != nil {
		return nil, err
	}
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	o := r.detail(!detail)
	o.RequestId = id
	return o, nil
}

// find looks up the job of the path as it stands.
func (s *Service) find(c *fiber.Ctx) (*record, error) {
	v, err := s.world.Look(c.Context())
	if err != nil {
		return nil, err
	}
	tell(c, v)
	j, ok := v.Job(token(c.Params("JobId")))
	if !ok {
		return nil, world.ErrNotFound
	}
	return newRecord(v, j), nil
}

func (s *Service) stopJob(c *fiber.Ctx, id string) (any, error) {
	v, err := s.world.Stop(c.Context(), token(c.Params("JobId")))
	return s.changed(c, id, v, err)
}

func (s *Service) deleteJob(c *fiber.Ctx, id string) (any, error) {
	v, err := s.world.Delete(c.Context(), token(c.Params("JobId")))
	return s.changed(c, id, v, err)
}

func (s *Service) changed(c *fiber.Ctx, id string, v world.View, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	tell(c, v)
	return Reply{c.Params("JobId"), id}, nil
}

// notImplemented is the answer of operations that are still to come.
func notImplemented(name string) handler {
	return func(*fiber.Ctx, string) (any, error) {
		return nil, &Error{fiber.StatusNotImplemented, codeNotYet, "orrery does not offer " + name + " yet"}
	}
}

// later are the operations that are still to come.
var later = []struct{ name, method, path string }{
	{"GetJobSanityCheckResult", fiber.MethodGet, "/api/v1/jobs/:JobId/sanitycheckresult"},
	{"ListJobSanityCheckResults", fiber.MethodGet, "/api/v1/jobs/:JobId/sanitycheckresults"},
	{"GetWebTerminal", fiber.MethodGet, "/api/v1/jobs/:JobId/pods/:PodId/webterminal"},
	{"GetToken", fiber.MethodGet, "/api/v1/tokens"},
	{"CreateTensorboard", fiber.MethodPost, "/api/v1/tensorboards"},
	{"ListTensorboards", fiber.MethodGet, "/api/v1/tensorboards"},
	{"DeleteTensorboard", fiber.MethodDelete, "/api/v1/tensorboards/:TensorboardId"},
	{"UpdateTensorboard", fiber.MethodPut, "/api/v1/tensorboards/:TensorboardId"},
	{"GetTensorboard", fiber.MethodGet, "/api/v1/tensorboards/:TensorboardId"},
	{"StartTensorboard", fiber.MethodPut, "/api/v1/tensorboards/:TensorboardId/start"},
	{"StopTensorboard", fiber.MethodPut, "/api/v1/tensorboards/:TensorboardId/stop"},
	{"GetTensorboardSharedUrl", fiber.MethodGet, "/api/v1/tensorboards/:TensorboardId/sharedurl"},
	{"GetRayDashboard", fiber.MethodGet, "/api/v1/jobs/:jobId/rayDashboard"},
	{"GetDashboard", fiber.MethodGet, "/api/v1/jobs/:jobId/dashboard"},
}

// boolOf reads true or false from the query.
func boolOf(c *fiber.Ctx, name string, absent bool) (bool, error) {
	switch v := c.Query(name); strings.ToLower(v) {
	case "":
		return absent, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, invalid(name, "got %q, want true or false", v)
	}
}
