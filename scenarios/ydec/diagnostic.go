package ydec

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Pos is a place in a file. Line and Column count from 1, columns in characters. Line 0 is a place without lines, such as a
// command-line argument that File then names.
type Pos struct {
	File         string
	Line, Column int
}

// String is file:line:column, or the file alone where there are no lines.
func (p Pos) String() string {
	if p.Line <= 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Diagnostic is one thing that is wrong. Texts are without a final stop.
type Diagnostic struct {
	Pos
	Path       string // where in the tree, such as cluster.pools[0].nodeType; empty for the whole file
	Problem    string // what is wrong
	Expected   string // what was found and what was expected; may be empty
	Suggestion string // the name that was probably meant; may be empty
	Hint       string // what to do; may be empty
}

// Want sets the line that says what was found and expected.
func (d *Diagnostic) Want(format string, args ...any) *Diagnostic {
	d.Expected = fmt.Sprintf(format, args...)
	return d
}

// Known lists the names that would have been right ("node types here: a, b") and suggests the one nearest to got.
func (d *Diagnostic) Known(label, got string, names []string) *Diagnostic {
	d.Suggestion = Nearest(got, names)
	if len(names) == 0 {
		d.Expected = label + ": none"
		return d
	}
	shown := make([]string, 0, maxNames)
	for i, name := range names {
		if i == maxNames {
			shown = append(shown, fmt.Sprintf("and %d more", len(names)-i))
			break
		}
		shown = append(shown, cut(name))
	}
	d.Expected = label + ": " + strings.Join(shown, ", ")
	return d
}

// Do sets the line that says what to do.
func (d *Diagnostic) Do(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// String is the three lines of one diagnostic; lines with nothing to say are left out. Characters that could steer a terminal
// are escaped.
func (d *Diagnostic) String() string {
	head := printable(d.Pos.String()) + "  "
	margin := "\n" + strings.Repeat(" ", min(utf8.RuneCountInString(head), maxMargin))
	var b strings.Builder
	b.WriteString(head)
	if d.Path != "" && (d.Line > 0 || !strings.Contains(d.File, d.Path+"=")) { // an assignment's origin shows its path
		b.WriteString(printable(d.Path) + ": ")
	}
	b.WriteString(printable(d.Problem))
	second := d.Expected
	if d.Suggestion != "" {
		if second != "" {
			second += "   "
		}
		second += "(did you mean " + quote(d.Suggestion) + "?)"
	}
	for _, line := range []string{second, d.Hint} {
		if line != "" {
			b.WriteString(margin + printable(line))
		}
	}
	return b.String()
}

const (
	maxPrinted  = 20   // diagnostics that Error prints
	maxRecorded = 1000 // diagnostics after which reading stops looking for more
	maxNames    = 12   // names listed in one diagnostic
	maxMargin   = 40   // columns that the second line is indented at most
	maxShown    = 60   // characters of a value that are quoted
)

// Diagnostics is all that is wrong with one document, in the order of the file. It is an error; use Err to get a nil error
// from an empty list. At most 1,000 are recorded.
type Diagnostics []*Diagnostic

// Error prints at most twenty diagnostics of three lines each, then how many more there are.
func (ds Diagnostics) Error() string {
	var b strings.Builder
	for i, d := range ds {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == maxPrinted {
			fmt.Fprintf(&b, "and %d more", len(ds)-i)
			break
		}
		b.WriteString(d.String())
	}
	return b.String()
}

// Err is nil where nothing is wrong.
func (ds Diagnostics) Err() error {
	if len(ds) == 0 {
		return nil
	}
	return ds
}

// Sort orders by file (the first one named comes first), line and column; equal places keep their order.
func (ds Diagnostics) Sort() {
	rank := map[string]int{}
	for _, d := range ds {
		if _, ok := rank[d.File]; !ok {
			rank[d.File] = len(rank)
		}
	}
	sort.SliceStable(ds, func(i, j int) bool {
		a, b := ds[i], ds[j]
		if a.File != b.File {
			return rank[a.File] < rank[b.File]
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}
