package paidlc

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
)

// Error is a refusal in PAI-DLC's words.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The codes (docs/apis.md).
const (
	codeMissing  = "MissingParameter"
	codeInvalid  = "InvalidParameter"
	codeBad      = "BadRequest"
	codeNotFound = "NotFound"
	codeTooLarge = "RequestEntityTooLarge"
	codeNotYet   = "NotImplemented"
	codeClosed   = "ServiceUnavailable"
	codeInternal = "InternalError"
)

// invalid names a field, what it was and what it may be.
func invalid(field, format string, args ...any) error { return lens.Invalid(field, format, args...) }

func missing(field, want string) error { return lens.Missing(field, want) }

// explain puts any error into PAI-DLC's words; what names the job it is about.
func explain(err error, what string) *Error {
	var own *Error
	var flaw *lens.Flaw
	var queue *world.UnknownQueueError
	var refused *world.QueueError
	var env *play.EnvError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &flaw) && flaw.Missing:
		return &Error{fiber.StatusBadRequest, codeMissing, flaw.Error()}
	case errors.As(err, &flaw):
		return &Error{fiber.StatusBadRequest, codeInvalid, flaw.Error()}
	case errors.Is(err, world.ErrNotFound):
		return &Error{fiber.StatusNotFound, codeNotFound, fmt.Sprintf("there is no job %q", what)}
	case errors.Is(err, world.ErrEnded):
		return &Error{fiber.StatusBadRequest, codeBad, fmt.Sprintf("job %q has ended; only a job that has not ended can be stopped or changed", what)}
	case errors.Is(err, world.ErrActive):
		return &Error{fiber.StatusBadRequest, codeBad, fmt.Sprintf("job %q has not ended; stop it, and delete it when it has stopped", what)}
	case errors.Is(err, world.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Error{fiber.StatusServiceUnavailable, codeClosed, "the server is shutting down"}
	case errors.Is(err, world.ErrFrozen):
		return &Error{fiber.StatusServiceUnavailable, codeClosed, "the world takes no commands: its journal cannot be written (GET /orrery/v1/ready says why)"}
	case errors.As(err, &queue):
		return explain(invalid("ResourceId", "got %q, want one of %s, or nothing for public resources", queue.Queue, quoted(queue.Known)), what)
	case errors.As(err, &refused):
		return explain(invalid("ResourceId", "%s", refused.Error()), what)
	case errors.As(err, &env):
		return explain(invalid("Envs."+env.Key, "got %q, want %s", env.Got, env.Want), what)
	}
	return &Error{fiber.StatusInternalServerError, codeInternal, "the simulation cannot go on; see the server's log"}
}

func quoted(list []string) string { return lens.Quoted(list) }

// decode reads a JSON object.
func decode(body []byte, into any) error { return lens.Decode(body, into) }
