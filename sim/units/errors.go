package units

import (
	"strconv"
	"unicode/utf8"
)

// An Error says why a text is no value of the wanted kind. The parts stand apart so that a caller can lay them out
// beside a position in a file.
type Error struct {
	What string // what was being read: "duration", "bytes", ...
	Got  string // the text as found, at most 48 bytes of it
	Want string // the forms that are accepted, or the range
	Hint string // what to do, a short sentence; empty if nothing is known
}

// Error is the one-line form of all parts.
func (e *Error) Error() string {
	s := e.What + ": got " + strconv.Quote(e.Got) + ", want " + e.Want
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

const gotMax = 48

func newError(what, got, want, hint string) *Error {
	if len(got) > gotMax {
		cut := gotMax
		for cut > 0 && !utf8.RuneStart(got[cut]) {
			cut--
		}
		got = got[:cut] + "..."
	}
	return &Error{What: what, Got: got, Want: want, Hint: hint}
}

func didYouMean(text string) string { return "did you mean " + strconv.Quote(text) + "?" }
