package run

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/scenarios/trace"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/metric"
	"github.com/orrery-sim/orrery/sim/state"
)

// reference runs the public SWF file on 256 nodes of 8 GPUs.
func reference(t *testing.T, spec policies.Spec, listeners func(*state.Names) []state.Listener) *sim.Engine {
	t.Helper()
	dir := os.Getenv("ORRERY_TRACES")
	if dir == "" {
		t.Skip("ORRERY_TRACES is not set: the public traces are not here")
	}
	names := &state.Names{}
	src, _, err := trace.Open("swf", filepath.Join(dir, "swf", "w105_10k.swf.gz"), trace.Options{}, names)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := policies.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	names.Types.Intern([]byte("A100-80"))
	nodes := make([]cluster.NodeSpec, 256)
	for i := range nodes {
		nodes[i] = cluster.NodeSpec{Name: fmt.Sprintf("n%03d", i), GPUs: 8}
	}
	e, err := sim.New(sim.Config{Names: names, Nodes: nodes, Source: src, Policy: policy, Listeners: listeners(names)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(state.Never); err != nil {
		t.Fatal(err)
	}
	e.Finish(e.Now())
	return e
}

// The figures of traces/REFERENCE.md, from the collector and once more from the folder.
func TestPublishedFiguresToTheDigit(t *testing.T) {
	for _, tc := range []struct {
		backfill                     string
		wait, slowdown               string
		capacity, order, reservation int64      // s
		makespan                     state.Time // s; 0: not published
	}{
		{"none", "66.38", "1.3499", 294384, 369396, 0, 192870},
		{"easy", "31.22", "1.1128", 242558, 0, 69618, 0},
	} {
		t.Run(tc.backfill, func(t *testing.T) {
			figures, checker, dir := metric.New(metric.Config{}), check.New(), t.TempDir()
			var folder *Folder
			reference(t, policies.Spec{Backfill: tc.backfill}, func(names *state.Names) []state.Listener {
				var err error
				if folder, err = CreateFolder(dir, record(), names, FolderOptions{CSV: true}); err != nil {
					t.Fatal(err)
				}
				return append(folder.Listeners(), figures, checker)
			})
			if err := folder.Finish(record()); err != nil {
				t.Fatal(err)
			}
			if err := checker.Done(); err != nil {
				t.Fatal(err)
			}
			r := figures.Result()
			if got := fmt.Sprintf("%.2f %.4f", r.Wait.Mean, r.Slowdown.Mean); got != tc.wait+" "+tc.slowdown {
				t.Errorf("mean wait and slowdown are %s (want %s %s)", got, tc.wait, tc.slowdown)
			}
			if got := r.Makespan / state.Second; tc.makespan != 0 && got != tc.makespan {
				t.Errorf("makespan is %d s (want %d)", got, tc.makespan)
			}
			jobs := int64(0)
			var waited [state.NumCauses]state.Time
			for row, err := range Jobs(dir) {
				if err != nil {
					t.Fatal(err)
				}
				jobs++
				for c := range waited {
					waited[c] += row.Waited[c]
				}
				gpus := int64(0)
				for _, n := range row.NodeGPUs {
					gpus += n
				}
				if gpus != row.GPUs || len(row.Nodes) != len(row.NodeGPUs) {
					t.Fatalf("job %s has %d GPUs on %v: %v", row.Job, row.GPUs, row.Nodes, row.NodeGPUs)
				}
			}
			if jobs != r.Jobs.Submitted {
				t.Errorf("%d rows for %d jobs", jobs, r.Jobs.Submitted)
			}
			got := fmt.Sprint(waited[state.CauseCapacity]/state.Second, waited[state.CauseOrder]/state.Second, waited[state.CauseReservation]/state.Second)
			if want := fmt.Sprint(tc.capacity, tc.order, tc.reservation); got != want {
				t.Errorf("waits by capacity, order, reservation are %s s (want %s)", got, want)
			}
		})
	}
}
