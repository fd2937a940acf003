package run

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/metric/script"
	"github.com/orrery-sim/orrery/sim/state"
)

const sec = state.Second

// story has a row of every sort: a split job, one that shares a GPU, one that was preempted, one that was cancelled before
// it started, one dropped, one still running; with hostile names.
func story() *script.Stream {
	t := script.New()
	t.Node("n0", "A", 4)
	t.Node(`n"1`, "A", 4)
	a := t.Arrive(script.Job{Name: "a,1", Queue: "prod", User: "ann", Replicas: 3, PodGPUs: 1, RecStart: 3 * sec, X: []int64{1_500_000}})
	t.Start(a, 0, script.Part(0, 0b1010, 1000), script.Part(1, 1, 1000))
	t.At(1500 * sec / 1000)
	b := t.Arrive(script.Job{Name: `<b "x">`, Queue: "prod", Replicas: 1, PodGPUs: 1, Milli: 250})
	t.Start(b, 0, script.Part(1, 2, 250))
	c := t.Arrive(script.Job{Name: "c", User: "ann", Replicas: 1, PodGPUs: 4})
	d := t.Arrive(script.Job{Name: "d", Replicas: 1, PodGPUs: 1})
	t.At(3 * sec)
	t.End(d, state.Cancelled, state.ReasonGaveUp)
	t.At(4 * sec)
	t.End(a, state.Finished, state.ReasonRecorded)
	t.Start(c, state.CauseCapacity, script.Part(0, 15, 1000))
	t.At(6 * sec)
	t.Evict(c, state.ReasonPreempted, sec)
	t.At(7 * sec)
	t.Start(c, state.CauseChoice, script.Part(0, 15, 1000))
	e := t.Arrive(script.Job{Name: "e", Replicas: 9, PodGPUs: 1})
	t.End(e, state.Dropped, state.ReasonNoFit)
	t.At(8 * sec)
	t.End(b, state.Failed, state.ReasonRecorded)
	t.At(10 * sec)
	t.Stop()
	return t
}

func record() Record {
	return Record{Name: "story", Seed: 7, Scenario: "name: story\n", Tool: Tool{Name: "orrery", Version: "test"}}
}

