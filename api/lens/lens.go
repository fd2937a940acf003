package lens

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/sign"
	"github.com/orrery-sim/orrery/api/world"
)

const (
	// LocalRequestID is the local of a request in which the app keeps its id, an upper-case UUID.
	LocalRequestID = "requestId"
	// HeaderTime is the header of an answer that carries simulated time.
	HeaderTime = "X-Orrery-Time"
)

// Gate stands around every call, to answer in its place or to note it. Job is the name of the job that the call is about, if it
// is known.
type Gate func(c *fiber.Ctx, operation, job string, run func() error, refuse func(status int, code, message string) error) error

// RequestID is the id that the app gave the request.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(LocalRequestID).(string)
	return id
}

// Caller is who calls, by the signature's access key.
func Caller(c *fiber.Ctx) string { return sign.User(c.Get(fiber.HeaderAuthorization)) }

// Tell puts the simulated time into the answer's header.
func Tell(c *fiber.Ctx, v world.View) {
	c.Set(HeaderTime, v.Time(v.Now).UTC().Format(time.RFC3339Nano))
}
