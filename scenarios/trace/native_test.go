package trace

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/sim/state"
)

const nativeFull = "\xef\xbb\xbf# start: 2026-02-03T04:05:06Z\r\n" +
	"job,submit_s,duration_s,gpus,pod_gpus,replicas,gpu_milli,gpu_type,cpu_milli,memory_mib,queue,user,priority,estimate_s,start_s,status,after,x_loss,extra,\r\n" +
	"a,0,10.5,16,8,2,,A|B,4000,1024,q1,u1,5,20,1,finished,,1.25,zz,\r\n" +
	"\r\n" +
	"b,0.000000001,never,3,,,,,100,,\"q,2\",u1,-5,,,FAILED,a,-0.5,,\r\n" +
	"c,7,1e2,1,,,250,A,,,q1,,,,,Killed,a:any;b,,,\r\n" +
	"d,7.0,0,0,,2,,,500,64,,u2,,,8.25,,c:ok b:any,,,\r\n"

func TestNativeReadsEveryColumn(t *testing.T) {
	jobs, meta := open(t, "orrery", write(t, "jobs.csv", nativeFull), Options{})
	if len(jobs) != 4 {
		t.Fatalf("%d jobs", len(jobs))
	}
	s := state.Second
	a := jobs[0]
	want := job{Name: "a", User: "u1", Queue: "q1", Types: []string{"A|B"}, Spec: state.JobSpec{Duration: 10*s + s/2, Estimate: 20 * s,
		Patience: state.Unset, RecStart: s, Priority: 5,
		Roles: []state.RoleSpec{{Replicas: 2, PodGPUs: 8, GPUMilli: 1000, CPUMilli: 4000, MemMiB: 1024}}}}
	want.Spec.X[0] = 1_250_000
	if d := cmp.Diff(want, a); d != "" {
		t.Errorf("a: %s", d)
	}
	b := jobs[1].Spec
	if b.Submit != 1 || b.Duration != state.Never || b.Outcome != state.Failed || jobs[1].Queue != "q,2" || b.Priority != -5 || b.X[0] != -500_000 {
		t.Errorf("b: %+v", jobs[1])
	}
	if d := cmp.Diff([]state.RoleSpec{{Replicas: 3, PodGPUs: 1, GPUMilli: 1000, CPUMilli: 100, Flags: state.RoleSplit}}, b.Roles); d != "" {
		t.Errorf("b: %s", d)
	}
	if d := cmp.Diff([]state.Dep{{Row: 0}}, b.After); d != "" {
		t.Errorf("b after: %s", d)
	}
	c := jobs[2].Spec
	if d := cmp.Diff([]state.RoleSpec{{Replicas: 1, PodGPUs: 1, GPUMilli: 250}}, c.Roles); d != "" {
		t.Errorf("c: %s", d)
	}
	if d := cmp.Diff([]state.Dep{{Row: 0, When: state.AfterAny}, {Row: 1}}, c.After); d != "" || c.Outcome != state.Cancelled || c.Duration != 100*s {
		t.Errorf("c: %s %+v", d, c)
	}
	if d := cmp.Diff([]state.RoleSpec{{Replicas: 2, GPUMilli: 1000, CPUMilli: 500, MemMiB: 64}}, jobs[3].Spec.Roles); d != "" {
		t.Errorf("d: %s", d)
	}
	if !meta.HasDate || meta.Start.Format("2006-01-02T15:04:05") != "2026-02-03T04:05:06" {
		t.Errorf("start %v", meta.Start)
	}
	if !strings.Contains(strings.Join(meta.Warnings, "\n"), `column "extra" is not read`) {
		t.Errorf("warnings %q", meta.Warnings)
	}
}

