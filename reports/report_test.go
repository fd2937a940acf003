package reports_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/internal/sample"
	"github.com/orrery-sim/orrery/scenarios/stats"
)

func report(t testing.TB, build func() (*reports.Report, error)) *reports.Report {
	t.Helper()
	r, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(r *reports.Report) (sections, charts []string) {
	for _, s := range r.Sections {
		sections = append(sections, s.ID)
	}
	for _, c := range r.Charts() {
		charts = append(charts, c.ID)
	}
	return sections, charts
}

func TestRunReportHasItsParts(t *testing.T) {
	r := report(t, sample.Run(3000, 42).Report)
	sections, charts := ids(r)
	if want := []string{"over-time", "waiting", "who-got-what", "nodes", "jobs", "how-sure", "reproduce"}; !slices.Equal(sections, want) {
		t.Errorf("sections %q, want %q", sections, want)
	}
	want := []string{"allocation", "queue-length", "wait", "completion-time", "wait-causes", "nodes-over-time", "jobs-over-time", "longest-waits"}
	if !slices.Equal(charts, want) {
		t.Errorf("charts %q, want %q", charts, want)
	}
	if len(r.Headline) != 5 {
		t.Errorf("%d headline figures, want 5", len(r.Headline))
	}
	for _, c := range r.Charts() {
		if c.Title == "" || c.Subtitle == "" || c.Behind == "" {
			t.Errorf("%s says too little: %q %q %q", c.ID, c.Title, c.Subtitle, c.Behind)
		}
	}
}

// The area under the allocation is the GPU-hours of the jobs, and the causes sum to the queued time: what is drawn is what
// the run says.
func TestPicturesAgreeWithTheFigures(t *testing.T) {
	run := sample.Run(3000, 42)
	r := report(t, run.Report)
	for _, c := range r.Charts() {
		switch p := c.Plot.(type) {
		case *reports.Area:
			got := 0.0
			for _, l := range p.Layers {
				for i, v := range l.Values {
					got += v * (p.Edges[i+1] - p.Edges[i]) / 3600
				}
			}
			near(t, "GPU-hours drawn", got, run.Figures.GPUHours)
		case *reports.Heat:
			got := 0.0
			for _, row := range p.Values {
				for i, v := range row {
					got += v * 8 * (p.Edges[i+1] - p.Edges[i]) / 3600
				}
			}
			near(t, "GPU-hours in the heat map", got, run.Figures.GPUHours)
		case *reports.Stack:
			for i := range p.Rows[:1] {
				sum := 0.0
				for _, part := range p.Parts {
					sum += part.Values[i]
				}
				want := 0.0
				for _, h := range run.Figures.CauseHours {
					want += h
				}
				near(t, "hours of all causes", sum, want)
			}
		}
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-4*math.Abs(want) || want == 0 {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestSamplingIsSaid(t *testing.T) {
	r := report(t, sample.Run(3000, 42).Report)
	for _, c := range r.Charts() {
		if g, ok := c.Plot.(*reports.Gantt); ok && c.ID == "jobs-over-time" {
			if len(g.Rows) != 500 || !strings.Contains(c.Behind, "500 of 3,000 jobs: every 6th") {
				t.Errorf("%d rows, %q", len(g.Rows), c.Behind)
			}
		}
	}
	for _, s := range r.Sections {
		for _, b := range s.Blocks {
			if b.Table != nil && b.Table.ID == "users" && (len(b.Table.Rows) != 20 || !strings.Contains(b.Table.Behind, "19 of ")) {
				t.Errorf("%d users, %q", len(b.Table.Rows), b.Table.Behind)
			}
		}
	}
}

func TestRunReportOfNothing(t *testing.T) {
	for name, run := range map[string]*reports.Run{
		"empty":             {},
		"one job unstarted": {To: 1e9, Jobs: []reports.Job{{Started: -1, End: -1, State: reports.Unfinished}}, Figures: reports.Figures{Submitted: 1, Unfinished: 1}},
		"all at once": {Jobs: []reports.Job{{Started: 0, End: 0}}, Figures: reports.Figures{Submitted: 1, Finished: 1},
			Types: []reports.TypeUse{{Type: "x"}}, Nodes: []reports.Node{{}}, Pieces: []reports.Piece{{}}},
		"nodes that are never there": {To: 1e9, Nodes: []reports.Node{{GPUs: 8, Down: []reports.Stretch{{From: 0, To: 2e9}}}}, Jobs: []reports.Job{{}}, Pieces: []reports.Piece{{To: 1e9}}},
	} {
		if r, err := run.Report(); err != nil || r.Verdict == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRunThatContradictsItselfIsRefused(t *testing.T) {
	for want, run := range map[string]*reports.Run{
		"ends before it starts": {From: 5, To: 1},
		"piece 0 names job 3":   {Pieces: []reports.Piece{{Job: 3}}},
		"instants that fall":    {Queue: reports.Series{At: []int64{2, 1}, Value: []float64{0, 0}}},
		"different length":      {Types: []reports.TypeUse{{Busy: reports.Series{At: []int64{1}}}}},
	} {
		if _, err := run.Report(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A job that gave up in the queue has no completion time, as in run.json.
func TestJobsThatNeverStartedAreNotEnded(t *testing.T) {
	run := &reports.Run{To: 100e9, Figures: reports.Figures{Submitted: 4, Finished: 1, Failed: 1, Cancelled: 2}, Jobs: []reports.Job{
		{User: "ann", State: reports.Finished, Started: 0, End: 40e9}, {User: "ann", State: reports.Cancelled, Started: -1, End: 2e9},
		{User: "ann", State: reports.Cancelled, Started: 0, End: 60e9}, {User: "ann", State: reports.Failed, Started: 0, End: 80e9},
	}}
	r := report(t, run.Report)
	for _, c := range r.Charts() {
		if c.ID == "completion-time" && !strings.HasPrefix(c.Behind, "3 of 4 jobs ended") {
			t.Errorf("%q", c.Behind)
		}
	}
	for _, s := range r.Sections {
		for _, b := range s.Blocks {
			if b.Table != nil && b.Table.ID == "users" && b.Table.Rows[0][8].Value != 60 {
				t.Errorf("completion p50 %v, want 60 s", b.Table.Rows[0][8].Value)
			}
		}
	}
	for _, b := range section(r, "how-sure").Blocks {
		if strings.Contains(b.Note, "--seeds") {
			t.Errorf("a flag that is not there: %q", b.Note)
		}
	}
}

func section(r *reports.Report, id string) reports.Section {
	for _, s := range r.Sections {
		if s.ID == id {
			return s
		}
	}
	return reports.Section{}
}

func TestPartialRunSaysSo(t *testing.T) {
	run := sample.Run(500, 1)
	run.Partial = "it was interrupted at 2 d."
	if r := report(t, run.Report); !strings.Contains(strings.Join(r.Warnings, "\n"), "not whole: it was interrupted") {
		t.Errorf("warnings: %q", r.Warnings)
	}
}

func TestComparisonVerdict(t *testing.T) {
	r := report(t, sample.Comparison(20).Report)
	if !strings.HasPrefix(r.Verdict, "sjf + easy lowers the mean wait by 20.7 % against fifo + easy") || !strings.Contains(r.Verdict, "95 % interval -") || !strings.Contains(r.Verdict, "20 pairs") ||
		!strings.HasSuffix(r.Verdict, "It pays for that in wait p99.") {
		t.Errorf("verdict: %q", r.Verdict)
	}
	if sections, charts := ids(r); sections[0] != "answer" || charts[0] != "difference-wait-mean-s" {
		t.Errorf("it opens with %q and %q", sections[0], charts[0])
	}
	table := r.Sections[1].Blocks[0].Table
	if table.Rows[1][2].Best != true || table.Rows[1][2].Real != true || table.Rows[0][2].Real || table.Rows[2][6].Real {
		t.Errorf("marks are wrong: %+v", table.Rows)
	}
}

func TestComparisonOfOneSeedSaysWhatItIs(t *testing.T) {
	r := report(t, sample.Comparison(1).Report)
	if len(r.Warnings) == 0 || !strings.Contains(r.Warnings[0], "one common seed") || !strings.Contains(r.Verdict, "30 batches of one seed's jobs") {
		t.Errorf("%q %q", r.Verdict, r.Warnings)
	}
	_, charts := ids(r)
	if want := []string{"difference-wait-mean-s", "means", "waits"}; !slices.Equal(charts, want) {
		t.Errorf("charts %q, want %q", charts, want)
	}
}

func TestComparisonWithTooFewSeedsClaimsNothing(t *testing.T) {
	c := sample.Comparison(3)
	for i := range c.Policies {
		c.Policies[i].Waits = nil
	}
	if r := report(t, c.Report); !strings.Contains(r.Verdict, "Not decided: 3 pairs") {
		t.Errorf("verdict: %q", r.Verdict)
	}
}

func TestComparisonThatFitsNotIsRefused(t *testing.T) {
	one := sample.Comparison(2)
	one.Policies = one.Policies[:1]
	values := sample.Comparison(2)
	values.Policies[1].Runs[0].Values = nil
	for want, c := range map[string]*reports.Comparison{"at least two": one, "0 values for 5 metrics": values} {
		if _, err := c.Report(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestDifference(t *testing.T) {
	for want, c := range map[string]stats.Comparison{
		"-18 % (p < .001)":                      {N: 20, MeanA: 100, Difference: -18, P: 0.0001, Verdict: stats.Different, Rank: stats.SignedRank{N: 20}},
		"+0.4 % (no difference seen)":           {N: 20, MeanA: 100, Difference: 0.4, P: 0.6, Verdict: stats.NoDifference, Rank: stats.SignedRank{N: 20}},
		"0 % (no difference seen)":              {N: 20, MeanA: 100, Verdict: stats.NoDifference},
		"+3 % (p = .012)":                       {N: 20, MeanA: 100, Difference: 3, P: 0.012, Verdict: stats.Different, Rank: stats.SignedRank{N: 20}},
		"+5 s (not decided: 3 pairs, 6 needed)": {N: 3, MeanA: 0, Difference: 5, Verdict: stats.TooFew, PairsNeeded: 6, Rank: stats.SignedRank{N: 3}},
	} {
		if got := reports.Difference(c, reports.Seconds); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Whatever strangers name their things, a report holds no text that a screen would act on.
func TestReportsHoldOnlyCleanText(t *testing.T) {
	r := report(t, sample.Hostile(300).Report)
	walk(reflect.ValueOf(r), func(text string) {
		for _, c := range text {
			if (unicode.IsControl(c) && c != '\n' && c != '\t') || unicode.Is(unicode.Cf, c) {
				t.Fatalf("%q in %q", c, text)
			}
		}
		if len(text) > 6000 {
			t.Fatalf("a text of %d bytes: %q", len(text), text[:100])
		}
	})
	sections, charts := ids(r)
	for _, id := range append(sections, charts...) {
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("id %q", id)
		}
	}
}

func walk(v reflect.Value, see func(string)) {
	switch v.Kind() {
	case reflect.String:
		see(v.String())
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), see)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), see)
		}
	case reflect.Struct:
		if v.Type().PkgPath() == "time" {
			return
		}
		for i := range v.NumField() {
			walk(v.Field(i), see)
		}
	}
}
