package trace

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

const statsCSV = `job,submit_s,duration_s,gpus,gpu_milli,queue,user,estimate_s,start_s,status,patience_s,gpu_type,after
a,0,100,4,,q1,u1,50,0,,,,
b,10,broken,1,,q1,u1,,,,,,
c,10,200,2,,q2,u2,300,20,failed,,T4,a
d,5,0,0,,q2,u2,,5,,,,
e,100,400,1,500,q1,u1,,100,cancelled,,,
f,100,0,3,,,,,,cancelled,60,,
g,100,never,16,,,,,,,,,c:any
h,100,1
`

func TestStats(t *testing.T) {
	st, err := StatsOf("orrery", write(t, "s.csv", statsCSV), Options{}, 8)
	if err != nil {
		t.Fatal(err)
	}
	s := state.Second
	// d stands behind c; b and h are broken.
	if st.Jobs != 6 || st.Broken != 2 || st.Unsorted != 1 || st.First != 0 || st.Last != 100*s || st.SameInstant != 2 {
		t.Errorf("%+v", st)
	}
	if st.BrokenAt[0].Line != 3 || st.BrokenAt[1].Line != 9 || !strings.HasPrefix(st.UnsortAt[0], "s.csv:5") {
		t.Errorf("places %v %v", st.BrokenAt, st.UnsortAt)
	}
	if st.Outcomes != [3]int64{3, 1, 2} || st.Endless != 1 || st.NeverRan != 1 || st.ZeroLong != 1 || st.CPUOnly != 1 || st.Fractions != 1 || st.Dependent != 2 {
		t.Errorf("%+v", st)
	}
	// a 4 x 100, c 2 x 200, e .5 x 400 over 100 s x 8 GPUs.
	if st.GPUTime != 1000 || st.Load != 1000./800 || st.Larger != 1 || st.Estimates != 2 || st.Outlived != 1 {
		t.Errorf("work %v load %v %+v", st.GPUTime, st.Load, st)
	}
	// By submission: c and e and g from 100 on (a has just ended); by start the same without g.
	if st.PeakAsked != 18.5 || st.PeakHeld != 6 {
		t.Errorf("peaks %v %v", st.PeakAsked, st.PeakHeld)
	}
	d := st.Duration // 0, 100, 200, 400
	if d.Jobs != 4 || d.Mean != 175*s || d.P50 != 150*s || d.P25 != 75*s || d.P75 != 250*s || d.Max != 400*s {
		t.Errorf("%+v", d)
	}
	if st.Wait.Max != 10*s || st.Users[0] != (Share{"u1", 2, 600}) || st.Types[0].Name != "T4" || len(st.Queues) != 2 {
		t.Errorf("%+v", st)
	}
	if got := strings.Join(st.Absent, " "); got != "pod_gpus replicas cpu_milli memory_mib partition priority max_run_s topology model" {
		t.Errorf("absent %q", got)
	}
	var out bytes.Buffer
	if err := st.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"125 % of 8 GPUs", "peak demand is 2.31 x", "broken", "s.csv:3:6", "2 rows", "out of order", "columns not there", "1 never ran"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no %q in\n%s", part, out.String())
		}
	}
}

func TestStatsOfFilesThatEndBadly(t *testing.T) {
	packed := gzipText(t, "job,submit_s,duration_s,gpus\n"+strings.Repeat("a,1,1,1\nb,1,1,2\nc,1,3,1\n", 4000))
	st, err := StatsOf("orrery", write(t, "c.csv", packed[:len(packed)-20]), Options{}, 0)
	if err != nil || !st.Truncated || st.Jobs == 0 {
		t.Errorf("%v %+v", err, st)
	}
	st, err = StatsOf("philly", write(t, "l.json", `[{"status":"Pass","submitted_time":"2017-10-07 01:11:00","attempts":[]},{]`), Options{}, 0)
	if err != nil || !st.Truncated || st.Broken == 0 {
		t.Errorf("%v %+v", err, st)
	}
	if _, err := StatsOf("orrery", write(t, "e.csv", "jb,submit_s\n"), Options{}, 0); err == nil {
		t.Error("a file without columns has statistics")
	}
}

func TestStatsOfPublicTraces(t *testing.T) {
	st, err := StatsOf("swf", traces(t, "swf", "w105_10k.swf.gz"), Options{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The recipe of the file is an offered load of 1.05 on its 256 x 8 GPUs; the draw came out within a few percent.
	if st.ClusterGPUs != 2048 || st.Load < 0.95 || st.Load > 1.15 || st.Jobs != 10_000 || st.Estimates != 10_000 || st.Outlived != 0 {
		t.Errorf("load %v of %d GPUs, %d jobs, %d outlived", st.Load, st.ClusterGPUs, st.Jobs, st.Outlived)
	}
	st, err = StatsOf("philly", traces(t, "philly", "philly.csv.gz"), Options{}, 2000)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := st.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	// FACTS.md 6.3: 93.2 % of jobs and 18.1 % of GPU-time have one GPU.
	one := st.Sizes[0]
	if jobs := float64(one.Jobs) / float64(st.Jobs); st.Jobs != 82247 || jobs < .9315 || jobs > .9325 {
		t.Errorf("%d jobs, %v of them with one GPU", st.Jobs, jobs)
	}
	if work := one.GPUTime / st.GPUTime; work < .1805 || work > .1815 || st.Unsorted != 44878 {
		t.Errorf("%v of GPU-time, %d unsorted", work, st.Unsorted)
	}
	t.Log("\n" + out.String())
}

// The sizes that hold the GPU-time are told, however many small ones there are.
func TestStatsTextTellsTheSizesThatMatter(t *testing.T) {
	csv := "job,submit_s,duration_s,gpus,gpu_milli\n"
	for i := range 20 {
		csv += fmt.Sprintf("s%d,%d,1,1,%d\n", i, i, 10*(i+1))
	}
	csv += "big,30,1000,8,\nbig2,31,1000,8,\nmid,32,1000,4,\ncpu,33,5,0,\n"
	st, err := StatsOf("orrery", write(t, "s.csv", csv), Options{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := st.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, part := range []string{"8 GPUs 2 jobs", "4 GPUs 1 job (", "0.2 GPUs 1 job (", "11 other sizes 11 jobs", "the largest 0.1 GPUs", "--gpus N"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, out.String())
		}
	}
	if strings.Contains(text, " 1 jobs") || strings.Contains(text, " 1 rows") {
		t.Errorf("1 jobs in\n%s", out.String())
	}
	if strings.Index(text, "4 GPUs") > strings.Index(text, "8 GPUs") {
		t.Errorf("not in order of size:\n%s", out.String())
	}
}
