package run

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// Whatever a run folder holds stands on its page.
func TestThePageNamesEverything(t *testing.T) {
	b, err := os.ReadFile("../../docs/formats/run-folder.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	var names []string
	for _, c := range append(append(jobSchema(nil, false), attemptSchema()...), seriesSchema()...) {
		names = append(names, c.Name)
	}
	names = append(names, ownNames...)
	names = append(names, metric.SeriesAllocated, metric.SeriesHealthy, metric.SeriesWaiting, metric.SeriesHeld, metric.SeriesAsked,
		metric.SeriesFragmented, metric.SeriesQueueGPUs, metric.OtherQueues, SeriesNodeGPUs, SeriesNodeHealthy, RecordFormat)
	for _, e := range eventNames[1:] {
		names = append(names, e)
	}
	for o := state.Finished; o <= state.Unfinished; o++ {
		names = append(names, o.String())
	}
	for r := range state.NumReasons {
		names = append(names, state.EndReason(r).String())
	}
	summary, err := json.Marshal(Summarise(metric.New(metric.Config{}).Result(), Facts{Wall: 1}))
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(summary, &keys); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"", "jobs", "gpu", "wait_s"} {
		m := keys
		if part != "" {
			m = keys[part].(map[string]any)
		}
		for k := range m {
			names = append(names, k)
		}
	}
	for _, n := range names {
		if n == "" {
			t.Error("something has no name")
		}
		if !strings.Contains(page, "`"+n+"`") {
			t.Errorf("docs/formats/run-folder.md does not name `%s`", n)
		}
	}
}
