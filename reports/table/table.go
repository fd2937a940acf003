package table

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/orrery-sim/orrery/reports"
)

// Format is a way to print a table.
type Format string

// The formats.
const (
	Plain    Format = "table"
	Markdown Format = "md"
	LaTeX    Format = "latex"
	CSV      Format = "csv"
)

// Formats are all formats, in the order in which help lists them.
func Formats() []Format { return []Format{Plain, Markdown, LaTeX, CSV} }

// Write prints t as f. Plain, Markdown and LaTeX show what a person reads; CSV has exact numbers in base units under the
// columns' keys. In the first three the best of a column and real differences are marked: bold where the format has it,
// and a star. It fails on an unknown format or when w does.
func Write(w io.Writer, t *reports.Table, f Format) error {
	var text string
	switch f {
	case Plain:
		text = plain(t, false)
	case Markdown:
		text = markdown(t)
	case LaTeX:
		text = latex(t)
	case CSV:
		text = string(CSVBytes(t))
	default:
		return fmt.Errorf("table: no format %q (want table, md, latex or csv)", f)
	}
	_, err := io.WriteString(w, text)
	return err
}

// WriteBold prints t as plain text with the best of each column in bold, for a terminal that shows it.
func WriteBold(w io.Writer, t *reports.Table) error {
	_, err := io.WriteString(w, plain(t, true))
	return err
}

func plain(t *reports.Table, bold bool) string {
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = Width(reports.Clean(c.Name, 0))
	}
	for _, row := range t.Rows {
		for i := range t.Columns {
			widths[i] = max(widths[i], Width(marked(at(row, i))))
		}
	}
	var b strings.Builder
	line := func(cell func(i int) (text string, bold bool)) {
		var l strings.Builder
		for i, c := range t.Columns {
			if i > 0 {
				l.WriteString("  ")
			}
			text, strong := cell(i)
			pad := strings.Repeat(" ", max(0, widths[i]-Width(text)))
			if strong && bold {
				text = "\x1b[1m" + text + "\x1b[0m"
			}
			if numeric(c) {
				l.WriteString(pad + text)
			} else {
				l.WriteString(text + pad)
			}
		}
		b.WriteString(strings.TrimRight(l.String(), " "))
		b.WriteByte('\n')
	}
	line(func(i int) (string, bool) { return reports.Clean(t.Columns[i].Name, 0), false })
	for _, row := range t.Rows {
		line(func(i int) (string, bool) { c := at(row, i); return marked(c), c.Best })
	}
	return b.String()
}

// at returns cell i of a row, an empty one for a row that is too short.
func at(row []reports.Cell, i int) reports.Cell {
	if i < len(row) {
		return row[i]
	}
	return reports.Word("")
}

func marked(c reports.Cell) string {
	text := reports.Clean(c.Shown(), 0)
	if c.Real {
		text += "*"
	}
	return text
}

func numeric(c reports.Column) bool { return c.Unit != reports.Text }

// Width is how many columns text takes in a terminal: two for East Asian wide characters and emoji, none for marks that
// combine with the one before.
func Width(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	return r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf && r != 0x303f || r >= 0xac00 && r <= 0xd7a3 ||
		r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 ||
		r >= 0x1f300 && r <= 0x1f64f || r >= 0x1f680 && r <= 0x1f6ff || r >= 0x1f900 && r <= 0x1f9ff || r >= 0x20000 && r <= 0x3fffd)
}
