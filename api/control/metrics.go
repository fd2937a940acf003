package control

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// metrics writes counters in Prometheus' text format. Labels are operations and classes of status, never jobs.
func (s *Service) metrics(c *fiber.Ctx) error {
	st := s.world.Status()
	var b strings.Builder
	family := func(name, kind, help string) { fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind) }
	gauge := func(name, help string, v float64) {
		family(name, "gauge", help)
		fmt.Fprintf(&b, "%s %g\n", name, v)
	}
	gauge("orrery_simulated_seconds", "Simulated time since the start.", float64(st.Now)/1e9)
	gauge("orrery_clock_lag_seconds", "Simulated time that the clock fell behind so far.", float64(st.Behind)/1e9)
	gauge("orrery_active_jobs", "Jobs that have not ended.", float64(st.Active))
	gauge("orrery_jobs", "Jobs so far.", float64(st.Jobs))

	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	family("orrery_requests_total", "counter", "Answered calls.")
	keys := slices.SortedFunc(maps.Keys(s.requests.count), func(x, y [2]string) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	for _, k := range keys {
		fmt.Fprintf(&b, "orrery_requests_total{operation=%q,status=%q} %d\n", k[0], k[1], s.requests.count[k])
	}
	family("orrery_request_seconds_total", "counter", "Wall time spent on calls.")
	for _, op := range slices.Sorted(maps.Keys(s.requests.spent)) {
		fmt.Fprintf(&b, "orrery_request_seconds_total{operation=%q} %g\n", op, s.requests.spent[op].Seconds())
	}
	c.Set(fiber.HeaderContentType, "text/plain; version=0.0.4; charset=utf-8")
	return c.SendString(b.String())
}
