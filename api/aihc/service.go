package aihc

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios/catalog"
)

// Service answers AIHC's calls over one world.
type Service struct {
	world *world.World
	cards *cards
}

// New makes a service; the names of GPUs are those of the catalogue.
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
	return &Service{world: w, cards: newCards(c, v.Nodes())}, nil
}

// handler answers one operation: a value to be sent as JSON, or an error.
type handler func(c *fiber.Ctx) (any, error)

// route is an operation of v1.
type route struct {
	name, method, path string
	do                 handler
	wrap               wrap
}

// wrap puts a result into what the operation answers with.
type wrap func(result any, requestID string) any

func inResult(result any, id string) any { return fiber.Map{"result": result, "requestId": id} }

// inQueueResult is what the calls about queues spell differently.
func inQueueResult(result any, id string) any { return fiber.Map{"result": result, "requestID": id} }

// Register adds the routes of the API behind a gate, which may be nil.
func (s *Service) Register(r fiber.Router, gate lens.Gate) {
	const pools, jobs = "/api/v1/resourcepools", "/api/v1/aijobs"
	const pool, job = pools + "/:resourcePoolId", jobs + "/:jobId"
	const queues, pod = pool + "/queue", job + "/pods/:podName"
	for _, o := range []route{
		{"ListResourcePools", fiber.MethodGet, pools, s.listPools, inResult},
		{"GetResourcePool", fiber.MethodGet, pool, s.getPool, inResult},
		{"ListNodes", fiber.MethodGet, pool + "/nodes", s.listNodes, inResult},
		{"CreateQueue", fiber.MethodPost, queues, s.createQueue, inQueueResult},
		{"ListQueues", fiber.MethodGet, queues, s.listQueues, inQueueResult},
		{"GetQueue", fiber.MethodGet, queues + "/:queueName", s.getQueue, inQueueResult},
		{"UpdateQueue", fiber.MethodPut, queues + "/:queueName", s.updateQueue, inQueueResult},
		{"DeleteQueue", fiber.MethodDelete, queues + "/:queueName", s.deleteQueue, inQueueResult},
		{"CreateJob", fiber.MethodPost, jobs, s.createJob, inResult},
		{"ListJobs", fiber.MethodGet, jobs, s.listJobs, inResult},
		{"GetJob", fiber.MethodGet, job, s.getJob, inResult},
		{"DeleteJob", fiber.MethodDelete, job, s.deleteJob, inResult},
		{"UpdateJob", fiber.MethodPut, job, s.updateJob, inResult},
		{"StopJob", fiber.MethodPost, job + "/stop", s.stopJob, inResult},
		{"GetJobEvents", fiber.MethodGet, job + "/events", s.getJobEvents, bare},
		{"GetPodEvents", fiber.MethodGet, pod + "/events", s.getPodEvents, bare},
		{"GetPodLogs", fiber.MethodGet, pod + "/logs", s.getPodLogs, inResult},
		{"GetJobMetrics", fiber.MethodGet, job + "/metrics", s.getJobMetrics, inResult},
		{"GetJobNodes", fiber.MethodGet, job + "/nodes", s.getJobNodes, inResult},
		{"GetWebTerminal", fiber.MethodGet, pod + "/webterminal", s.getWebTerminal, inResult},
	} {
		r.Add(o.method, o.path, s.serve(o, gate))
	}
	for _, method := range []string{fiber.MethodGet, fiber.MethodPost} {
		r.Add(method, "/", s.serveV2(gate))
	}
}

// bare leaves an answer without a wrapper.
func bare(result any, _ string) any { return result }

// serve turns an operation into a handler whose errors are AIHC's.
func (s *Service) serve(o route, gate lens.Gate) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id := lens.RequestID(c)
		c.Set("X-Bce-Request-Id", id)
		refuse := func(status int, code, message string) error {
			return c.Status(status).JSON(fiber.Map{"code": code, "message": message, "requestId": id})
		}
		run := func() error {
			result, err := o.do(c)
			if err != nil {
				e := explain(err, c.Params("jobId"), c.Method() != fiber.MethodGet)
				return refuse(e.Status, e.Code, e.Message)
			}
			return c.JSON(o.wrap(result, id))
		}
		if gate == nil {
			return run()
		}
		return gate(c, o.name, s.jobName(c, o.name), run, refuse)
	}
}

// jobName is the name of the job that a call is about, as far as that is known without moving the clock.
func (s *Service) jobName(c *fiber.Ctx, operation string) string {
	if operation == "CreateJob" {
		var in struct{ Name string }
		_ = json.Unmarshal(c.Body(), &in) // what is wrong with it the operation says
		return in.Name
	}
	if id := c.Params("jobId"); id != "" {
		if j, ok := s.world.Glance().Job(s.Token(id)); ok {
			return j.Name
		}
	}
	return ""
}

// Token is what the world calls the job with this id: FRAMEWORK-UUID of v1, job-DIGITS of v2.
func (s *Service) Token(id string) string {
	if short, ok := strings.CutPrefix(id, "job-"); ok {
		return s.world.TokenOfShort(short)
	}
	framework, uuid, ok := strings.Cut(id, "-")
	if !ok || !isPrefix(framework) {
		return ""
	}
	return world.TokenOfLong(uuid)
}

// Status is where a job stands, in AIHC's words.
func (s *Service) Status(h *play.History) string { return status(h) }

// Statuses are all that a job may have.
func (s *Service) Statuses() []string { return statuses }

// look is a view of the world, told to the caller.
func (s *Service) look(c *fiber.Ctx) (world.View, error) {
	v, err := s.world.Look(c.Context())
	if err == nil {
		lens.Tell(c, v)
	}
	return v, err
}

// find looks up the job of the path as it stands.
func (s *Service) find(c *fiber.Ctx) (*record, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	j, ok := v.Job(s.Token(c.Params("jobId")))
	if !ok {
		return nil, world.ErrNotFound
	}
	return s.record(v, j), nil
}
