package paidlc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/gofiber/fiber/v2"

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
func invalid(field, format string, args ...any) *Error {
	return &Error{fiber.StatusBadRequest, codeInvalid, field + ": " + fmt.Sprintf(format, args...)}
}

func missing(field, want string) *Error {
	return &Error{fiber.StatusBadRequest, codeMissing, fmt.Sprintf("%s: missing, want %s", field, want)}
}

// explain puts any error into PAI-DLC's words; what names the job it is about.
func explain(err error, what string) *Error {
	var own *Error
	var queue *world.UnknownQueueError
	var env *play.EnvError
	switch {
	case errors.As(err, &own):
		return own
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
		return invalid("ResourceId", "got %q, want one of %s, or nothing for public resources", queue.Queue, quoted(queue.Known))
	case errors.As(err, &env):
		return invalid("Envs."+env.Key, "got %q, want %s", env.Got, env.Want)
	}
	return &Error{fiber.StatusInternalServerError, codeInternal, "the simulation cannot go on; see the server's log"}
}

func quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(q, ", ")
}

// decode reads a JSON object. Unknown fields are fine: clients are newer than the document.
func decode(body []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return &Error{fiber.StatusBadRequest, codeInvalid, "body: got more than one JSON value, want one object"}
		}
		return nil
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		field := kind.Field
		if field == "" {
			field = "body"
		}
		return invalid(field, "got a JSON %s, want %s", kind.Value, kindName(kind.Type))
	}
	if errors.Is(err, io.EOF) {
		return &Error{fiber.StatusBadRequest, codeMissing, "body: missing, want a JSON object"}
	}
	return &Error{fiber.StatusBadRequest, codeInvalid, "body: it is no JSON: " + err.Error()}
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