// write makes a run folder of the story in dir.
func write(t *testing.T, dir string, st *script.Stream, partial string) *metric.Result {
	t.Helper()
	names := &state.Names{}
	names.X.Intern([]byte("x_0"))
	f, err := CreateFolder(dir, record(), names, FolderOptions{CSV: true, Events: true, Timeline: true})
	if err != nil {
		t.Fatal(err)
	}
	figures := metric.New(metric.Config{})
	st.Deliver(9, append(f.Listeners(), figures)...)
	end := record()
	end.Digest, end.Partial, end.Summary = "abc", partial, Summarise(figures.Result(), Facts{Name: "story", Seed: 7, Digest: "abc", Wall: 5})
	if err := f.Finish(end); err != nil {
		t.Fatal(err)
	}
	return figures.Result()
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestJobsCSVByHand(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, story(), "")
	rows, err := csv.NewReader(strings.NewReader(read(t, dir, JobsCSVName))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0][:11], ","); got != "job,queue,user,state,submit_s,start_s,end_s,gpus,nodes,gpu_ids,preemptions" {
		t.Errorf("the first columns are %s", got)
	}
	pick := func(row []string, names ...string) string {
		var cells []string
		for _, n := range names {
			i := slices.Index(rows[0], n)
			if i < 0 {
				t.Fatalf("no column %q in %v", n, rows[0])
			}
			cells = append(cells, row[i])
		}
		return strings.Join(cells, "|")
	}
	var got []string
	for _, r := range rows[1:] {
		got = append(got, pick(r, "job", "queue", "user", "state", "reason", "submit_s", "start_s", "end_s", "gpus", "nodes", "gpu_ids", "node_gpus",
			"preemptions", "number", "wait_s", "queued_s", "run_s", "lost_s", "attempts", "recorded_start_s", "waited_capacity_s", "waited_choice_s", "x_0"))
	}
	want := []string{
		"d|||cancelled|gave-up|1.5||3|1||||0|3||1.5|0|0|0||1.5|0|0",
		`a,1|prod|ann|finished|recorded|0|0|4|3|n0;n"1|1;3;0|2;1|0|0|0|0|4|0|1|3|0|0|1.5`,
		"e|||dropped|no-fit|7||7|9||||0|4||0|0|0|0||0|0|0",
		`<b "x">|prod||failed|recorded|1.5|1.5|8|1|n"1|1|1|0|1|0|0|6.5|0|1||0|0|0`,
		"c||ann|unfinished|horizon|1.5|4||4|n0|0;1;2;3|4|1|2|2.5|3.5|5|1|2||2.5|1|0",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	dir := t.TempDir()
	figures := write(t, dir, story(), "")
	var got JobRow
	queued, hours := state.Time(0), 0.0
	var waited [state.NumCauses]state.Time
	for row, err := range Jobs(dir) {
		if err != nil {
			t.Fatal(err)
		}
		queued += row.Queued
		hours += row.GPUHours
		for c := range waited {
			waited[c] += row.Waited[c]
		}
		if row.Job == "a,1" {
			got = *row
			got.Nodes, got.NodeGPUs, got.X = slices.Clone(row.Nodes), slices.Clone(row.NodeGPUs), slices.Clone(row.X)
		}
	}
	want := JobRow{Job: "a,1", Queue: "prod", User: "ann", State: "finished", Reason: "recorded", End: 4 * sec, RecordedStart: 3 * sec,
		Estimate: sec, Run: 4 * sec, GPUs: 3, Attempts: 1, GPUHours: 12.0 / 3600, Nodes: []string{"n0", `n"1`}, NodeGPUs: []int64{2, 1}, X: []float64{1.5}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("a row (-want +got):\n%s", d)
	}
	if q, _ := figures.Queued.Int64(); q != int64(queued) {
		t.Errorf("queued time of the rows is %d ns, of the figures %d", queued, q)
	}
	for c := range waited {
		if w, _ := figures.Causes[c].Int64(); w != int64(waited[c]) {
			t.Errorf("%s: %d ns in the rows, %d in the figures", causeKeys[c], waited[c], w)
		}
	}
	if h := metric.Hours(figures.GPU.Allocated); hours-h > 1e-12 || h-hours > 1e-12 {
		t.Errorf("GPU-hours of the rows are %v, of the figures %v", hours, h)
	}
	var attempts []AttemptRow
	for row, err := range Attempts(dir) {
		if err != nil {
			t.Fatal(err)
		}
		attempts = append(attempts, *row)
	}
	if d := cmp.Diff([]AttemptRow{{Job: "c", Reason: "preempted", Kind: "other", By: -1, Number: 2, Start: 4 * sec, End: 6 * sec, Lost: sec, Nodes: []string{"n0"},
		NodeGPUs: []int64{4}}}, attempts); d != "" {
		t.Errorf("attempts (-want +got):\n%s", d)
	}
}

