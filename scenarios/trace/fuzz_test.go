package trace

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/sim/state"
)

// FuzzFormats holds that no content makes a reader panic, run back in time or leave its errors without a place.
func FuzzFormats(f *testing.F) {
	seeds := []string{nativeFull, swfOdd, manyRows("orrery", 3), manyRows("swf", 3),
		"name,num_gpu,gpu_milli,pod_phase,creation_time,deletion_time,scheduled_time\na,1,9,Failed,5,4,\n",
		"job,vc,submit_s,gpus,duration_s\nj2,b,7,1,47\n", "job_id,vc,gpu_num,state,submit_time\n1,a,1,FAILED,2020-06-09 18:41:27\n",
		"timestamp,duration,num_gpus,cluster\n2017-10-09 07:01:55,66,1,v\n", "[{\"status\":\"Pass\",\"submitted_time\":\"2017-10-07 01:11:00\"}]",
		"JobID|Submit|Start|End|State|AllocTRES\n1|2024-01-01T00:00:00|2024-01-01T00:00:00|2024-01-01T00:00:01|COMPLETED|cpu=1,mem=4G\n",
		"X\tc\td\te\t1\t10\t2\t1\t-1\t3\n", "a,i,u,Terminated,1,2\n", "NodeName=a Gres=gpu:x:4\n", "NODELIST GRES\na[1-3] gpu:2\n", "\x28\xb5\x2f\xfd", "\x1f\x8b"}
	f.Add(uint8(0), parquetJobs(f))
	for i := range len(Formats()) + 3 {
		for _, s := range seeds {
			f.Add(uint8(i), s)
		}
	}
	dir := f.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			f.Fatal(err)
		}
		return path
	}
	speeds := write("speeds.json", `{"v100": {"('X', 2)": {"null": 4.0}}}`)
	tasks := write("tasks.csv", "a,t,1,Terminated,1,2,100,1,50,T4\n")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		path := write("fuzzed", text)
		formats := Formats()
		if i := int(which) - len(formats); i >= 0 {
			nodes := NodeFormats()
			if c, err := ReadNodes(nodes[i%len(nodes)].Name, path, Options{MaxBytes: 1 << 20}); err == nil {
				for _, n := range c.Nodes {
					if n.GPUs < 0 || n.GPUs > state.MaxGPUsPerNode || n.CPUMilli < 0 || n.MemMiB < 0 {
						t.Fatalf("node %+v", n)
					}
				}
			}
			return
		}
		for _, sort := range []bool{false, true} {
			names := new(state.Names)
			src, meta, err := Open(formats[which].Name, path, Options{Throughputs: speeds, Tasks: tasks, Sort: sort, MaxBytes: 1 << 20, MaxRows: 1 << 14}, names)
			if err != nil {
				isPlaced(t, err)
				continue
			}
			if meta.HasDate && meta.Start.Before(time.Unix(0, 0)) && formats[which].Name != "orrery" {
				t.Fatalf("starts %v", meta.Start)
			}
			var spec state.JobSpec
			last := state.Time(0)
			for row := uint64(0); ; row++ {
				ok, err := src.Next(&spec)
				if err != nil {
					isPlaced(t, err)
				}
				if !ok || err != nil {
					break
				}
				checkSpec(t, &spec, last, row)
				last = spec.Submit
			}
		}
	})
}

func isPlaced(t *testing.T, err error) {
	if e, ok := err.(*Error); !ok || e.File == "" || e.What == "" {
		t.Fatalf("error without a place: %#v", err)
	}
}

// checkSpec is what an engine may rely on.
func checkSpec(t *testing.T, s *state.JobSpec, last state.Time, row uint64) {
	if s.Submit < last || s.Submit > maxInstant || s.Duration < 0 || s.Duration > maxInstant && s.Duration != state.Never || s.MaxRun < 0 {
		t.Fatalf("times %+v", s)
	}
	for _, v := range []state.Time{s.Estimate, s.Patience, s.RecStart} {
		if v != state.Unset && (v < 0 || v > maxInstant) {
			t.Fatalf("times %+v", s)
		}
	}
	if s.RecStart != state.Unset && s.RecStart < s.Submit {
		t.Fatalf("starts before submission: %+v", s)
	}
	if len(s.Roles) == 0 {
		t.Fatal("no roles")
	}
	for _, r := range s.Roles {
		if r.Replicas < 1 || r.PodGPUs < 0 || r.GPUMilli < 1 || r.GPUMilli > 1000 || r.CPUMilli < 0 || r.MemMiB < 0 {
			t.Fatalf("role %+v", r)
		}
		if r.Flags&state.RoleSplit != 0 && r.PodGPUs != 1 {
			t.Fatalf("role %+v", r)
		}
	}
	for _, d := range s.After {
		if d.Row >= row {
			t.Fatalf("row %d waits for %d", row, d.Row)
		}
	}
}
