package chart

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/internal/sample"
	"github.com/orrery-sim/orrery/scenarios/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files; read the diff")

// small are plots of a few points, one of each kind.
func small() map[string]reports.Plot {
	clock := reports.Clock{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	edges := []float64{0, 43200, 86400, 129600}
	return map[string]reports.Plot{
		"area": &reports.Area{
			Clock: clock, Edges: edges, Y: reports.Axis{Name: "GPUs allocated", Unit: reports.GPUs},
			Layers: []reports.Layer{
				{Name: "A100-80", Color: reports.Blue, Values: []float64{8, 16, 4}},
				{Name: "L40S", Color: reports.Orange, Values: []float64{0, 2.5, 1}},
			},
			Capacity: []float64{24, 24, 20}, Low: []float64{0, 12, 0}, High: []float64{12, 24, 8},
		},
		"band": &reports.Band{
			Edges: edges, Y: reports.Axis{Name: "jobs waiting", Unit: reports.Count},
			Lines: []reports.BandLine{{Name: "waiting", Color: reports.Blue, Mean: []float64{1.5, 3, 0}, Low: []float64{0, 3, 0}, High: []float64{4, 3, 0}}},
		},
		"distribution": &reports.CDF{
			Floor: 1, X: reports.Axis{Name: "wait", Unit: reports.Seconds},
			Lines: []reports.CDFLine{{Name: "all jobs", Color: reports.Black, N: 4, X: []float64{1, 60, 3600}, P: []float64{0.25, 0.5, 1}}},
		},
		"stack": &reports.Stack{
			Rows: []string{"all jobs", "prod"}, X: reports.Axis{Name: "job-hours queued", Unit: reports.JobHours},
			Parts: []reports.Layer{
				{Name: "no free GPUs", Color: reports.Blue, Values: []float64{12, 3}},
				{Name: "policy's choice", Color: reports.Hatched, Values: []float64{1, 0}},
			},
		},
		"heat": &reports.Heat{
			Clock: clock, Edges: edges, Rows: []string{"n0", "n1"}, V: reports.Axis{Name: "GPUs held", Unit: reports.Share}, Max: 1,
			Values: [][]float64{{0, 0.5, 1}, {math.NaN(), 0.25, 0.333333}},
		},
		"gantt": &reports.Gantt{
			From: 0, To: 7200, Kinds: []reports.Layer{{Name: "waits", Color: reports.Waiting}, {Name: "runs", Color: reports.Blue}},
			Rows: []reports.GanttRow{{Name: "job-1", Note: "8 GPUs, finished", Spans: []reports.Span{{From: 0, To: 60}, {From: 60, To: 7200, Kind: 1}}}},
		},
		"intervals": &reports.Intervals{
			X: reports.Axis{Name: "mean wait", Unit: reports.Seconds},
			Rows: []reports.IntervalRow{
				{Name: "fifo", Color: reports.Grey, Value: 4860, Low: 4600, High: 5100},
				{Name: "sjf", Color: reports.Blue, Value: 3900, Low: math.NaN(), High: math.NaN()},
			},
		},
		"forest": &reports.Forest{
			X: reports.Axis{Name: "difference in mean wait", Unit: reports.Share}, Less: true,
			Rows: []reports.ForestRow{
				{Name: "sjf", Value: -0.2, Low: -0.23, High: -0.18, Verdict: stats.Different, Says: "-20 % (p < .001)"},
				{Name: "las", Value: 0.01, Low: -0.02, High: 0.04, Verdict: stats.NoDifference, Says: "+1 % (no difference seen)"},
				{Name: "one", Value: 0.1, Low: math.Inf(-1), High: math.Inf(1), Verdict: stats.TooFew, Says: "+10 % (1 pair, 6 needed to tell)"},
			},
		},
	}
}

func option(t *testing.T, c *reports.Chart) []byte {
	t.Helper()
	raw, err := Option(c)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOptionsAreAsReviewed(t *testing.T) {
	for name, plot := range small() {
		t.Run(name, func(t *testing.T) {
			raw := option(t, &reports.Chart{ID: name, Title: "What is seen", Subtitle: "what is plotted", Plot: plot})
			var got bytes.Buffer
			if err := json.Indent(&got, raw, "", " "); err != nil {
				t.Fatal(err)
			}
			got.WriteByte('\n')
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v (run with -update to write it)", err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("the option has changed (-update rewrites it):\n%s", diff)
			}
		})
	}
}

// Every function that an option names stands in the script's tables, and no option holds code or a remote address.
func TestOptionsNameOnlyWhatTheScriptHas(t *testing.T) {
	names := regexp.MustCompile(`"fn":"([a-z]+)"`)
	for name, plot := range small() {
		raw := option(t, &reports.Chart{ID: name, Plot: plot})
		found := names.FindAllSubmatch(raw, -1)
		if len(found) == 0 {
			t.Errorf("%s names no function", name)
		}
		for _, m := range found {
			if !strings.Contains(Script(), "    "+string(m[1])+": function") {
				t.Errorf("%s names %q, which draw.js does not have", name, m[1])
			}
		}
		for _, bad := range []string{"function", "=>", "http", "__f__"} {
			if bytes.Contains(raw, []byte(bad)) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
	}
}

func TestOptionsUseColoursOfThePage(t *testing.T) {
	known := map[string]bool{}
	for _, s := range reports.Swatches() {
		known["c-"+string(s.Name)], known["e-"+string(s.Name)] = true, true
	}
	for i := range reports.Scale(false) {
		known["s-"+string(rune('0'+i))] = true
	}
	names, own := regexp.MustCompile(`"--([cse]-[a-z0-9]+)"`), regexp.MustCompile(`"#[0-9a-fA-F]{3,8}"|rgba?\(`)
	for name, plot := range small() {
		raw := option(t, &reports.Chart{ID: name, Plot: plot})
		for _, m := range names.FindAllSubmatch(raw, -1) {
			if !known[string(m[1])] {
				t.Errorf("%s uses --%s, which the page does not have", name, m[1])
			}
		}
		if m := own.Find(raw); m != nil {
			t.Errorf("%s has a colour of its own: %s", name, m)
		}
	}
}

func TestOptionsCannotEndTheirElement(t *testing.T) {
	r, err := sample.Hostile(200).Report()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Charts() {
		raw := option(t, c)
		if bytes.ContainsAny(raw, "<>&\u2028\u2029") {
			t.Errorf("%s: the option holds a character that HTML acts on", c.ID)
		}
		if h := Height(c.Plot); h < 80 || h > 1200 {
			t.Errorf("%s: %d pixels high", c.ID, h)
		}
	}
}

func TestOptionRepeats(t *testing.T) {
	for name, plot := range small() {
		c := &reports.Chart{ID: name, Plot: plot}
		if !bytes.Equal(option(t, c), option(t, c)) {
			t.Errorf("%s: two options differ", name)
		}
	}
}

type strange struct{}

func (strange) Table(string, string) reports.Table { return reports.Table{} }

func TestUnknownPlotIsAnError(t *testing.T) {
	if _, err := Option(&reports.Chart{ID: "x", Plot: strange{}}); err == nil || !strings.Contains(err.Error(), "no drawing") {
		t.Errorf("got %v", err)
	}
}
