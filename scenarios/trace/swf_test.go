package trace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/sim/state"
)

const swfOdd = "; Version: 2.2\r\n;UnixStartTime: 1000000000\n; MaxNodes: 4\n;MaxProcs: 32\n\n" +
	"1 0 5 100 4 -1 -1 8 200 -1 1 7 1 1 2 1 -1 -1\n" +
	"; a comment between\n" +
	"2  3 -1  50.25 4 3.5 -1 -1 -1 -1 0 7 1 1 2 1 1 30\r\n" + // used processors; think time
	"5 4 60 -1 -1 -1 -1 2 300 -1 5 8 1 1 -1 1 -1 -1\n" + // never ran
	"6 4 -1 -1 -1 -1 -1 2 300 -1 5 8 1 1 -1 1 -1 -1\n" + // nor this, and nobody knows how long it waited
	"7 4 1 10 0 -1 -1 0 300 -1 1 8 1 1 -1 1 -1 -1\n" + // no processors
	"8 4 1 10 1 -1 -1 1 300 -1 2 8 1 1 -1 1 -1 -1\n" + // partial
	"9 6 1 10 1 -1 -1 1 300 -1 5 99999 1 1 -1 1 5 -1\n" +
	"10 6 0 0 1 -1 -1 1 0 -1 -1 8 1 1 -1 1 6 -1"

func TestSWFOddities(t *testing.T) {
	for _, sort := range []bool{false, true} {
		jobs, meta := open(t, "swf", write(t, "x.swf", swfOdd), Options{Sort: sort})
		var names []string
		for _, j := range jobs {
			names = append(names, j.Name)
		}
		if d := cmp.Diff([]string{"1", "2", "5", "9", "10"}, names); d != "" {
			t.Fatal(d)
		}
		s := state.Second
		split := func(n int32) []state.RoleSpec {
			return []state.RoleSpec{{Replicas: n, PodGPUs: 1, GPUMilli: 1000, Flags: state.RoleSplit}}
		}
		want := []job{
			{Name: "1", User: "7", Queue: "2", Partition: "1", Types: []string{""}, Spec: state.JobSpec{Duration: 100 * s, Estimate: 200 * s,
				Patience: state.Unset, RecStart: 5 * s, Roles: split(8)}},
			{Name: "2", User: "7", Queue: "2", Partition: "1", Types: []string{""}, Spec: state.JobSpec{Submit: 3 * s, Duration: 50*s + s/4,
				Estimate: state.Unset, Patience: state.Unset, RecStart: state.Unset, Outcome: state.Failed, Roles: split(4),
				After: []state.Dep{{Row: 0, When: state.AfterAny}}}},
			{Name: "5", User: "8", Partition: "1", Types: []string{""}, Spec: state.JobSpec{Submit: 4 * s, Estimate: 300 * s, Patience: 60 * s,
				RecStart: state.Unset, Outcome: state.Cancelled, Roles: split(2)}},
			{Name: "9", User: "99999", Partition: "1", Types: []string{""}, Spec: state.JobSpec{Submit: 6 * s, Duration: 10 * s, Estimate: 300 * s,
				Patience: state.Unset, RecStart: 7 * s, Outcome: state.Cancelled, Roles: split(1), After: []state.Dep{{Row: 2, When: state.AfterAny}}}},
			{Name: "10", User: "8", Partition: "1", Types: []string{""}, Spec: state.JobSpec{Submit: 6 * s, Patience: state.Unset, RecStart: 6 * s, Roles: split(1)}},
		}
		if d := cmp.Diff(want, jobs); d != "" {
			t.Errorf("sort=%v: %s", sort, d)
		}
		if meta.Start.Unix() != 1_000_000_000 || !meta.HasDate || meta.Cluster == nil || len(meta.Cluster.Nodes) != 4 || meta.Cluster.Nodes[3].GPUs != 8 {
			t.Errorf("meta %+v", meta)
		}
		notes := strings.Join(meta.Warnings, "\n")
		for _, n := range []string{"1 x think time", "1 x never ran and has no recorded wait", "1 x no processors", "1 x partial record", "1 x preceding job that is no"} {
			if !strings.Contains(notes, n) {
				t.Errorf("no note %q in %q", n, notes)
			}
		}
	}
}

func TestSWFErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":    {"", []string{"is empty"}},
		"fields":   {"1 2 3\n", []string{"x.swf:1", "has 3 fields"}},
		"negative": {"1 -5 -1 1 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n", []string{"x.swf:1:3", "submit time", "is negative"}},
		"text":     {"; c\n1 5 -1 x 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n", []string{"x.swf:2:8", "run time", "not a number"}},
		"order":    {"1 5 -1 1 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n2 4 -1 1 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n", []string{"x.swf:2", "order of submission"}},
		"nan":      {"1 5 -1 NaN 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n", []string{"not a finite number"}},
	} {
		t.Run(name, func(t *testing.T) { wantErr(t, openErr("swf", write(t, "x.swf", c.text), Options{}), c.want...) })
	}
}

func TestSWFRowsByNumber(t *testing.T) {
	var r swfRows
	rows := map[int64]int64{}
	row := int64(0)
	for _, n := range []int64{1, 2, 3, 7, 8, 20, 5, 21, 6, 100} {
		r.put(n, row)
		rows[n] = row
		row++
	}
	c := r.copy()
	for n := int64(0); n < 120; n++ {
		want, has := rows[n]
		for _, x := range []*swfRows{&r, &c} {
			if got, ok := x.find(n); ok != has || ok && got != want {
				t.Errorf("%d: got %d %v, want %d %v", n, got, ok, want, has)
			}
		}
	}
}

// traces is the folder of the public traces; the test is skipped without it.
func traces(t testing.TB, path ...string) string {
	root := os.Getenv("ORRERY_TRACES")
	if root == "" {
		t.Skip("ORRERY_TRACES does not name the folder of public traces")
	}
	return filepath.Join(append([]string{root}, path...)...)
}

func TestSWFReference(t *testing.T) {
	jobs, meta := open(t, "swf", traces(t, "swf", "w105_10k.swf.gz"), Options{})
	if len(jobs) != 10_000 || meta.HasDate || len(meta.Cluster.Nodes) != 256 {
		t.Errorf("%d jobs, %+v", len(jobs), meta)
	}
}
