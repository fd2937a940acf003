package catalog

import (
	"fmt"
	"strconv"
	"strings"
)

// An Error is one thing wrong in a table.
type Error struct {
	File         string
	Line, Column int // 1-based, the column in bytes
	What         string
	Got          string
	Want         string
	Hint         string // empty if nothing is known
}

func (e Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d  %s: got %s, want %s", e.File, e.Line, e.Column, e.What, strconv.Quote(e.Got), e.Want)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// maxErrors is how many errors of a file are told at once.
const maxErrors = 20

// Errors are all errors of a table in the order of its lines, at most twenty.
type Errors []Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// An UnknownError says that a name stands in no table.
type UnknownError struct {
	Kind string   // "accelerator", "node type", "resource"
	Name string   // as asked for
	Near []string // the closest names, best first, at most three
}

func (e *UnknownError) Error() string {
	s := fmt.Sprintf("%s: got %q, want a name or alias of the catalogue", e.Kind, e.Name)
	if len(e.Near) > 0 {
		quoted := make([]string, len(e.Near))
		for i, n := range e.Near {
			quoted[i] = strconv.Quote(n)
		}
		s += " (did you mean " + strings.Join(quoted, " or ") + "?)"
	}
	return s
}
