package lens

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Flaw is what is wrong with a request: the field, what was found there and what may stand there.
type Flaw struct {
	Field   string
	Problem string
	Missing bool // the field is not there at all
}

func (f *Flaw) Error() string { return f.Field + ": " + f.Problem }

// Invalid names a field, what it was and what it may be.
func Invalid(field, format string, args ...any) *Flaw {
	return &Flaw{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// Missing names a field that must be there, and what it may be.
func Missing(field, want string) *Flaw {
	return &Flaw{Field: field, Problem: "missing, want " + want, Missing: true}
}

// Decode reads a JSON object. Unknown fields are fine: clients are newer than documents. The error is a *Flaw.
func Decode(body []byte, into any) error {
	d := json.NewDecoder(strings.NewReader(string(body)))
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return Invalid("body", "got more than one JSON value, want one object")
		}
		return nil
	}
	var flaw *Flaw
	if errors.As(err, &flaw) { // of a type that reads itself
		return flaw
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		field := kind.Field
		if field == "" {
			field = "body"
		}
		return Invalid(field, "got a JSON %s, want %s", kind.Value, kindName(kind.Type))
	}
	if errors.Is(err, io.EOF) {
		return Missing("body", "a JSON object")
	}
	return Invalid("body", "it is no JSON: %v", err)
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// Bool reads true or false from the query.
func Bool(c *fiber.Ctx, name string, absent bool) (bool, error) {
	switch v := c.Query(name); strings.ToLower(v) {
	case "":
		return absent, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, Invalid(name, "got %q, want true or false", v)
	}
}

// Int reads a whole number between two bounds from the query.
func Int(c *fiber.Ctx, name string, absent, low, high int) (int, error) {
	text := c.Query(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, Invalid(name, "got %q, want a whole number from %d to %d", text, low, high)
	}
	return n, nil
}

// OneOf reads a word of a closed list from the query; an empty word in the list is not named in the error.
func OneOf(c *fiber.Ctx, name, absent string, words ...string) (string, error) {
	text := c.Query(name)
	if text == "" {
		return absent, nil
	}
	if !slices.Contains(words, text) {
		return "", Invalid(name, "got %q, want %s", text, strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" }), " or "))
	}
	return text, nil
}

// Quoted lists names in quotes.
func Quoted(list []string) string {
	q := make([]string, len(list))
	for i, s := range list {
		q[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(q, ", ")
}
