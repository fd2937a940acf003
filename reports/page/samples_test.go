package page

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/reports"
	"github.com/orrery-sim/orrery/reports/internal/sample"
)

var samples = flag.String("samples", "", "folder to write sample reports to, for tests with a browser")

// samplePages are reports as users get them, by file name.
func samplePages(t testing.TB) map[string]*reports.Report {
	t.Helper()
	must := func(r *reports.Report, err error) *reports.Report {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	return map[string]*reports.Report{
		"run.html":     must(sample.Run(20_000, 42).Report()),
		"compare.html": must(sample.Comparison(20).Report()),
		"single.html":  must(sample.Comparison(1).Report()),
		"hostile.html": must(sample.Hostile(300).Report()),
		"empty.html":   must((&reports.Run{Name: "empty"}).Report()),
	}
}

func TestWriteSamples(t *testing.T) {
	if *samples == "" {
		t.Skip("writes sample reports for the browser test of tools/browser: give -samples=FOLDER")
	}
	for name, r := range samplePages(t) {
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*samples, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
