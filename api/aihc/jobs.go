package aihc

import (
	"cmp"
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/sim/state"
)

// pool checks that a call names the one pool there is.
func pool(c *fiber.Ctx) error {
	switch id := cmp.Or(c.Params("resourcePoolId"), c.Query("resourcePoolId")); id {
	case poolID:
		return nil
	case "":
		return lens.Missing("resourcePoolId", "the resource pool "+poolID)
	default:
		return noObject("resourcePoolId", id, "the resource pool "+poolID)
	}
}

// pageOf reads how a list is to be cut and sorted; 0 reads as absent.
func pageOf(c *fiber.Ctx, fallback string, orders ...string) (p page, err error) {
	read := func(name string, absent, high int) (n int) {
		if err == nil && c.Query(name) != "0" {
			n, err = lens.Int(c, name, absent, 1, high)
			return n
		}
		return absent
	}
	p.PageNo, p.PageSize = read("pageNo", 1, 1_000_000), read("pageSize", 10, 1000)
	if err != nil {
		return p, err
	}
	if p.OrderBy, err = lens.OneOf(c, "orderBy", fallback, orders...); err != nil {
		return p, err
	}
	p.Order, err = lens.OneOf(c, "order", "desc", "asc", "desc", "ASC", "DESC")
	return p, err
}

func (p *page) ascending() bool { return p.Order == "asc" || p.Order == "ASC" }

// cut is the page's part of a sorted list, whose length it notes.
func cut[T any](p *page, list []T) []T {
	p.Total = len(list)
	from := min((p.PageNo-1)*p.PageSize, len(list))
	return list[from:min(from+p.PageSize, len(list))]
}

func (s *Service) listJobs(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	p, err := pageOf(c, "createdAt", "createdAt", "finishedAt")
	if err != nil {
		return nil, err
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	var in func(*world.Brief) bool
	if queue := cmp.Or(c.Query("queue"), c.Query("queueID")); queue != "" && queue != "all" {
		in = func(b *world.Brief) bool { j := b.Job(); return j != nil && queueName(j.Queue) == queue }
	}
	var found []*world.Job
	if p.OrderBy == "createdAt" {
		found, p.Total = v.Page(world.All, in, p.ascending(), (p.PageNo-1)*p.PageSize, p.PageSize)
	} else {
		found = cut(&p, byEnd(v, in, p.ascending()))
	}
	places := s.places(v)
	jobs := []*Job{}
	for _, j := range found {
		r := s.record(v, j)
		jobs = append(jobs, r.item(places.ahead(r)))
	}
	return struct {
		page
		Jobs []*Job `json:"jobs"`
	}{p, jobs}, nil
}

// byEnd are the jobs in the order in which they ended.
func byEnd(v world.View, in func(*world.Brief) bool, oldest bool) []*world.Job {
	var out []*world.Job
	for b := range v.Each(world.All) {
		if in == nil || in(b) {
			if j := b.Job(); j != nil {
				out = append(out, j)
			}
		}
	}
	slices.SortFunc(out, func(a, b *world.Job) int {
		d := cmp.Compare(endOf(a), endOf(b))
		if !oldest {
			d = -d
		}
		return cmp.Or(d, cmp.Compare(a.Number, b.Number))
	})
	return out
}

// endOf sorts jobs that have not ended behind the others.
func endOf(j *world.Job) state.Time {
	if j.Active() {
		return state.Never
	}
	return j.Life.Ended
}

func (s *Service) getJob(c *fiber.Ctx) (any, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	o := r.item(s.places(r.v).ahead(r))
	o.PodList = r.podList()
	return o, nil
}

// updateJob changes the priority, which is all that can be changed.
func (s *Service) updateJob(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	var in struct {
		Priority string `json:"priority"`
	}
	if err := lens.Decode(c.Body(), &in); err != nil {
		return nil, err
	}
	level := levels[in.Priority]
	switch {
	case in.Priority == "":
		return nil, lens.Missing("priority", "high, normal or low")
	case level == 0:
		return nil, lens.Invalid("priority", "got %q, want high, normal or low", in.Priority)
	}
	v, err := s.prioritise(c.Context(), c.Params("jobId"), level)
	return changed(c, "", v, err)
}

// prioritise gives a job that has not ended a priority of the world.
func (s *Service) prioritise(ctx context.Context, id string, level int32) (world.View, error) {
	return s.world.Amend(ctx, s.Token(id), func(j *world.Job, _ world.View) (world.Amendment, error) {
		if !j.Active() {
			return world.Amendment{}, world.ErrEnded
		}
		return world.Amendment{Priority: &level}, nil
	})
}

func (s *Service) stopJob(c *fiber.Ctx) (any, error) {
	if err := pool(c); err != nil {
		return nil, err
	}
	v, err := s.world.Stop(c.Context(), s.Token(c.Params("jobId")))
	return changed(c, "", v, err)
}

// deleteJob takes the job away; one that has not ended is stopped.
func (s *Service) deleteJob(c *fiber.Ctx) (any, error) {
	r, err := s.find(c)
	if err != nil {
		return nil, err
	}
	v, err := s.world.Discard(c.Context(), s.Token(c.Params("jobId")))
	return changed(c, r.j.Name, v, err)
}

func changed(c *fiber.Ctx, name string, v world.View, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	lens.Tell(c, v)
	return JobResult{c.Params("jobId"), name}, nil
}
