package table

import (
	"bytes"
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/reports"
)

func policies() *reports.Table {
	best := reports.Number(3900.125, reports.Seconds)
	best.Best, best.Real = true, true
	return &reports.Table{
		Columns: []reports.Column{{Name: "policy", Key: "policy", Unit: reports.Text}, {Name: "mean wait", Key: "wait_mean_s", Unit: reports.Seconds}, {Name: "jobs", Key: "jobs", Unit: reports.Count}},
		Rows: [][]reports.Cell{
			{reports.Word("fifo + easy"), reports.Number(4860, reports.Seconds), reports.Number(20000, reports.Count)},
			{reports.Word("最短作业"), best, reports.Number(math.NaN(), reports.Count)},
		},
	}
}

func TestFormats(t *testing.T) {
	for format, want := range map[Format]string{
		Plain: `policy       mean wait    jobs
fifo + easy     81 min  20,000
最短作业       65 min*    none
`,
		Markdown: `| policy | mean wait | jobs |
| --- | ---: | ---: |
| fifo + easy | 81 min | 20,000 |
| 最短作业 | **65 min\*** | none |
`,
		LaTeX: `\begin{tabular}{lrr}
\toprule
policy & mean wait & jobs \\
\midrule
fifo + easy & 81 min & 20,000 \\
最短作业 & \textbf{65 min*} & none \\
\bottomrule
\end{tabular}
`,
		CSV: `policy,wait_mean_s,jobs
fifo + easy,4860,20000
最短作业,3900.125,
`,
	} {
		var b bytes.Buffer
		if err := Write(&b, policies(), format); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s:\n%s", format, diff)
		}
	}
	if err := Write(&bytes.Buffer{}, policies(), "pdf"); err == nil || !strings.Contains(err.Error(), `no format "pdf"`) {
		t.Errorf("got %v", err)
	}
}

func TestBoldKeepsColumnsInLine(t *testing.T) {
	var b bytes.Buffer
	if err := WriteBold(&b, policies()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\x1b[1m65 min*\x1b[0m") {
		t.Errorf("%q", b.String())
	}
	lines := strings.Split(strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(b.String()), "\n")
	for i, l := range lines[:3] {
		if Width(l) != Width(lines[0]) {
			t.Errorf("line %d is %d wide, the head %d", i, Width(l), Width(lines[0]))
		}
	}
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "训练": 4, "e\u0301": 1, "한글": 4, "×µ": 2, "🚀": 2} {
		if got := Width(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestEscapes(t *testing.T) {
	for _, c := range []struct{ name, md, latex, csv string }{
		{"a|b", `a\|b`, `a|b`, `a|b`},
		{"50% & $x_1#", `50% &amp; $x\_1\#`, `50\% \& \$x\_1\#`, `50% & $x_1#`},
		{`\input{x}`, `\\input{x}`, `\textbackslash{}input\{x\}`, `\input{x}`},
		{"<b>*[l](u)*`", "&lt;b&gt;\\*\\[l\\](u)\\*\\`", "\\textless{}b\\textgreater{}*[l](u)*`", "<b>*[l](u)*`"},
		{`say "hi", you`, `say "hi", you`, `say \textquotedbl{}hi\textquotedbl{}, you`, `"say ""hi"", you"`},
		{"=1+1", "=1+1", "=1+1", "'=1+1"},
		{"@x", "@x", "@x", "'@x"},
		{"two\nlines", `two\\x0alines`, `two\textbackslash{}x0alines`, `two\x0alines`},
	} {
		table := &reports.Table{Columns: []reports.Column{{Name: "n", Key: "n", Unit: reports.Text}}, Rows: [][]reports.Cell{{reports.Word(c.name)}}}
		for format, want := range map[Format]string{Markdown: "| " + c.md + " |", LaTeX: c.latex + ` \\`, CSV: c.csv} {
			var b bytes.Buffer
			if err := Write(&b, table, format); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), "\n"+want+"\n") {
				t.Errorf("%q as %s: want %q in\n%s", c.name, format, want, b.String())
			}
		}
	}
}

// Whatever a name is, each format keeps one line a row and its number of cells.
func FuzzRowsStayRows(f *testing.F) {
	for _, s := range []string{"a,b", "a\"b", "x\r\ny", "|", "&", `\`, "=x", "\x1b[2J", "\u2028", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		table := policies()
		table.Rows[0][0] = reports.Word(name)
		for format, lines := range map[Format]int{Plain: 3, Markdown: 4, LaTeX: 8, CSV: 3} {
			var b bytes.Buffer
			if err := Write(&b, table, format); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(b.String(), "\n"); got != lines {
				t.Fatalf("%q as %s: %d lines, want %d\n%s", name, format, got, lines, b.String())
			}
		}
		rows, err := csv.NewReader(bytes.NewReader(CSVBytes(table))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%q: %v", name, err)
		}
	})
}
