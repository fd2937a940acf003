package trace

import (
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

// TestPublicTraces reads every public file that is there, and counts.
func TestPublicTraces(t *testing.T) {
	for _, c := range []struct {
		format, file string
		opt          Options
		jobs         int
		gpus         int64 // sum over jobs of GPUs
		date         string
	}{
		{"openb", "openb/openb_pod_list_default.csv.gz", Options{}, 8152, 3911 + 3078 + 44*8 + 16*2 + 15*4, ""},
		{"openb", "openb/openb_pod_list_cpu250.csv.gz", Options{}, 9420, 3911 + 3078 + 44*8 + 16*2 + 15*4, ""},
		{"openb", "openb/openb_pod_list_gpuspec33.csv.gz", Options{}, 8152, 3911 + 3078 + 44*8 + 16*2 + 15*4, ""},
		{"openb", "openb/openb_pod_list_gpushare100.csv.gz", Options{}, 8152, 7064, ""},
		{"openb", "openb/openb_pod_list_multigpu50.csv.gz", Options{}, 9061, -1, ""},
		{"openb", "openb-fgd/mini42_arrivals_and_placements.csv", Options{}, 574, -1, ""},
		{"helios", "helios/jobs.csv", Options{VCs: traces(t, "helios", "vcs.csv")}, 24082, -1, ""},
		{"tiresias", "tiresias/60_job.csv", Options{Cluster: traces(t, "tiresias", "n4g4.csv")}, 60, -1, ""},
		{"philly", "philly/philly.csv.gz", Options{}, 82247, -1, "2017-09-04 10:30:41"},
		{"pollux", "pollux/workloads/workload-1.csv", Options{Throughputs: traces(t, "pollux", "traces")}, 160, -1, ""},
		{"pollux", "pollux/workloads-realistic/workload-3.csv", Options{Throughputs: traces(t, "pollux", "traces")}, 160, -1, ""},
		{"gavel", "gavel/minimize_makespan.trace", Options{Throughputs: traces(t, "gavel", "simulation_throughputs.json.gz")}, 100, -1, ""},
		{"gavel", "gavel/max_min_fairness.trace", Options{Throughputs: traces(t, "gavel", "simulation_throughputs.json.gz")}, 96, -1, ""},
		{"dlrm", "dlrm/disaggregated_DLRM_trace.csv.gz", Options{}, 23871, 7386, ""},
	} {
		t.Run(c.file, func(t *testing.T) {
			jobs, meta := open(t, c.format, traces(t, c.file), c.opt)
			if len(jobs) != c.jobs {
				t.Errorf("%d jobs, want %d", len(jobs), c.jobs)
			}
			var gpus int64
			last := state.Time(0)
			for _, j := range jobs {
				gpus += j.Spec.GPUs()
				if j.Spec.Submit < last {
					t.Fatalf("%s comes too late", j.Name)
				}
				last = j.Spec.Submit
				if c.format == "pollux" && (j.Spec.Duration <= 0 || j.Spec.Duration > 1000*3600*state.Second) {
					t.Errorf("%s runs %s s", j.Name, secondsText(j.Spec.Duration))
				}
			}
			if c.gpus >= 0 && gpus != c.gpus {
				t.Errorf("%d GPUs, want %d", gpus, c.gpus)
			}
			if date := meta.Start.Format("2006-01-02 15:04:05"); c.date != "" && date != c.date {
				t.Errorf("starts %s, want %s", date, c.date)
			}
			t.Log(len(jobs), "jobs,", gpus, "GPUs,", secondsText(last), "s;", strings.Join(meta.Warnings, "; "))
		})
	}
}

func TestPublicNodeLists(t *testing.T) {
	for _, c := range []struct {
		format, file string
		nodes        int
		gpus         int64
	}{
		{"openb", "openb/openb_node_list_gpu_node.csv", 1213, 6212},
		{"openb", "openb/openb_node_list_all_node.csv", 1523, 6212},
		{"openb", "openb-fgd/mini42_nodes.csv", 61, 314},
		{"orrery", "spot-gpu/node_info_df.csv", 4278, 10412},
	} {
		l, err := ReadNodes(c.format, traces(t, c.file), Options{})
		if err != nil {
			t.Error(err)
		} else if len(l.Nodes) != c.nodes || l.GPUs() != c.gpus {
			t.Errorf("%s: %d nodes, %d GPUs; %v", c.file, len(l.Nodes), l.GPUs(), l.Warnings)
		}
	}
	vcs, err := readVCs(traces(t, "helios", "vcs.csv"), &Options{MaxBytes: 1 << 30})
	if err != nil || vcs.GPUs()%8 != 0 {
		t.Error(vcs, err)
	}
}
