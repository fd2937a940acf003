package trace

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/scenarios/trace/fetch"
)

var update = flag.Bool("update", false, "write docs/formats/workloads.md anew")

const pagePath = "../../docs/formats/workloads.md"

const pageHead = `# Workloads: what Orrery reads

A workload in a scenario is a trace of one of these formats:

    workload:
      - trace: {format: orrery, file: jobs.csv}

Files packed with gzip or zstd are read as they are: whether and how a file is packed is told by its content, not by its name.
A scenario names the format. On the command line ` + "`--format`" + ` does, or else the first lines tell it (again never the name): of the
formats whose columns are there, the one that reads most of them. ` + "`orrery trace list`" + ` prints
this list, ` + "`orrery trace stats FILE`" + ` says what a careful person checks before trusting a file, ` + "`orrery trace convert FILE`" + `
writes any of them as our own CSV.

## Rules for every format

- **Order.** Jobs come in order of submission; equal instants keep the order of the file. ` + "`orrery` and `swf`" + ` stream and
  refuse a row that is out of order (` + "`orrery trace convert --sort`" + ` mends it). All other formats are read whole and sorted,
  because the public files are not in order; a warning says how many rows stood wrong.
- **Time.** Seconds are decimals, kept in nanoseconds; more digits are rounded. Nothing may be negative, NaN, infinite or
  longer than 146 years. Where a trace has dates its first submission is the instant 0 and the scenario's default ` + "`start`" + `.
  Dates without an offset are UTC unless ` + "`timezone`" + ` says otherwise.
- **GPUs.** A job is pods of so many GPUs each, or a total that placement may split over nodes. A CPU-only job has 0 GPUs.
  A fraction of a device is given in thousandths.
- **Ends.** A recorded failure or cancel happens after the recorded running time (` + "`recordedFailures: keep`" + `), or counts as
  finished (` + "`finish`" + `). A job that was cancelled before it started leaves the queue after its recorded wait and, if it starts
  sooner, ends at once: it has no running time (` + "`neverStarted: cancel`" + `); ` + "`skip`" + ` leaves it out.
- **Nothing silent.** A row that cannot be read is an error with file, line and column. A row that is left out by a rule of
  its format is counted in a note.
- **CSV.** The header names the columns, in any order and case. Fields may stand in double quotes (a quote inside is doubled)
  but end on their line. A byte order mark, CRLF, blank lines and one trailing comma are fine; a column that stands twice, a
  missing column or a row with another number of fields is an error.
- **Dependencies** (` + "`orrery`, `swf`" + `): a dependency on a job that was left out, by a rule or a filter, is dropped and counted.

## Changing what a workload brings

In this order: names mapped, jobs filtered, a window of submissions taken (it then begins at 0), a share sampled, the load
scaled. The sample keeps a row by a hash of seed and row, so two runs with other policies keep the same rows. A load of 1.2
divides every submission by 1.2, exactly and rounded down to the nanosecond; recorded waits stay. Several workloads are
merged by submission; equal instants keep the order of the list.
`

const pageTail = `
## Statistics

` + "`orrery trace stats`" + ` reads the whole file, over broken rows too, and prints jobs and outcomes, span, durations and recorded waits
(quantiles with linear interpolation), the twelve sizes with most GPU-time, users, queues, types, estimates, columns that the
file lacks, rows out of order and broken rows with their places. Offered load = sum(GPUs x running time) / (span of
submissions x GPUs of the cluster); jobs without an end and jobs that never ran do not count. "Most GPUs at once" is the peak
if every job started when it was submitted, and the peak by recorded starts: above the cluster's size the trace is
oversubscribed.

## What our CSV cannot say

` + "`orrery trace convert`" + ` writes the columns that a trace needs, and reading the result gives the same jobs but for what it lists as
lost: of a job with several roles only the one with most GPUs is kept, the maximum of an elastic role is lost, a line break
in a name becomes a blank, and where rows refer to each other names that repeat or hold a separator get their row behind them.

## Public homes

` + "`orrery trace fetch NAME`" + ` downloads from the repository at the commit given here, resumes what was cut, and refuses a file whose SHA-256 is
not the known one. For helios and acme no sum is known: the command says that nothing was checked, unless the repository
keeps the file in Git LFS, whose pointer names the sum. philly-log and pai2020 are tar.gz: unpack them first.
`

// page is the documentation as the table of formats has it.
func page() string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, f := range Formats() {
		section(&b, "## ", f)
	}
	b.WriteString("\n## Node lists\n\n    cluster: {nodes: {format: orrery, file: nodes.csv}}\n")
	for _, f := range NodeFormats() {
		section(&b, "### nodes: ", f)
	}
	b.WriteString(pageTail)
	b.WriteString("\n| home | format | what | repository, commit | licence | files, of them with a known sum |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, h := range fetch.Homes() {
		sums := 0
		for _, f := range h.Files {
			if f.SHA256 != "" {
				sums++
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s %s | %s | %d, %d |\n", h.Name, h.Format, h.About, h.Repository, h.Commit[:12], h.Licence, len(h.Files), sums)
	}
	return b.String()
}

func section(b *strings.Builder, level string, f Format) {
	fmt.Fprintf(b, "\n%s%s\n\n%s.\n", level, f.Name, strings.ToUpper(f.Description[:1])+f.Description[1:])
	if f.Files != "" {
		fmt.Fprintf(b, "Beside it: %s.\n", f.Files)
	}
	if len(f.Columns) > 0 {
		b.WriteString("\n| column | must be there | meaning |\n| --- | --- | --- |\n")
	}
	for _, c := range f.Columns {
		name := "`" + c.Name + "`"
		for _, a := range c.Aliases {
			name += ", `" + a + "`"
		}
		must := ""
		if c.Required {
			must = "yes"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, must, strings.ReplaceAll(c.Doc, "|", `\|`))
	}
	if len(f.Oddities) > 0 {
		b.WriteByte('\n')
	}
	for _, o := range f.Oddities {
		fmt.Fprintf(b, "- %s\n", o)
	}
}

// TestPageSaysWhatTheTableSays holds the documentation to the code; -update writes it.
func TestPageSaysWhatTheTableSays(t *testing.T) {
	want := page()
	if *update {
		if err := os.MkdirAll("../../docs/formats", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(pagePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/formats/workloads.md differs from the table of formats: run go test ./scenarios/trace -run Page -update and read the diff")
	}
}
