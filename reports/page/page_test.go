package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the golden page; read the diff")

// small is a report with one of each block.
func small() *reports.Report {
	best := reports.Number(3900.125, reports.Seconds)
	best.Best, best.Real, best.Color = true, true, reports.Blue
	table := &reports.Table{
		ID: "policy-means", Caption: "Means over runs", Behind: "2 of 2",
		Columns: []reports.Column{{Name: "policy", Key: "policy", Unit: reports.Text}, {Name: "mean wait", Key: "wait_mean_s", Unit: reports.Seconds}},
		Rows:    [][]reports.Cell{{reports.Word("fifo"), reports.Number(4860, reports.Seconds)}, {reports.Word("sjf <b>"), best}},
	}
	return &reports.Report{
		Title: "two-weeks", Subtitle: "fifo + easy · seed 42", Verdict: "Half started within 12 s.",
		Headline: []reports.Figure{{Label: "Median wait", Quantity: reports.Quantity{Value: 12.25, Unit: reports.Seconds}, Of: "p99 9.8 h"}},
		Warnings: []string{"This run is not whole."}, Foot: "orrery 0.0.0",
		Sections: []reports.Section{{ID: "answer", Title: "The answer", Lead: "In one picture.", Blocks: []reports.Block{
			{Chart: &reports.Chart{ID: "wait-causes", Title: "62 % was quota", Subtitle: "job-hours", Behind: "4 jobs", Plot: &reports.Stack{
				Rows: []string{"all jobs"}, X: reports.Axis{Name: "job-hours", Unit: reports.JobHours}, Parts: []reports.Layer{{Name: "quota", Color: reports.Green, Values: []float64{2.5}}},
			}}},
			{Table: table},
			{Note: "One seed."},
			{Code: &reports.Code{Label: "Run it again", Text: "orrery run x.yaml"}},
			{Code: &reports.Code{Label: "The scenario", Text: "name: x\n", Fold: true}},
		}}},
	}
}

// The page without its styles and scripts, which have tests of their own, reads as it did when it was reviewed.
func TestPageIsAsReviewed(t *testing.T) {
	var b bytes.Buffer
	if err := write(&b, small(), "/* library */"); err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`(?s)<style>:root.*?</style>`).ReplaceAllString(b.String(), "<style>…</style>")
	got = regexp.MustCompile(`(?s)<script>'use strict'.*?</script>`).ReplaceAllString(got, "<script>…</script>")
	got = regexp.MustCompile(`sha256-[A-Za-z0-9+/=&#;]+`).ReplaceAllString(got, "sha256-…")
	if *update {
		if err := os.WriteFile("testdata/page.html", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/page.html")
	if err != nil {
		t.Fatalf("%v (run with -update to write it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the page has changed (-update rewrites it):\n%s", diff)
	}
}

var (
	scripts = regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`)
	hrefs   = regexp.MustCompile(`(?i)\shref="([^"]*)"`)
	quoted  = regexp.MustCompile(`"[^"]*"`)
	loading = regexp.MustCompile(`(?i)^<(link|iframe|object|embed|img|svg|base|form|audio|video)\b|\s(on[a-z]+|src|srcset|srcdoc)=`)
	policy  = regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`)
)

func unescape(text string) string {
	return strings.NewReplacer("&#43;", "+", "&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(text)
}

// checkSafe asserts what keeps a page safe: the policy lists the hashes of exactly the three scripts that are there, all
// other scripts are JSON, and nothing refers to anything outside.
func checkSafe(t testing.TB, page string) {
	t.Helper()
	m := policy.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no content security policy")
	}
	allowed := unescape(m[1])
	if !strings.HasPrefix(allowed, "default-src 'none'; script-src 'sha256-") || strings.Count(allowed, "sha256-") != 3 ||
		strings.Contains(allowed, "unsafe-eval") || strings.Contains(allowed, "script-src 'unsafe") {
		t.Errorf("policy: %s", allowed)
	}
	run, ids := 0, map[string]bool{}
	for _, s := range scripts.FindAllStringSubmatch(page, -1) {
		if s[1] == "" {
			run++
			sum := sha256.Sum256([]byte(s[2]))
			if !strings.Contains(allowed, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("script %d is not in the policy: %.60q", run, s[2])
			}
			continue
		}
		if !strings.HasPrefix(s[1], ` type="application/json" id="option-`) || !json.Valid([]byte(s[2])) {
			t.Errorf("a script that is no JSON: %q %.60q", s[1], s[2])
		}
		ids[s[1]] = true
	}
	if run != 3 {
		t.Errorf("%d scripts run, want 3", run)
	}
	tags := regexp.MustCompile(`<[^>]*>`).FindAllString(scripts.ReplaceAllString(page, ""), -1)
	for _, tag := range tags {
		for _, m := range hrefs.FindAllStringSubmatch(tag, -1) {
			if !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:text/csv;charset=utf-8;base64,") {
				t.Errorf("a link to %.80q", m[1])
			}
		}
		bare := quoted.ReplaceAllString(tag, `""`) // what an attribute says is escaped text
		if m := loading.FindString(bare); m != "" {
			t.Errorf("the page has %q in %.80q", m, tag)
		}
	}
	if regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]").MatchString(page) {
		t.Error("the page holds a control character or an override of direction")
	}
}

