package control

import (
	"fmt"
	"net/url"
	"path"
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
	var err error
	switch {
	case f != nil && !s.hold(f.latency):
		err = refuse(fiber.StatusServiceUnavailable, "ServiceUnavailable", "the server is shutting down")
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

// hold holds a call back, and reports whether the server is still there afterwards.
func (s *Service) hold(latency time.Duration) bool {
	if latency == 0 {
		return true
	}
	t := time.NewTimer(latency)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.quit:
		return false
	}
}

// pattern is a query value; values are not escaped in patterns.
func pattern(c *fiber.Ctx, name string) (string, error) {
	v, err := url.PathUnescape(c.Query(name))
	if err != nil {
		v = c.Query(name)
	}
	if _, err := path.Match(v, ""); err != nil {
		return "", bad("%s: got %q, want a name in which * and ? match", name, v)
	}
	return v, nil
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
	var match [3]string
	for i, name := range []string{"operation", "job", "user"} {
		var err error
		if match[i], err = pattern(c, name); err != nil {
			return nil, err
		}
	}
	found := s.Requests(match[0], match[1], match[2], status)
	return fiber.Map{"count": len(found), "requests": found}, nil
}

// Requests are the last 10,000 calls that match, oldest first. Empty patterns match all; * and ? match in names. Status is one such as
// 404, or a class: 4; 0 is any.
func (s *Service) Requests(operation, job, user string, status int) []Request {
	return s.requests.find(operation, job, user, status)
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
	return s.AddFault(f)
}

// AddFault puts a fault in force and gives it with its id.
func (s *Service) AddFault(f Fault) (Fault, error) {
	if err := f.check(); err != nil {
		return f, bad("%v", err)
	}
	return f, s.faults.add(&f)
}

// ClearFaults ends all faults.
func (s *Service) ClearFaults() { s.faults.remove(0) }

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
