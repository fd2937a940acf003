package paidlc

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
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
	w.Speak(apiName, speak)
	return &Service{world: w, sizes: newSizes(c, v.Nodes())}, nil
}

// file is an answer that is sent as it is; its headers are set already.
type file string

// handler answers one operation: a value to be sent as JSON, a file, or an error.
type handler func(c *fiber.Ctx, requestID string) (any, error)

// Register adds the routes of the API behind a gate, which may be nil.
func (s *Service) Register(r fiber.Router, gate lens.Gate) {
	add := func(name, method, path string, h handler) { r.Add(method, path, s.serve(name, h, gate)) }
	const jobs, job = "/api/v1/jobs", "/api/v1/jobs/:JobId"
	add("CreateJob", fiber.MethodPost, jobs, s.createJob)
	add("ListJobs", fiber.MethodGet, jobs, s.listJobs)
	add("GetJob", fiber.MethodGet, job, s.getJob)
	add("DeleteJob", fiber.MethodDelete, job, s.deleteJob)
	add("UpdateJob", fiber.MethodPut, job, s.updateJob)
	add("StopJob", fiber.MethodPost, job+"/stop", s.stopJob)
	add("GetPodLogs", fiber.MethodGet, job+"/pods/:PodId/logs", s.getPodLogs)
	add("GetPodEvents", fiber.MethodGet, job+"/pods/:PodId/events", s.getPodEvents)
	add("GetJobEvents", fiber.MethodGet, job+"/events", s.getJobEvents)
	add("GetJobMetrics", fiber.MethodGet, job+"/metrics", s.getJobMetrics)
	add("ListEcsSpecs", fiber.MethodGet, "/api/v1/ecsspecs", s.listEcsSpecs)
	for _, o := range later {
		add(o.name, o.method, o.path, notImplemented(o.name))
	}
}

// serve turns an operation into a handler whose errors are PAI-DLC's.
func (s *Service) serve(name string, h handler, gate lens.Gate) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id := lens.RequestID(c)
		refuse := func(status int, code, message string) error {
			return c.Status(status).JSON(fiber.Map{"Code": code, "Message": message, "RequestId": id, "HostId": string(c.Request().Host())})
		}
		run := func() error {
			answer, err := h(c, id)
			if err != nil {
				e := explain(err, c.Params("JobId"))
				return refuse(e.Status, e.Code, e.Message)
			}
			if text, ok := answer.(file); ok {
				return c.SendString(string(text))
			}
			return c.JSON(answer)
		}
		if gate == nil {
			return run()
		}
		return gate(c, name, s.jobName(c, name), run, refuse)
	}
}

// jobName is the name of the job that a call is about, as far as that is known without moving the clock.
func (s *Service) jobName(c *fiber.Ctx, operation string) string {
	if operation == "CreateJob" {
		var in struct{ DisplayName string }
		_ = json.Unmarshal(c.Body(), &in) // what is wrong with it the operation says
		return in.DisplayName
	}
	if id := c.Params("JobId"); id != "" {
		if j, ok := s.world.Glance().Job(token(id)); ok {
			return j.Name
		}
	}
	return ""
}

// Token is what the world calls the job with this id.
func (s *Service) Token(id string) string { return token(id) }

// Status is where a job stands, in PAI-DLC's words.
func (s *Service) Status(h *play.History) string { return status(h.Last()) }

// Phase is what a status means, and whether it is one that follows a failure.
func (s *Service) Phase(status string) (p play.Phase, failed, ok bool) {
	if status == failedReserving {
		return play.Reserving, true, true
	}
	i := slices.Index(statuses[:], status)
	return play.Phase(max(i, 0)), false, i >= 0
}

// API is the name under which jobs come through this service.
func (s *Service) API() string { return apiName }

// ID is the id of the job that the world calls so.
func (s *Service) ID(token string) string { return "dlc" + token }

// Statuses are all that a job may have.
func (s *Service) Statuses() []string {
	return allStatuses()
}

// tell puts the simulated time into the answer's header.
func tell(c *fiber.Ctx, v world.View) { lens.Tell(c, v) }

func caller(c *fiber.Ctx) string { return lens.Caller(c) }

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