func TestNativePackingAndCloneChangeNothing(t *testing.T) {
	var text strings.Builder
	text.WriteString("job,submit_s,duration_s,gpus,user,gpu_type,after,x_a\n")
	for i := range 3_000 {
		after := ""
		if i > 10 {
			after = fmt.Sprintf("j%d:any", i-7)
		}
		fmt.Fprintf(&text, "j%d,%d,%d.5,%d,u%d,T%d,%s,%d\n", i, i/3, i%100, 1+i%9, i%77, i%5, after, i)
	}
	want, _ := open(t, "orrery", write(t, "a.csv", text.String()), Options{})
	if len(want) != 3_000 {
		t.Fatal(len(want))
	}
	for name, bytes := range map[string]string{"a.csv": text.String(), "a.gz": gzipText(t, text.String()), "a.zst": zstdText(t, text.String())} {
		for _, sort := range []bool{false, true} {
			path := write(t, name, bytes)
			names := new(state.Names)
			src, _, err := Open("orrery", path, Options{Sort: sort}, names)
			if err != nil {
				t.Fatal(err)
			}
			var spec state.JobSpec
			for range 1_234 {
				if ok, err := src.Next(&spec); !ok || err != nil {
					t.Fatal(ok, err)
				}
			}
			other := new(state.Names)
			other.Users.Intern([]byte("somebody"))
			other.Types.Intern([]byte("H800"))
			other.X.Intern([]byte("x_before"))
			fork, err := src.Clone(other)
			if err != nil {
				t.Fatal(err)
			}
			got := drain(t, fork, other)
			for i := range got { // the number moved one place on
				got[i].Spec.X[0] = got[i].Spec.X[1]
				got[i].Spec.X[1] = 0
			}
			if d := cmp.Diff(want[1_234:], got); d != "" {
				t.Fatalf("%s sort=%v: clone differs: %s", name, sort, d[:min(len(d), 800)])
			}
			if d := cmp.Diff(want[1_234:], drain(t, src, names)); d != "" {
				t.Fatalf("%s sort=%v: original differs", name, sort)
			}
		}
	}
}

func TestNativeSortMendsOrderAndDependencies(t *testing.T) {
	text := "job,submit_s,duration_s,gpus,after\nlate,9,1,1,early\nearly,2,1,1,\nmid,5,1,1,early:any\n"
	path := write(t, "x.csv", text)
	wantErr(t, openErr("orrery", path, Options{}), "x.csv:2:12", `no earlier row has the job id "early"`, "convert --sort")
	jobs, _ := open(t, "orrery", path, Options{Sort: true})
	if jobs[0].Name != "early" || jobs[1].Name != "mid" || jobs[2].Name != "late" {
		t.Fatalf("%v", jobs)
	}
	if d := cmp.Diff([]state.Dep{{Row: 0}}, jobs[2].Spec.After); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]state.Dep{{Row: 0, When: state.AfterAny}}, jobs[1].Spec.After); d != "" {
		t.Error(d)
	}
	later := write(t, "y.csv", "job,submit_s,duration_s,gpus,after\na,1,1,1,b\nb,2,1,1,\n")
	wantErr(t, openErr("orrery", later, Options{Sort: true}), "waits for job")
}