func TestSamplesAreSafe(t *testing.T) {
	for name, r := range samplePages(t) {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Write(&b, r); err != nil {
				t.Fatal(err)
			}
			checkSafe(t, b.String())
			if b.Len() > 3<<20 {
				t.Errorf("%d bytes", b.Len())
			}
		})
	}
}

// FuzzNames puts any text wherever a stranger may choose it.
func FuzzNames(f *testing.F) {
	for _, name := range sample.Attacks() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		run := tiny(name)
		r, err := run.Report()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := write(&b, r, "/* library */"); err != nil {
			t.Fatal(err)
		}
		checkSafe(t, b.String())
	})
}

// tiny is a run of two jobs in which everything is called name.
func tiny(name string) *reports.Run {
	const s = int64(1e9)
	job := reports.Job{Name: name, Queue: name, User: name, Started: 2 * s, End: 9 * s, GPUs: 2, Queued: 2 * s}
	job.Waited[reports.Quota] = 2 * s
	return &reports.Run{
		Name: name, Policy: name, Cluster: name, Workload: name, Partial: name, To: 10 * s, Scenario: name, Command: name, Digest: name,
		DigestOf: name, Tool: name, Host: name, Assumptions: []string{name}, Warnings: []string{name},
		Inputs: []reports.Input{{Name: name, SHA256: name}}, Costs: []reports.Cost{{Name: name, Note: name}},
		Jobs:    []reports.Job{job, {Name: name, Queue: "other", Started: -1, End: -1, State: reports.Unfinished}},
		Figures: reports.Figures{Submitted: 2, Finished: 1, Unfinished: 1},
		Nodes:   []reports.Node{{Name: name, Type: name, GPUs: 4}, {Name: name, GPUs: 4}},
		Pieces:  []reports.Piece{{From: 2 * s, To: 9 * s, GPUs: 2}},
		Types:   []reports.TypeUse{{Type: name, Busy: reports.Series{At: []int64{2 * s}, Value: []float64{2}}}},
		Queue:   reports.Series{At: []int64{0, 2 * s}, Value: []float64{2, 1}},
	}
}

func TestComparisonOfHostileNamesIsSafe(t *testing.T) {
	for _, name := range sample.Attacks() {
		c := sample.Comparison(2)
		c.Name, c.Workload, c.Command, c.Tool, c.Assumptions, c.Warnings = name, name, name, name, []string{name}, []string{name}
		for i := range c.Metrics {
			c.Metrics[i].Name, c.Metrics[i].Key = name, name
		}
		for i := range c.Policies {
			c.Policies[i].Name, c.Policies[i].Runs[0].Digest, c.Policies[i].Waits = name, name, c.Policies[i].Waits[:100]
		}
		r, err := c.Report()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := write(&b, r, "/* library */"); err != nil {
			t.Fatal(err)
		}
		checkSafe(t, b.String())
	}
}

func TestLibraryThatWouldEndItsElementIsRefused(t *testing.T) {
	if err := write(io.Discard, small(), "x</SCRIPT>"); err == nil {
		t.Error("it was written")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteReportsWhatTheWriterSays(t *testing.T) {
	if err := Write(broken{}, small()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

func TestSameReportSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(Write(&a, small()), Write(&b, small())); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("two pages differ (%v)", err)
	}
}

func TestTight(t *testing.T) {
	if got := tight("p90 8.41 h, 12 of 3 %"); got != "p90 8.41\u00a0h, 12\u00a0of 3\u00a0%" {
		t.Errorf("%q", got)
	}
}

// A report of 100,000 jobs stays under 5 MB. BenchmarkReport says how long it takes: under 2 s is the aim.
func TestLargeReportIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("draws 100,000 jobs")
	}
	var b bytes.Buffer
	r, err := sample.Run(100_000, 1).Report()
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 5<<20 {
		t.Errorf("%d bytes, want at most 5 MiB", b.Len())
	}
	t.Logf("%d bytes", b.Len())
}

func BenchmarkReport(b *testing.B) {
	run := sample.Run(100_000, 1)
	for b.Loop() {
		r, err := run.Report()
		if err != nil {
			b.Fatal(err)
		}
		if err := Write(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

// A narrow screen cuts no word of a header and says which tables scroll.
func TestNarrowScreensAreToldThatTablesScroll(t *testing.T) {
	for _, want := range []string{"th{overflow-wrap:normal;word-break:keep-all", "caption{max-width:calc(100vw - 32px)}", ".wide+.under::before{content:"} {
		if !strings.Contains(pageCSS, want) {
			t.Errorf("the style lacks %q", want)
		}
	}
	if !strings.Contains(pageJS, "classList.toggle('wide', box.scrollWidth > box.clientWidth + 1)") {
		t.Error("nothing measures the tables")
	}
}
