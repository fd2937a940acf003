package table

import (
	"strings"

	"github.com/orrery-sim/orrery/reports"
)

// markdownEscapes are the characters that Markdown or the HTML in it would act on.
var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "#", `\#`, "~", `\~`,
	"\n", " ", "\r", " ",
)

func markdown(t *reports.Table) string {
	var b strings.Builder
	b.WriteByte('|')
	for _, c := range t.Columns {
		b.WriteString(" " + markdownEscapes.Replace(reports.Clean(c.Name, 0)) + " |")
	}
	b.WriteString("\n|")
	for _, c := range t.Columns {
		if numeric(c) {
			b.WriteString(" ---: |")
		} else {
			b.WriteString(" --- |")
		}
	}
	b.WriteByte('\n')
	for _, row := range t.Rows {
		b.WriteByte('|')
		for i := range t.Columns {
			c := at(row, i)
			text := markdownEscapes.Replace(marked(c))
			if c.Best && text != "" {
				text = "**" + text + "**"
			}
			b.WriteString(" " + text + " |")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, "&", `\&`, "%", `\%`, "$", `\$`, "#", `\#`, "_", `\_`, "{", `\{`, "}", `\}`, "~", `\textasciitilde{}`,
	"^", `\textasciicircum{}`, "<", `\textless{}`, ">", `\textgreater{}`, `"`, `\textquotedbl{}`, "µ", `\textmu{}`, "×", `$\times$`, "…", `\ldots{}`,
	"\n", " ", "\r", " ",
)

// latex prints a tabular with booktabs rules.
func latex(t *reports.Table) string {
	var b strings.Builder
	b.WriteString(`\begin{tabular}{`)
	for _, c := range t.Columns {
		if numeric(c) {
			b.WriteByte('r')
		} else {
			b.WriteByte('l')
		}
	}
	b.WriteString("}\n\\toprule\n")
	cells := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cells[i] = latexEscapes.Replace(reports.Clean(c.Name, 0))
	}
	b.WriteString(strings.Join(cells, " & ") + " \\\\\n\\midrule\n")
	for _, row := range t.Rows {
		for i := range t.Columns {
			c := at(row, i)
			cells[i] = latexEscapes.Replace(marked(c))
			if c.Best && cells[i] != "" {
				cells[i] = `\textbf{` + cells[i] + `}`
			}
		}
		b.WriteString(strings.Join(cells, " & ") + " \\\\\n")
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	return b.String()
}

// CSVBytes returns t as CSV (RFC 4180, lines end in LF): columns under their keys, exact numbers in base units. Text that a
// spreadsheet would take for a formula (it starts with = + - @ or a tab) gets an apostrophe in front; numbers never do.
func CSVBytes(t *reports.Table) []byte {
	var b []byte
	for i, c := range t.Columns {
		key := c.Key
		if key == "" {
			key = c.Name
		}
		b = appendField(b, i, inert(reports.Clean(key, 0)))
	}
	b = append(b, '\n')
	for _, row := range t.Rows {
		for i := range t.Columns {
			c := at(row, i)
			raw := c.Raw()
			if c.Unit == reports.Text {
				raw = inert(reports.Clean(raw, 0))
			}
			b = appendField(b, i, raw)
		}
		b = append(b, '\n')
	}
	return b
}

func appendField(b []byte, i int, text string) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	if !strings.ContainsAny(text, ",\"\n\r") {
		return append(b, text...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(text, `"`, `""`)...)
	return append(b, '"')
}

// inert keeps a spreadsheet from running text as a formula.
func inert(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t", rune(text[0])) {
		return "'" + text
	}
	return text
}
