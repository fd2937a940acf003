package control

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/sign"
)

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