func TestNativeErrorsSayWhereAndWhat(t *testing.T) {
	head := "job,submit_s,duration_s,gpus\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty file":      {"", []string{"is empty"}},
		"missing columns": {"job,submit,duration_s,gpu\n", []string{`no column "submit_s", "gpus"`, `did you mean "submit_s"`, "x.csv:1"}},
		"misspelt":        {"job,submit_s,duration_s,gpus,prioriti\n", []string{`did you mean "priority"`, "x.csv:1:30"}},
		"twice":           {"job,submit_s,duration_s,gpus,GPUS\n", []string{`column "GPUS" stands twice`, "x.csv:1:30"}},
		"nan":             {head + "a,nan,1,1\n", []string{"x.csv:2:3", "submit_s", "not a finite number"}},
		"negative":        {head + "a,1,-2,1\n", []string{"x.csv:2:5", "duration_s", "is negative"}},
		"infinite":        {head + "a,1,inf,1\n", []string{"not a finite number", "or never"}},
		"too large":       {head + "a,1e18,1,1\n", []string{"too large"}},
		"text":            {head + "a,1,1,many\n", []string{"x.csv:2:7", `"many" is not a number`}},
		"half a GPU":      {head + "a,1,1,1.5\n", []string{"not a whole number"}},
		"fields":          {head + "a,1,1\n", []string{"x.csv:2", "has 3 fields", "expected 4"}},
		"more fields":     {head + "a,1,1,1,1\n", []string{"has 5 fields"}},
		"no name":         {head + ",1,1,1\n", []string{"job is empty"}},
		"order":           {head + "a,5,1,1\nb,4.5,1,1\n", []string{"x.csv:3", "4.5 s", "at 5 s", "convert --sort"}},
		"open quote":      {head + "\"a,1,1,1\n", []string{"x.csv:2:1", "does not end on its line"}},
		"behind quote":    {head + "\"a\"b,1,1,1\n", []string{"text behind a closing quote"}},
		"replicas":        {"job,submit_s,duration_s,gpus,pod_gpus,replicas\na,0,1,9,4,2\n", []string{"2 x 4 = 8", "x.csv:2:7"}},
		"no multiple":     {"job,submit_s,duration_s,gpus,pod_gpus\na,0,1,9,4\n", []string{"no multiple of pod_gpus 4"}},
		"replicas alone":  {"job,submit_s,duration_s,gpus,replicas\na,0,1,9,3\n", []string{"without pod_gpus"}},
		"milli":           {"job,submit_s,duration_s,gpus,gpu_milli\na,0,1,1,1001\n", []string{"gpu_milli is 1001"}},
		"milli of many":   {"job,submit_s,duration_s,gpus,gpu_milli\na,0,1,2,500\n", []string{"gpu_milli is 500 for 2 GPUs"}},
		"status":          {"job,submit_s,duration_s,gpus,status\na,0,1,2,finishd\n", []string{`did you mean "finished"`}},
		"start":           {"job,submit_s,duration_s,gpus,start_s\na,5,1,2,4\n", []string{"before submit_s"}},
		"unknown id":      {"job,submit_s,duration_s,gpus,after\na,5,1,2,z:any\n", []string{`job id "z"`, "x.csv:2:9"}},
		"itself":          {"job,submit_s,duration_s,gpus,after\na,5,1,2,a\n", []string{`job id "a"`}},
		"id twice":        {"job,submit_s,duration_s,gpus,after\na,5,1,2,\na,5,1,2,\n", []string{"stands in an earlier row", "x.csv:3:1"}},
		"utf-16":          {"\xff\xfej\x00", []string{"UTF-16"}},
		"cut gzip":        {"\x1f\x8b\x08\x00\x00\x00", []string{"gzip"}},
		"x":               {"job,submit_s,duration_s,gpus,x_a\na,5,1,2,1..2\n", []string{"x_a", "not a number"}},
		"nine x":          {"job,submit_s,duration_s,gpus,x_1,x_2,x_3,x_4,x_5,x_6,x_7,x_8,x_9\n", []string{`"x_9" is one x_* column too many`}},
		"start comment":   {"# start: yesterday\n" + head, []string{"not an instant", "RFC 3339"}},
	} {
		t.Run(name, func(t *testing.T) { wantErr(t, openErr("orrery", write(t, "x.csv", c.text), Options{}), c.want...) })
	}
	wantErr(t, openErr("orrery", "no/such.csv", Options{}), "no such file")
	wantErr(t, openErr("orrery", t.TempDir(), Options{}), "is a folder")
	wantErr(t, openErr("orery", "x", Options{}), `did you mean "orrery"`)
	wantErr(t, openErr("orrery", "x", Options{NeverStarted: "skp"}), `did you mean "skip"`)
}

func TestCutCompressedFilesAreNamed(t *testing.T) {
	text := "job,submit_s,duration_s,gpus\n"
	for i := range 5000 {
		text += fmt.Sprintf("j%d,%d,%d,1\n", i, i, rand.Uint32())
	}
	for _, packed := range []string{gzipText(t, text), zstdText(t, text)} {
		wantErr(t, openErr("orrery", write(t, "c.csv", packed[:len(packed)/2]), Options{}), "c.csv", "ends too early")
	}
	wantErr(t, openErr("orrery", write(t, "c.csv", gzipText(t, text)), Options{MaxBytes: 1000}), "more than 1000 bytes")
}

func TestOutcomeOptions(t *testing.T) {
	text := "job,submit_s,duration_s,gpus,status,patience_s,start_s,after\na,0,0,1,cancelled,5,,\nb,1,9,1,failed,,,a:any\nc,2,1,1,cancelled,5,3,b\n"
	path := write(t, "x.csv", text)
	keep, _ := open(t, "orrery", path, Options{})
	if len(keep) != 3 || keep[0].Spec.Patience != 5*state.Second || keep[1].Spec.Outcome != state.Failed {
		t.Errorf("%+v", keep)
	}
	for _, sort := range []bool{false, true} {
		skip, meta := open(t, "orrery", path, Options{NeverStarted: NeverSkip, RecordedFailures: FailureFinish, Sort: sort})
		if len(skip) != 2 || skip[0].Spec.Outcome != state.Finished || len(skip[0].Spec.After) != 0 {
			t.Errorf("sort=%v %+v", sort, skip)
		}
		if d := cmp.Diff([]state.Dep{{Row: 0}}, skip[1].Spec.After); d != "" {
			t.Errorf("sort=%v %s", sort, d)
		}
		if !strings.Contains(strings.Join(meta.Warnings, ";"), "1 x cancelled before it started") {
			t.Errorf("notes %q", meta.Warnings)
		}
	}
}
