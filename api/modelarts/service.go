package modelarts

import (
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios/catalog"
)

const apiName = "modelarts"

// Service answers ModelArts' calls over one world.
type Service struct {
	world   *world.World
	flavors *flavors
}

// New makes a service; which cards stand for a flavor follows from the world's nodes.
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
	return &Service{world: w, flavors: newFlavors(c, v.Nodes())}, nil
}

// handler answers one operation: a value to be sent as JSON, or nil for no body.
type handler func(c *fiber.Ctx) (any, error)

// Register adds the routes of the API behind a gate, which may be nil.
func (s *Service) Register(r fiber.Router, gate lens.Gate) {
	const root = "/v2/:project_id"
	const jobs, job = root + "/training-jobs", root + "/training-jobs/:training_job_id"
	const task = job + "/tasks/:task_id"
	for _, o := range []struct {
		name, method, path string
		status             int
		do                 handler
	}{
		{"ListTrainingJobs", fiber.MethodPost, root + "/training-job-searches", fiber.StatusOK, s.search},
		{"CreateTrainingJob", fiber.MethodPost, jobs, fiber.StatusCreated, s.createJob},
		{"ShowTrainingJobDetails", fiber.MethodGet, job, fiber.StatusOK, s.showJob},
		{"ChangeTrainingJobDescription", fiber.MethodPut, job, fiber.StatusOK, s.describeJob},
		{"DeleteTrainingJob", fiber.MethodDelete, job, fiber.StatusAccepted, s.deleteJob},
		{"StopTrainingJob", fiber.MethodPost, job + "/actions", fiber.StatusAccepted, s.act},
		{"ListTrainingJobEvents", fiber.MethodGet, job + "/events", fiber.StatusOK, s.events},
		{"ListTrainingJobStages", fiber.MethodGet, job + "/stages", fiber.StatusOK, s.stages},
		{"ListTrainingJobTasks", fiber.MethodGet, job + "/tasks", fiber.StatusOK, s.tasks},
		{"ShowTrainingJobLogsPreview", fiber.MethodGet, task + "/logs/preview", fiber.StatusOK, s.logsPreview},
		{"ShowObsUrlOfTrainingJobLogs", fiber.MethodGet, task + "/logs/url", fiber.StatusOK, s.logsURL},
		{"DownloadTrainingJobLogs", fiber.MethodGet, task + "/logs/file", fiber.StatusOK, s.logsFile},
		{"ShowTrainingJobMetrics", fiber.MethodGet, job + "/metrics/:task_id", fiber.StatusOK, s.metrics},
		{"ShowTrainingJobFlavors", fiber.MethodGet, root + "/training-job-flavors", fiber.StatusOK, s.listFlavors},
		{"ShowTrainingJobEngines", fiber.MethodGet, root + "/training-job-engines", fiber.StatusOK, s.listEngines},
	} {
		r.Add(o.method, o.path, s.serve(o.name, o.status, o.do, gate))
	}
}

// file is an answer that is no JSON.
type file []byte

// serve turns an operation into a handler whose errors are ModelArts'.
func (s *Service) serve(name string, status int, do handler, gate lens.Gate) fiber.Handler {
	return func(c *fiber.Ctx) error {
		refuse := func(status int, code, message string) error {
			return c.Status(status).JSON(fiber.Map{"error_code": code, "error_msg": message})
		}
		run := func() error {
			answer, err := do(c)
			if err != nil {
				e := explain(err, c.Params("training_job_id"), name == "CreateTrainingJob")
				return refuse(e.Status, e.Code, e.Message)
			}
			c.Status(status)
			switch a := answer.(type) {
			case nil:
				return nil
			case file:
				c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
				return c.Send(a)
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
	if operation == "CreateTrainingJob" {
		var in struct{ Metadata struct{ Name string } }
		_ = json.Unmarshal(c.Body(), &in) // what is wrong with it the operation says
		return in.Metadata.Name
	}
	if id := c.Params("training_job_id"); id != "" {
		if j, ok := s.world.Glance().Job(s.Token(id)); ok {
			return j.Name
		}
	}
	return ""
}

// Token is what the world calls the job with this id, a UUID.
func (s *Service) Token(id string) string { return world.TokenOfLong(id) }

// Status is a job's phase.
func (s *Service) Status(h *play.History) string {
	phase, _ := phaseOf(h)
	return phase
}

// Statuses are all phases that a job may have.
func (s *Service) Statuses() []string { return phases }

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
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	j, ok := v.Job(s.Token(c.Params("training_job_id")))
	if !ok {
		return nil, world.ErrNotFound
	}
	return s.record(v, j), nil
}

func (s *Service) createJob(c *fiber.Ctx) (any, error) {
	sub, err := s.submission(c.Body(), lens.Caller(c))
	if err != nil {
		return nil, err
	}
	j, v, err := s.world.Submit(c.Context(), sub)
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return s.record(v, j).wire(), nil
}

func (s *Service) showJob(c *fiber.Ctx) (any, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	return r.wire(), nil
}

// deleteJob takes the job away; one that has not ended is terminated.
func (s *Service) deleteJob(c *fiber.Ctx) (any, error) {
	v, err := s.world.Discard(c.Context(), s.Token(c.Params("training_job_id")))
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return nil, nil
}

// act terminates a job, which is all that can be asked for.
func (s *Service) act(c *fiber.Ctx) (any, error) {
	var in struct {
		ActionType string `json:"action_type"`
	}
	if err := lens.Decode(c.Body(), &in); err != nil {
		return nil, err
	}
	switch in.ActionType {
	case "":
		return nil, lens.Missing("action_type", "terminate")
	case "terminate":
	default:
		return nil, lens.Invalid("action_type", "got %q, want terminate", in.ActionType)
	}
	token := s.Token(c.Params("training_job_id"))
	v, err := s.world.Stop(c.Context(), token)
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	j, ok := v.Job(token)
	if !ok {
		return nil, world.ErrNotFound
	}
	return s.record(v, j).wire(), nil
}

// describeJob changes the description. Only a job of this API has a place for it.
func (s *Service) describeJob(c *fiber.Ctx) (any, error) {
	var in struct {
		Description *string `json:"description"`
	}
	if err := lens.Decode(c.Body(), &in); err != nil {
		return nil, err
	}
	if in.Description != nil && len([]rune(*in.Description)) > maxDescription {
		return nil, lens.Invalid("description", "got %d characters, want at most %d", len([]rune(*in.Description)), maxDescription)
	}
	v, err := s.world.Amend(c.Context(), s.Token(c.Params("training_job_id")), func(j *world.Job, _ world.View) (world.Amendment, error) {
		r := requestOf(j)
		if r == nil {
			return world.Amendment{}, &Error{fiber.StatusBadRequest, codeState, "the job came through another API, which has no descriptions"}
		}
		r.Metadata.Description = in.Description
		payload, err := json.Marshal(r)
		return world.Amendment{Payload: payload}, err
	})
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return fiber.Map{}, nil
}
