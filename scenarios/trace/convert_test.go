package trace

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/sim/state"
)

// drawAnything is a job with everything that our CSV can say.
func drawAnything(t *rapid.T, names *state.Names, i int, at state.Time) state.JobSpec {
	var j state.JobSpec
	j.Reset()
	span := func(label string, unset state.Time) state.Time {
		if rapid.Bool().Draw(t, label+" unset") {
			return unset
		}
		return state.Time(rapid.Int64Range(0, 1e15).Draw(t, label))
	}
	word := rapid.StringOf(rapid.RuneFrom([]rune(`ab,"; :#'é`)))
	j.Name = append(j.Name, word.Filter(func(s string) bool { return s != "" }).Draw(t, "name")...)
	if rapid.Bool().Draw(t, "plain name") {
		j.Name = fmt.Appendf(j.Name[:0], "j%d", i)
	}
	j.Submit, j.Duration = at, span("duration", state.Never)
	j.Estimate, j.MaxRun, j.Patience = span("estimate", state.Unset), span("max", 0), span("patience", state.Unset)
	if w := span("wait", state.Unset); w != state.Unset {
		j.RecStart = at + w
	}
	j.Outcome = state.Outcome(rapid.IntRange(0, 2).Draw(t, "outcome"))
	j.User, j.Queue = names.Users.Intern([]byte(word.Draw(t, "user"))), names.Queues.Intern([]byte(word.Draw(t, "queue")))
	j.Partition = names.Partitions.Intern([]byte(word.Draw(t, "partition")))
	j.Priority = rapid.Int32().Draw(t, "priority")
	r := state.RoleSpec{Replicas: rapid.Int32Range(1, 70).Draw(t, "replicas"), PodGPUs: rapid.Int32Range(0, 9).Draw(t, "pod"), GPUMilli: 1000}
	if rapid.Bool().Draw(t, "split") {
		r = splitRole(rapid.Int64Range(0, 5000).Draw(t, "gpus"))
	} else if r.PodGPUs == 1 && rapid.Bool().Draw(t, "share") {
		r.GPUMilli = rapid.Int32Range(1, 999).Draw(t, "milli")
	}
	r.CPUMilli, r.MemMiB = rapid.Int64Range(0, 1e9).Draw(t, "cpu"), rapid.Int64Range(0, 1e9).Draw(t, "mem")
	if r.PodGPUs > 0 {
		for k := range rapid.IntRange(0, 3).Draw(t, "types") {
			bit, _ := names.TypeBit(fmt.Appendf(nil, "T%d", rapid.IntRange(k, 4).Draw(t, "type")))
			r.TypeMask |= bit
		}
	}
	j.Roles = []state.RoleSpec{r}
	for k := range j.X[:3] {
		j.X[k] = rapid.Int64().Draw(t, "x")
	}
	for k := rapid.IntRange(0, 2).Draw(t, "deps"); k > 0 && i > 0; k-- {
		j.After = append(j.After, state.Dep{Row: uint64(rapid.IntRange(0, i-1).Draw(t, "dep")), When: state.Condition(k % 2)})
	}
	return j
}

func TestConvertIsReadBackExactly(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		names := new(state.Names)
		for _, x := range []string{"x_a", "x_b", "x_c"} {
			names.X.Intern([]byte(x))
		}
		jobs := make([]state.JobSpec, rapid.IntRange(0, 12).Draw(t, "jobs"))
		at, hasDeps := state.Time(0), false
		for i := range jobs {
			at += state.Time(rapid.Int64Range(0, 1e12).Draw(t, "gap"))
			jobs[i] = drawAnything(t, names, i, at)
			hasDeps = hasDeps || len(jobs[i].After) > 0
		}
		want := drainAll(t, &listed{jobs: jobs, from: names, names: names}, names)
		var out bytes.Buffer
		c, err := Convert(&out, &listed{jobs: jobs, from: names, names: names}, names, nil)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "t.csv")
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		again := new(state.Names)
		for _, x := range []string{"x_a", "x_b", "x_c"} {
			again.X.Intern([]byte(x))
		}
		for _, ty := range names.Types.All() {
			again.Types.Intern([]byte(ty))
		}
		src, meta, err := Open("orrery", path, Options{}, again)
		if err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		got := drainAll(t, src, again)
		if len(meta.Warnings) > 0 {
			t.Fatal(meta.Warnings)
		}
		renamed := strings.Contains(strings.Join(c.Lost, ""), "its row put behind it")
		for i := range got {
			if renamed && len(want) == len(got) { // then names differ, and say so
				got[i].Name = want[i].Name
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%s", d, out.String())
		}
		if len(c.Lost) > 0 && !renamed {
			t.Fatalf("lost %q", c.Lost)
		}
	})
}

func TestConvertSaysWhatIsLost(t *testing.T) {
	names := new(state.Names)
	var j state.JobSpec
	j.Reset()
	j.Name = []byte("two\nlines")
	j.Roles = []state.RoleSpec{{Replicas: 1, GPUMilli: 1000}, {Replicas: 2, PodGPUs: 4, Max: 5, GPUMilli: 1000}}
	var out bytes.Buffer
	c, err := Convert(&out, &listed{jobs: []state.JobSpec{j}, from: names, names: names}, names, nil)
	if err != nil || c.Jobs != 1 {
		t.Fatal(c, err)
	}
	if want := "job,submit_s,duration_s,gpus,pod_gpus,replicas\ntwo lines,0,0,8,4,2\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	for _, part := range []string{"several roles", "elastic role", "line break"} {
		if !strings.Contains(strings.Join(c.Lost, "\n"), part) {
			t.Errorf("no %q in %q", part, c.Lost)
		}
	}
}

// TestConvertedPublicTraces reads each public trace, converts it, and finds the same jobs in the result.
func TestConvertedPublicTraces(t *testing.T) {
	for format, file := range map[string]string{"openb": "openb/openb_pod_list_gpuspec33.csv.gz", "helios": "helios/jobs.csv",
		"swf": "swf/w105_10k.swf.gz", "philly": "philly/philly.csv.gz", "dlrm": "dlrm/disaggregated_DLRM_trace.csv.gz"} {
		names := new(state.Names)
		src, meta, err := Open(format, traces(t, file), Options{}, names)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "c.csv")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Convert(f, src, names, meta)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		for _, l := range c.Lost {
			if !strings.Contains(l, "before the trace") {
				t.Errorf("%s lost %q", format, l)
			}
		}
		want, wantMeta := open(t, format, traces(t, file), Options{})
		got, gotMeta := open(t, "orrery", path, Options{})
		if len(want) != len(got) || !wantMeta.Start.Equal(gotMeta.Start) {
			t.Fatalf("%s: %d jobs from %v, want %d from %v", format, len(got), gotMeta.Start, len(want), wantMeta.Start)
		}
		for i := range want {
			if a, b := line(want[i]), line(got[i]); a != b {
				t.Fatalf("%s: row %d\nwant %s\ngot  %s", format, i, a, b)
			}
		}
	}
}
