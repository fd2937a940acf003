package trace

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/scenarios/columns"
	"github.com/orrery-sim/orrery/sim/state"
)

// parquetJobs is a small file with a column of each kind, absent values and rows out of order.
func parquetJobs(t testing.TB) string {
	var out bytes.Buffer
	schema := columns.Schema{{Name: "job", Kind: columns.String}, {Name: "submit_s", Kind: columns.Fixed, Decimals: 9}, {Name: "duration_s", Kind: columns.Float},
		{Name: "gpus", Kind: columns.Int}, {Name: "pod_gpus", Kind: columns.Int, Optional: true}, {Name: "user", Kind: columns.String, Optional: true, Repeats: true},
		{Name: "x_loss", Kind: columns.Float, Optional: true}, {Name: "after", Kind: columns.String, Optional: true}}
	sink, err := columns.NewParquetSink(&out, schema, [2]string{"start", "2026-02-03T04:05:06Z"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := columns.NewWriter(schema, sink)
	if err != nil {
		t.Fatal(err)
	}
	row := func(name string, submit int64, run float64, gpus int64, pods bool, user string, after string) {
		w.String(0, name)
		w.Int(1, submit)
		w.Float(2, run)
		w.Int(3, gpus)
		if pods {
			w.Int(4, 4)
		} else {
			w.Null(4)
		}
		if user == "" {
			w.Null(5)
			w.Null(6)
		} else {
			w.String(5, user)
			w.Float(6, -1.25)
		}
		if after == "" {
			w.Null(7)
		} else {
			w.String(7, after)
		}
		w.EndRow()
	}
	row("late", 9_500_000_000, 0.5, 8, true, "ann", "early:any")
	row("early", 1_000_000_000, 100, 3, false, "", "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestParquetIsReadLikeCSV(t *testing.T) {
	path := write(t, "jobs.parquet", parquetJobs(t))
	jobs, meta := open(t, "orrery", path, Options{})
	wantLines(t, jobs, "early @1 run 100 split 3x1\nlate @9.5 run 0.5 pods 2x4 u=ann x0=-1250000")
	if d := cmp.Diff([]state.Dep{{Row: 0, When: state.AfterAny}}, jobs[1].Spec.After); d != "" {
		t.Error(d)
	}
	wantNotes(t, meta, "1 row behind")
	if !meta.HasDate || meta.Start.Year() != 2026 {
		t.Errorf("%v", meta.Start)
	}
	names := new(state.Names)
	src, _, err := Open("orrery", path, Options{}, names)
	if err != nil {
		t.Fatal(err)
	}
	var spec state.JobSpec
	src.Next(&spec)
	other := new(state.Names)
	fork, err := src.Clone(other)
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, drain(t, fork, other), "late @9.5 run 0.5 pods 2x4 u=ann x0=-1250000")
	st, err := StatsOf("orrery", path, Options{}, 0)
	if err != nil || st.Jobs != 2 || st.Unsorted != 1 || st.Dependent != 1 {
		t.Errorf("%+v %v", st, err)
	}
}

func TestParquetErrors(t *testing.T) {
	whole := parquetJobs(t)
	wantErr(t, openErr("orrery", write(t, "cut.parquet", whole[:len(whole)/2]), Options{}), "cut.parquet", "Parquet")
	wantErr(t, openErr("swf", write(t, "x.parquet", whole), Options{}), "is a Parquet file")
	schema := columns.Schema{{Name: "job", Kind: columns.String}, {Name: "submit_s", Kind: columns.Float}, {Name: "duration_s", Kind: columns.Float}, {Name: "gpus", Kind: columns.Int}}
	var out bytes.Buffer
	sink, _ := columns.NewParquetSink(&out, schema)
	w, _ := columns.NewWriter(schema, sink)
	for _, gpus := range []int64{1, -1} {
		w.String(0, "a")
		w.Float(1, 0)
		w.Float(2, 1)
		w.Int(3, gpus)
		w.EndRow()
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	wantErr(t, openErr("orrery", write(t, "x.parquet", out.String()), Options{}), "x.parquet:2:4", "gpus", "is negative")
}

func TestBrokenParquetNeverPanics(t *testing.T) {
	whole := []byte(parquetJobs(t))
	for i := 4; i < len(whole); i += 13 { // a whole pass takes a quarter of a minute
		broken := bytes.Clone(whole)
		broken[i] ^= 0xff
		if err := openErr("orrery", write(t, "b.parquet", string(broken)), Options{}); err != nil {
			if e, ok := err.(*Error); !ok || e.File == "" {
				t.Fatalf("byte %d: %#v", i, err)
			}
		}
	}
}
