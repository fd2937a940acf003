package trace

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Error is what is wrong at one place of an input.
type Error struct {
	File string // path as it was given
	Line int    // from 1; 0 = the file as a whole
	Col  int    // byte column from 1; 0 = the line as a whole
	What string // what was found
	Want string // what was expected; may be empty
	Do   string // what to do about it; may be empty
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

// nearest is the candidate that a misspelt word most likely means, or "". It allows one edit for each three letters.
func nearest(word string, candidates []string) string {
	best, bestD := "", len(word)/3+1
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < bestD {
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

// editDistance counts insertions, deletions, replacements and swaps of neighbours. Long words are cut: nobody misspells
// a column into hundreds of letters.
func editDistance(a, b string) int {
	const most = 64
	a, b = a[:min(len(a), most)], b[:min(len(b), most)]
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
