package paidlc

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
)

// boolOf reads true or false from the query.
func boolOf(c *fiber.Ctx, name string, absent bool) (bool, error) { return lens.Bool(c, name, absent) }

// window reads StartTime and EndTime; what is absent is now, and back before it.
func window(c *fiber.Ctx, v world.View, back time.Duration) (from, to time.Time, err error) {
	to = v.Time(v.Now)
	if text := c.Query("EndTime"); text != "" {
		if to, err = timeOf("EndTime", text); err != nil {
			return from, to, err
		}
		to = to.Add(time.Second - 1) // bounds have seconds; what happened within the last one counts
	}
	from = to.Add(-back)
	if text := c.Query("StartTime"); text != "" {
		from, err = timeOf("StartTime", text)
	}
	return from, to, err
}

func timeOf(name, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, invalid(name, "got %q, want UTC as 2006-01-02T15:04:05Z", text)
	}
	return t, nil
}

func intOf(c *fiber.Ctx, name string, absent, low, high int) (int, error) {
	return lens.Int(c, name, absent, low, high)
}

func int64Of(c *fiber.Ctx, name string, absent int64) (int64, error) {
	text := c.Query(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, invalid(name, "got %q, want a whole number", text)
	}
	return n, nil
}

// oneOf reads a word of a closed list.
func oneOf(c *fiber.Ctx, name, absent string, words ...string) (string, error) {
	return lens.OneOf(c, name, absent, words...)
}
