package trace

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orrery-sim/orrery/internal/spell"
)

// Error is what is wrong at one place of an input.
type Error struct {
	File string // path as it was given
	Line int    // from 1; 0 = the file as a whole
	Col  int    // byte column from 1; 0 = the line as a whole
	What string // what was found
	Want string // what was expected; may be empty
	Do   string // what to do about it; may be empty

	dangling bool // refers to a row that was not read
}

// Error is up to three lines: place and finding, expectation, advice.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(filepath.Base(e.File))
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Col > 0 {
			fmt.Fprintf(&b, ":%d", e.Col)
		}
	}
	b.WriteString("  " + e.What)
	for _, s := range []string{e.Want, e.Do} {
		if s != "" {
			b.WriteString("\n    " + s)
		}
	}
	return b.String()
}

// shown is text from an input as it may appear in an error: quoted and cut.
func shown(b []byte) string {
	const most = 40
	if len(b) > most {
		return fmt.Sprintf("%q...", b[:most])
	}
	return fmt.Sprintf("%q", b)
}

// shownList shows the first words of a list from a file.
func shownList(words []string) string {
	const most = 24
	var b strings.Builder
	for i, w := range words {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(words)-most)
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.Trim(shown([]byte(w)), `"`))
	}
	return b.String()
}

// nearest is the candidate that a misspelt word most likely means, or "". It allows one edit for each three letters.
func nearest(word string, candidates []string) string {
	best, bestD := "", len(word)/3+1
	for _, c := range candidates {
		if d := spell.Distance(word, c); d < bestD {
			best, bestD = c, d
		}
	}
	return best
}

func didYouMean(word string, candidates []string) string {
	if n := nearest(word, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	return ""
}
