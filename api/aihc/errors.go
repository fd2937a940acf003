package aihc

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
)

// Error is a refusal in AIHC's words.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The codes (docs/apis.md).
const (
	codeInvalid   = "cce.warning.InvalidParam"
	codeMalformed = "cce.warning.MalformedJSON"
	codeNoJob     = "cce.warning.GetAIJobByJobIdFailed"
	codeNoObject  = "cce.warning.NoSuchObject"
	codeExists    = "cce.warning.AlreadyExist"
	codeStatus    = "cce.warning.StatusNotAllowed"
	codeNotYet    = "cce.warning.NotSupported"
	codeClosed    = "cce.warning.ServiceUnavailable"
	codeInternal  = "cce.error.InternalServerError"
)

func noObject(what, name, want string) *Error {
	return &Error{fiber.StatusNotFound, codeNoObject, fmt.Sprintf("%s: got %q, want %s", what, name, want)}
}

// explain puts any error into AIHC's words; what names the job it is about. The official client repeats calls that are answered with a
// 5xx, creates among them: what changes something is never answered so.
func explain(err error, what string, changes bool) *Error {
	var own *Error
	var flaw *lens.Flaw
	var queue *world.UnknownQueueError
	var refused *world.QueueError
	var env *play.EnvError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &flaw) && flaw.Field == "body":
		return &Error{fiber.StatusBadRequest, codeMalformed, flaw.Error()}
	case errors.As(err, &flaw):
		return &Error{fiber.StatusBadRequest, codeInvalid, flaw.Error()}
	case errors.Is(err, world.ErrNotFound):
		return &Error{fiber.StatusBadRequest, codeNoJob, fmt.Sprintf("there is no job %q", what)}
	case errors.Is(err, world.ErrEnded):
		return &Error{fiber.StatusBadRequest, codeStatus, fmt.Sprintf("job %q has ended; only a job that has not ended can be stopped or changed", what)}
	case errors.As(err, &queue):
		return &Error{fiber.StatusBadRequest, codeInvalid, fmt.Sprintf("queue: got %q, want %q or one of %s", queue.Queue, defaultQueue, lens.Quoted(queue.Known))}
	case errors.As(err, &refused) && errors.Is(err, world.ErrInUse):
		return &Error{fiber.StatusBadRequest, codeStatus, refused.Error()}
	case errors.As(err, &refused) && errors.Is(err, world.ErrNoQueue):
		return &Error{fiber.StatusNotFound, codeNoObject, refused.Error()}
	case errors.As(err, &refused):
		return &Error{fiber.StatusBadRequest, codeInvalid, "queue: " + refused.Error()}
	case errors.As(err, &env):
		return &Error{fiber.StatusBadRequest, codeInvalid, fmt.Sprintf("envs.%s: got %q, want %s", env.Key, env.Got, env.Want)}
	}
	status, code, message := fiber.StatusInternalServerError, codeInternal, "the simulation cannot go on; see the server's log"
	switch {
	case errors.Is(err, world.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		status, code, message = fiber.StatusServiceUnavailable, codeClosed, "the server is shutting down"
	case errors.Is(err, world.ErrFrozen):
		status, code, message = fiber.StatusServiceUnavailable, codeClosed, "the world takes no commands: its journal cannot be written (GET /orrery/v1/ready says why)"
	}
	if changes {
		status = fiber.StatusConflict
	}
	return &Error{status, code, message}
}
