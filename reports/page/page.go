package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/assets"
	"github.com/orrery-sim/orrery/reports/chart"
	"github.com/orrery-sim/orrery/reports/table"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// Write writes the report to w as one HTML file of UTF-8. It fails when a chart cannot be drawn or w fails; nothing is
// written before the whole page stands.
func Write(w io.Writer, r *reports.Report) error {
	return write(w, r, assets.ECharts())
}

// view is what the template sees.
type view struct {
	*reports.Report
	Policy  string
	CSS     template.CSS
	Scripts []template.JS
	Parts   []part
}

type part struct {
	reports.Section
	Blocks []block
}

// block is one block of a section; exactly one field is set, as in reports.Block.
type block struct {
	Chart *picture
	Table *grid
	Note  string
	Code  *reports.Code
}

type picture struct {
	*reports.Chart
	Height int
	Zooms  bool
	Option template.JS
	Grid   *grid
}

// grid is a table with the rows that the page shows of it.
type grid struct {
	*reports.Table
	Shown [][]reports.Cell
	Thin  string       // what of the rows is shown, "" for all
	CSV   template.URL // a data: address; the template package would not believe one made of strings
}

func write(w io.Writer, r *reports.Report, library string) error {
	scripts := []string{library, chart.Script(), pageJS}
	v := view{Report: r, CSS: template.CSS(variables() + pageCSS)}
	hashes := make([]string, len(scripts))
	for i, s := range scripts {
		if strings.Contains(strings.ToLower(s), "</script") || strings.Contains(s, "<!--") {
			return fmt.Errorf("page: script %d contains the end of a script element", i)
		}
		v.Scripts = append(v.Scripts, template.JS(s))
		sum := sha256.Sum256([]byte(s))
		hashes[i] = "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	v.Policy = "default-src 'none'; script-src " + strings.Join(hashes, " ") +
		"; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
	for _, s := range r.Sections {
		p := part{Section: s}
		for _, b := range s.Blocks {
			shown, err := newBlock(b)
			if err != nil {
				return err
			}
			p.Blocks = append(p.Blocks, shown)
		}
		v.Parts = append(v.Parts, p)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"tight": tight}).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("page: template: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	_, err = out.WriteTo(w)
	return err
}

func newBlock(b reports.Block) (block, error) {
	shown := block{Note: b.Note, Code: b.Code}
	if b.Table != nil {
		shown.Table = newGrid(b.Table, len(b.Table.Rows))
	}
	if b.Chart != nil {
		option, err := chart.Option(b.Chart)
		if err != nil {
			return block{}, err
		}
		data := b.Chart.Data()
		rows := max(10, 480/max(len(data.Columns), 1))
		shown.Chart = &picture{Chart: b.Chart, Height: chart.Height(b.Chart.Plot), Zooms: chart.Zooms(b.Chart.Plot), Option: template.JS(option), Grid: newGrid(&data, rows)}
	}
	return shown, nil
}

// newGrid shows at most most rows of t, evenly spread; the CSV has them all.
func newGrid(t *reports.Table, most int) *grid {
	g := &grid{Table: t, Shown: t.Rows}
	if len(t.Rows) > most {
		every := (len(t.Rows) + most - 1) / most
		g.Shown = nil
		for i := 0; i < len(t.Rows); i += every {
			g.Shown = append(g.Shown, t.Rows[i])
		}
		g.Thin = fmt.Sprintf("One row in %d of %d; the CSV has them all.", every, len(t.Rows))
	}
	g.CSV = template.URL("data:text/csv;charset=utf-8;base64," + base64.StdEncoding.EncodeToString(table.CSVBytes(t)))
	return g
}

// tight keeps numbers and their units on one line: the space between them becomes one that does not break.
func tight(text string) string {
	runes := []rune(text)
	for i := 1; i+1 < len(runes); i++ {
		if runes[i] == ' ' && unicode.IsDigit(runes[i-1]) && (unicode.IsLetter(runes[i+1]) || runes[i+1] == '%') {
			runes[i] = '\u00a0'
		}
	}
	return string(runes)
}

// Numeric reports whether column i holds numbers.
func (g *grid) Numeric(i int) bool { return i < len(g.Columns) && g.Columns[i].Unit != reports.Text }

// variables are the page's colours: one table for both themes, and the light one on paper.
func variables() string {
	light, dark := theme(false), theme(true)
	return ":root{color-scheme:light;" + light + "}\n" +
		"@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;" + dark + "}}\n" +
		":root[data-theme=dark]{color-scheme:dark;" + dark + "}\n" +
		"@media print{:root,:root[data-theme]{color-scheme:light;" + light + "}}\n" + swatches()
}

// swatches are the classes of the little squares before a name.
func swatches() string {
	var b strings.Builder
	for _, s := range reports.Swatches() {
		fmt.Fprintf(&b, ".swatch.%s{background:var(--c-%s);border-color:var(--e-%s)}", s.Name, s.Name, s.Name)
	}
	b.WriteString(".swatch.hatched{background:repeating-linear-gradient(45deg,var(--c-hatched) 0 2px,var(--e-hatched) 2px 3px)}\n")
	return b.String()
}

func theme(dark bool) string {
	var b strings.Builder
	for _, v := range [][3]string{
		{"paper", "#ffffff", "#12161b"}, {"ink", "#1b1f24", "#e6eaee"}, {"muted", "#58626d", "#a0abb6"}, {"rule", "#c9d0d6", "#414b56"},
		{"grid", "#e6eaed", "#252c34"}, {"soft", "#eef2f5", "#1c232b"}, {"shade", "#1b1f24", "#ffffff"}, {"link", "#005a8c", "#7cc6f0"},
		{"warn", "#8a4b00", "#f2bd4b"}, {"warn-soft", "#fdf3e1", "#2b2415"},
	} {
		value := v[1]
		if dark {
			value = v[2]
		}
		fmt.Fprintf(&b, "--%s:%s;", v[0], value)
	}
	for _, s := range reports.Swatches() {
		shade := s.Light
		if dark {
			shade = s.Dark
		}
		fmt.Fprintf(&b, "--c-%s:%s;--e-%s:%s;", s.Name, shade.Fill, s.Name, shade.Edge)
	}
	for i, c := range reports.Scale(dark) {
		fmt.Fprintf(&b, "--s-%d:%s;", i, c)
	}
	return b.String()
}