func TestSeriesAreReadBack(t *testing.T) {
	dir := t.TempDir()
	st := story()
	over := metric.NewOverTime(metric.OverTimeConfig{})
	st.Deliver(100, over)
	write(t, dir, st, "")
	got, err := Series(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := over.Series()
	if d := cmp.Diff(want, got[:len(want)]); d != "" {
		t.Errorf("series (-want +got):\n%s", d)
	}
	var held float64
	for _, s := range got[len(want):] {
		for i, v := range s.Value {
			to := s.End
			if i+1 < len(s.At) {
				to = s.At[i+1]
			}
			if s.Name == SeriesNodeGPUs {
				held += v * float64(to-s.At[i]) / 1e9
			}
		}
	}
	if want := 3*4.0 + 0.25*6.5 + 4*2 + 4*3; held-want > 1e-9 || want-held > 1e-9 {
		t.Errorf("the nodes' series hold %v GPU s (want %v)", held, want)
	}
	if !strings.HasPrefix(read(t, dir, SeriesCSVName), "series,key,from_s,to_s,value,low,high,changes\nwaiting_jobs,,0,1.5,0,,,") {
		t.Errorf("series.csv begins\n%.300s", read(t, dir, SeriesCSVName))
	}
}

func TestEventsAreJSONLines(t *testing.T) {
	dir := t.TempDir()
	st := story()
	write(t, dir, st, "")
	lines := strings.Split(strings.TrimSuffix(read(t, dir, EventsName), "\n"), "\n")
	if want := len(st.Batch.Events) + len(st.Batch.Parts); len(lines) != want {
		t.Fatalf("%d lines for %d events and parts", len(lines), want)
	}
	for i, l := range lines {
		var e map[string]any
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatalf("line %d: %v: %s", i+1, err, l)
		}
		if e["event"] == "" || e["t"] == nil {
			t.Errorf("line %d has no event or time: %s", i+1, l)
		}
	}
	for _, want := range []string{
		`{"t":0,"event":"alloc","number":0,"job":"a,1","node":"n0","gpu_ids":[1,3],"milli":1000,"pod":0}`,
		`{"t":6,"event":"evict","number":2,"job":"c","reason":"preempted","run":2,"lost":1,"kind":"other"}`,
		`{"t":8,"event":"end","number":1,"job":"<b \"x\">","state":"failed","reason":"recorded","queued":0,"run":6.5}`,
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %s in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func TestTimelineIsATraceOfSlices(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, story(), "")
	var trace struct {
		TraceEvents []struct {
			Ph, Name, ID string
			Pid, Tid     int
			Ts, Dur      float64
		}
	}
	if err := json.Unmarshal([]byte(read(t, dir, TimelineName)), &trace); err != nil {
		t.Fatal(err)
	}
	busy, phases := 0.0, map[string]int{}
	for _, e := range trace.TraceEvents {
		phases[e.Ph]++
		busy += e.Dur
	}
	if want := (3*4 + 4*2 + 4*3) * 1e6; busy != want || phases["b"] != 1 || phases["e"] != 1 || phases["X"] != 3+4+4 || phases["M"] != 3 {
		t.Errorf("slices of %v us (want %v), phases %v", busy, want, phases)
	}
}

func TestAFolderIsWholeOrSaysThatItIsNot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "run")
	names := &state.Names{}
	f, err := CreateFolder(dir, record(), names, FolderOptions{CSV: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecord(dir)
	if err != nil || r.Complete || !strings.Contains(r.Partial, "not finished") {
		t.Fatalf("while it is written: complete %v, partial %q, %v", r.Complete, r.Partial, err)
	}
	if _, err := os.Stat(filepath.Join(dir, JobsName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("jobs.parquet has its name before the run is over: %v", err)
	}
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 || left[0].Name() != "run.json" {
		t.Errorf("an aborted folder holds %v (want run.json)", left)
	}
	write(t, dir, story(), "interrupted at 10 s") // over the aborted one
	if r, err = ReadRecord(dir); err != nil || r.Complete || r.Partial != "interrupted at 10 s" || r.Summary == nil {
		t.Errorf("an interrupted run: %+v, %v", r, err)
	}
	write(t, dir, story(), "")
	if r, err = ReadRecord(dir); err != nil || !r.Complete || r.Digest != "abc" || r.Summary.Wall != nil {
		t.Errorf("a whole run: %+v, %v", r, err)
	}
	want := []string{"attempts.parquet", "events.jsonl", "jobs.csv", "jobs.parquet", "nodes.parquet", "series.csv", "series.parquet", "timeline.json"}
	for _, name := range want {
		if !slices.Contains(r.Files, name) {
			t.Errorf("the record does not name %s among %v", name, r.Files)
		}
	}
	for _, name := range r.Files {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".jobs.csv.tmp-123"), nil, 0o644); err != nil { // a crash's
		t.Fatal(err)
	}
	if _, err := CreateFolder(dir, record(), names, FolderOptions{}); err != nil {
		t.Error(err)
	}
}

func TestTwoRunsDoNotShareAFolder(t *testing.T) {
	dir := t.TempDir()
	first, err := CreateFolder(dir, record(), &state.Names{}, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = CreateFolder(dir, record(), &state.Names{}, FolderOptions{})
	var fe *FolderError
	if !errors.As(err, &fe) || !strings.Contains(err.Error(), "another run") {
		t.Errorf("a second run beside the first: %v", err)
	}
	if err := first.Finish(Record{}); err != nil {
		t.Errorf("the first run: %v", err)
	}
	for range 2 { // the lock is gone with whatever ended the run
		next, err := CreateFolder(dir, record(), &state.Names{}, FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := next.Discard(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFolderWithOtherFilesIsLeftAlone(t *testing.T) {
	for name, files := range map[string][]string{"foreign": {"thesis.tex"}, "beside a run": {"run.json", "notes.md"}, "no record": {"jobs.csv"}} {
		dir := t.TempDir()
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := CreateFolder(dir, record(), &state.Names{}, FolderOptions{})
		var fe *FolderError
		if !errors.As(err, &fe) || fe.Other != files[len(files)-1] {
			t.Errorf("%s: error %v", name, err)
		}
		for _, f := range files {
			if read(t, dir, f) != "x" {
				t.Errorf("%s: %s was changed", name, f)
			}
		}
	}
}

func TestTheSameRunGivesTheSameFiles(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	write(t, a, story(), "")
	write(t, b, story(), "")
	entries, _ := os.ReadDir(a)
	if len(entries) != 9 {
		t.Errorf("%d files", len(entries))
	}
	for _, e := range entries {
		if !bytes.Equal([]byte(read(t, a, e.Name())), []byte(read(t, b, e.Name()))) {
			t.Errorf("%s differs", e.Name())
		}
	}
}

func TestRecordsThatAreNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadRecord(dir); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "not a run folder") {
		t.Errorf("an empty folder: %v", err)
	}
	for content, want := range map[string]string{"{": "not the record of a run", `{"format":"orrery/run/9"}`: `format "orrery/run/9"`} {
		if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v (want %q)", content, err, want)
		}
	}
}

func TestSummaryHasTheFiguresThatScriptsRead(t *testing.T) {
	figures := metric.New(metric.Config{})
	story().Deliver(9, figures)
	b, err := json.Marshal(Summarise(figures.Result(), Facts{Name: "story", Seed: 7, Events: 99, Digest: "abc", Wall: 2e9, Pools: []string{"train"}}))
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	at := func(path string) any {
		var v any = s
		for _, k := range strings.Split(path, ".") {
			v = v.(map[string]any)[k]
		}
		return v
	}
	for path, want := range map[string]any{
		"name": "story", "seed": 7.0, "jobs.submitted": 5.0, "jobs.finished": 1.0, "jobs.failed": 1.0, "jobs.cancelled": 1.0, "jobs.unfinished": 1.0,
		"jobs.dropped": 1.0, "wait_s.mean": 2.5 / 3, "wait_s.p50": 0.0, "jct_s.mean": (4 + 6.5) / 2, "bounded_slowdown.mean": 1.0,
		"makespan_s": 8.0, "preemptions": 1.0, "events": 99.0, "wall_s": 2.0, "digest": "abc", "evictions.preempted": 1.0, "wait_causes_s.capacity": 4.0,
		"gpu.allocation": (3*4 + 0.25*6.5 + 4*2 + 4*3) / 80, "gpu.allocation_by_pool.train": (3*4 + 0.25*6.5 + 4*2 + 4*3) / 80, "quantiles": "exact",
	} {
		if got := at(path); !cmp.Equal(got, want, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })) {
			t.Errorf("%s is %v (want %v)", path, got, want)
		}
	}
	for _, path := range []string{"wait_s.p90", "wait_s.p99", "jct_s.p90", "bounded_slowdown.p99"} {
		if _, ok := at(path).(float64); !ok {
			t.Errorf("%s is %v (want a number)", path, at(path))
		}
	}
	empty, err := json.Marshal(Summarise(metric.New(metric.Config{}).Result(), Facts{}))
	if err != nil || !strings.Contains(string(empty), `"mean":null`) {
		t.Errorf("figures that do not exist: %s, %v (want null)", empty, err)
	}
	var back Summary
	if err := json.Unmarshal(empty, &back); err != nil || back.Wait.Mean == back.Wait.Mean {
		t.Errorf("null is read back as %v, %v (want NaN)", back.Wait.Mean, err)
	}
}
