package paidlc

import (
	"encoding/json"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
)

// updateJob changes priority, visibility and, of an elastic job, the numbers of pods; all of it or nothing.
func (s *Service) updateJob(c *fiber.Ctx, id string) (any, error) {
	if len(c.Body()) > maxBody {
		return nil, &Error{fiber.StatusRequestEntityTooLarge, codeTooLarge, fmt.Sprintf("body: got %d bytes, want at most %d", len(c.Body()), maxBody)}
	}
	var u UpdateJobRequest
	if err := decode(c.Body(), &u); err != nil {
		return nil, err
	}
	if err := u.check(); err != nil {
		return nil, err
	}
	v, err := s.world.Amend(c.Context(), token(c.Params("JobId")), func(j *world.Job, v world.View) (world.Amendment, error) {
		r := newRecord(v, j)
		q := *r.request()
		if u.JobSpecs != nil {
			if err := u.resize(&q, j); err != nil {
				return world.Amendment{}, err
			}
		}
		if u.Accessibility != nil {
			q.Accessibility = *u.Accessibility
		}
		a := world.Amendment{Priority: u.Priority}
		if j.API != apiName {
			return a, nil // a job of the scenario has nothing but a priority to change
		}
		if u.Priority != nil {
			q.Priority = u.Priority
		}
		var err error
		a.Payload, err = json.Marshal(&q)
		return a, err
	})
	return s.changed(c, id, v, err)
}

func (u *UpdateJobRequest) check() error {
	switch {
	case u.Priority != nil && (*u.Priority < 1 || *u.Priority > 9):
		return invalid("Priority", "got %d, want 1 to 9", *u.Priority)
	case u.Accessibility != nil && *u.Accessibility != "PUBLIC" && *u.Accessibility != "PRIVATE":
		return invalid("Accessibility", "got %q, want PUBLIC or PRIVATE", *u.Accessibility)
	}
	for i := range u.JobSpecs {
		if err := u.JobSpecs[i].check(fmt.Sprintf("JobSpecs[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// resize takes the new numbers of pods over into an elastic job's request.
func (u *UpdateJobRequest) resize(q *CreateJobRequest, j *world.Job) error {
	if !elastic(q) {
		return &Error{fiber.StatusBadRequest, codeBad, "JobSpecs: this job is not elastic (ElasticSpec.EnableElasticTraining or AutoScalingSpec); its pods cannot be changed"}
	}
	if !j.Active() {
		return world.ErrEnded
	}
	specs := append([]JobSpec(nil), q.JobSpecs...)
	for i := range u.JobSpecs {
		change := &u.JobSpecs[i]
		at := fmt.Sprintf("JobSpecs[%d]", i)
		role := -1
		for k := range specs {
			if change.Type == specs[k].Type || change.Type == "" && len(specs) == 1 {
				role = k
			}
		}
		if role < 0 {
			return invalid(at+".Type", "got %q, want a role of the job", change.Type)
		}
		if change.PodCount == nil {
			continue
		}
		less := *specs[role].PodCount - *change.PodCount
		if a := change.AutoScalingSpec; a != nil && len(a.PodsToDelete) > 0 && int64(len(a.PodsToDelete)) != less {
			return invalid(at+".AutoScalingSpec.PodsToDelete", "got %d pods, want %d: as many as PodCount goes down by", len(a.PodsToDelete), max(less, 0))
		}
		n := *change.PodCount
		specs[role].PodCount = &n
	}
	q.JobSpecs = specs
	return nil
}

func elastic(q *CreateJobRequest) bool {
	if q.ElasticSpec != nil && on(q.ElasticSpec.EnableElasticTraining) || q.JobType == "ElasticBatchJob" {
		return true
	}
	for i := range q.JobSpecs {
		if q.JobSpecs[i].AutoScalingSpec != nil {
			return true
		}
	}
	return false
}
