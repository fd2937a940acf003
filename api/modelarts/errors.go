package modelarts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
)

// Error is a refusal in ModelArts' words.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The codes (docs/apis.md). That of a bad parameter is the vendor's; the others follow its form.
const (
	codeInvalid  = "ModelArts.0104"
	codeNotFound = "ModelArts.0404"
	codeState    = "ModelArts.0409"
	codeInternal = "ModelArts.0500"
	codeClosed   = "ModelArts.0503"
)

// explain puts any error into ModelArts' words; what names the job it is about. What creates a job is never answered with a 5xx: who repeats
// such calls would have it twice.
func explain(err error, what string, creates bool) *Error {
	var own *Error
	var flaw *lens.Flaw
	var queue *world.UnknownQueueError
	var refused *world.QueueError
	var env *play.EnvError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &flaw):
		return &Error{fiber.StatusBadRequest, codeInvalid, flaw.Error()}
	case errors.Is(err, world.ErrNotFound):
		return &Error{fiber.StatusNotFound, codeNotFound, fmt.Sprintf("there is no training job %q", what)}
	case errors.Is(err, world.ErrEnded):
		return &Error{fiber.StatusBadRequest, codeState, fmt.Sprintf("training job %q has ended; only one that has not ended can be terminated", what)}
	case errors.As(err, &queue):
		return &Error{fiber.StatusBadRequest, codeInvalid, fmt.Sprintf("spec.resource.pool_id: got %q, want a pool of the cluster or one of %s", queue.Queue, lens.Quoted(queue.Known))}
	case errors.As(err, &refused):
		return &Error{fiber.StatusBadRequest, codeInvalid, "spec.resource.pool_id: " + refused.Error()}
	case errors.As(err, &env):
		return &Error{fiber.StatusBadRequest, codeInvalid, fmt.Sprintf("algorithm.environments.%s: got %q, want %s", env.Key, env.Got, env.Want)}
	}
	e := &Error{fiber.StatusInternalServerError, codeInternal, "the simulation cannot go on; see the server's log"}
	switch {
	case errors.Is(err, world.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = &Error{fiber.StatusServiceUnavailable, codeClosed, "the server is shutting down"}
	case errors.Is(err, world.ErrFrozen):
		e = &Error{fiber.StatusServiceUnavailable, codeClosed, "the world takes no commands: its journal cannot be written (GET /orrery/v1/ready says why)"}
	}
	if creates {
		e.Status = fiber.StatusConflict
	}
	return e
}
