package figure

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/internal/sample"
)

var keep = flag.String("keep", "", "folder to keep the figures in")

func allReports(t *testing.T) map[string]*reports.Report {
	t.Helper()
	out := map[string]*reports.Report{}
	for name, build := range map[string]func() (*reports.Report, error){
		"run": sample.Run(4000, 42).Report, "compare": sample.Comparison(20).Report, "single": sample.Comparison(1).Report,
		"hostile": sample.Hostile(200).Report,
	} {
		r, err := build()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = r
	}
	return out
}

func TestEveryChartIsWellFormedAndInert(t *testing.T) {
	for name, r := range allReports(t) {
		for _, c := range r.Charts() {
			svg, err := SVG(c)
			if err != nil {
				t.Fatalf("%s %s: %v", name, c.ID, err)
			}
			if *keep != "" {
				if err := os.WriteFile(filepath.Join(*keep, name+"-"+c.ID+".svg"), svg, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			checkInert(t, name+" "+c.ID, svg)
			if len(svg) > 600_000 {
				t.Errorf("%s %s: %d bytes", name, c.ID, len(svg))
			}
			again, _ := SVG(c)
			if string(again) != string(svg) {
				t.Errorf("%s %s: drawn twice, it differs", name, c.ID)
			}
		}
	}
}

// checkInert reads the SVG as XML: only shapes and text, no number that is none, no reference but to its own hatch.
func checkInert(t *testing.T, what string, svg []byte) {
	t.Helper()
	allowed := map[string]bool{
		"svg": true, "title": true, "desc": true, "defs": true, "pattern": true, "rect": true, "line": true, "path": true, "text": true, "circle": true,
	}
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	shapes := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("%s: not XML: %v", what, err)
			return
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		shapes++
		if !allowed[start.Name.Local] {
			t.Errorf("%s: element %q", what, start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || a.Name.Local == "style" {
				t.Errorf("%s: attribute %q", what, a.Name.Local)
			}
			if strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") || strings.Contains(a.Value, "url(") && a.Value != "url(#hatch)" {
				t.Errorf("%s: %s=%q", what, a.Name.Local, a.Value[:min(80, len(a.Value))])
			}
		}
	}
	if shapes < 12 {
		t.Errorf("%s: only %d elements", what, shapes)
	}
}

func TestCSVHoldsWhatIsDrawn(t *testing.T) {
	for name, r := range allReports(t) {
		for _, c := range r.Charts() {
			rows, err := csv.NewReader(strings.NewReader(string(CSV(c)))).ReadAll()
			if err != nil {
				t.Errorf("%s %s: %v", name, c.ID, err)
				continue
			}
			if data := c.Data(); len(rows) != len(data.Rows)+1 || len(data.Rows) == 0 {
				t.Errorf("%s %s: %d lines for %d rows", name, c.ID, len(rows), len(data.Rows))
			}
		}
	}
}

func TestRoundTicks(t *testing.T) {
	for _, c := range []struct {
		from, to float64
		n        int
		want     string
	}{{0, 512, 5, "0 200 400"}, {0, 1, 5, "0 0.2 0.4 0.6 0.8 1"}, {-0.27, 0.27, 6, "-0.2 -0.1 0 0.1 0.2"}, {0, 0, 5, ""}, {0, 6.5, 8, "0 1 2 3 4 5 6"}} {
		var got []string
		for _, v := range roundTicks(c.from, c.to, c.n) {
			got = append(got, plain(v))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v to %v: got %q, want %q", c.from, c.to, s, c.want)
		}
	}
}
