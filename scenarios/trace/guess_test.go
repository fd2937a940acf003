package trace

import (
	"strings"
	"testing"
)

func TestGuess(t *testing.T) {
	const swfRow = "1 0 -1 60 4 -1 -1 4 60 -1 1 1 1 1 1 1 -1 -1\n"
	for _, c := range []struct{ name, text, want string }{
		{"own", "# start: 2026-01-01T00:00:00Z\n\njob,submit_s,duration_s,gpus,queue\n", "orrery"},
		{"own in another case and order", "GPUs,Job,submit_s,\"duration_s\"\r\n", "orrery"},
		{"own with a vc of its own", "job,submit_s,duration_s,gpus,queue,user,partition,vc\n", "orrery"},
		{"helios jobs have all that ours need", "job,vc,submit_s,gpus,duration_s,qssf_pred_duration_s\n", "helios"},
		{"helios log has all that acme needs", "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n", "helios"},
		{"acme", "job_id,user,node_num,gpu_num,cpu_num,type,state,submit_time,start_time,end_time,duration,queue,gpu_time\n", "acme"},
		{"tiresias", "job_id,num_gpu,submit_time,iterations,model_name,duration,interval\n", "tiresias"},
		{"openb", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n", "openb"},
		{"openb of another repository", "seq,pod,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,fgd_node\n", "openb"},
		{"philly table", "timestamp,duration,num_gpus,gpu_time,cluster\n", "philly"},
		{"philly log", " \n[{\"status\":\"Pass\"", "philly"},
		{"pollux", "name,time,application,num_replicas,batch_size\n", "pollux"},
		{"gavel", "LM (batch size 10)\tpython3 main.py\tlm\t--steps\t1\t8601\t1\t1\t-1.000000\t0\n", "gavel"},
		{"dlrm", "instance_sn,role,app_name,gpu_request,creation_time,scheduled_time,deletion_time\n", "dlrm"},
		{"pai2020 without header", "0a1b,1c2d,u1,Terminated,100.0,200.0\n", "pai2020"},
		{"pai2020 with header", "job_name,inst_id,user,status,start_time,end_time\n", "pai2020"},
		{"sacct", "JobID|Submit|Start|End|State|AllocTRES|User\n", "sacct"},
		{"swf", "; Version: 2.2\n" + swfRow, "swf"},
		{"swf without header", swfRow, "swf"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, text := range []string{c.text, gzipText(t, c.text), zstdText(t, c.text), "\xef\xbb\xbf" + c.text} {
				got, why, err := Guess(write(t, "jobs.csv", text))
				if err != nil || got != c.want || why == "" {
					t.Errorf("%q (%s), %v; want %q", got, why, err, c.want)
				}
			}
		})
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", []string{"t.csv", "is empty"}},
		{"hello\nworld\n", []string{"t.csv:1", `"hello"`, "orrery", "sacct", "--format"}},
		{"job,submit_s,duration_s,gpu\n", []string{`orrery lacks "gpus"`, "--format"}},
		{"job,vc,submit_s,gpus,duration_s,queue\n", []string{"orrery or helios", "--format"}},
		{"vc,nodes\n", []string{"holds no jobs", "--vcs"}},
		{"sn,cpu_milli,memory_mib,gpu,model\n", []string{"holds no jobs", "node list"}},
	} {
		_, _, err := Guess(write(t, "t.csv", c.text))
		wantErr(t, err, c.want...)
	}
	if _, _, err := Guess("nowhere.csv"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
}

func TestGuessOfPublicTraces(t *testing.T) {
	for want, at := range map[string][]string{
		"helios": {"helios", "jobs.csv"}, "tiresias": {"tiresias", "60_job.csv"}, "openb": {"openb", "openb_pod_list_multigpu50.csv.gz"},
		"dlrm": {"dlrm", "disaggregated_DLRM_trace.csv.gz"}, "philly": {"philly", "philly.csv.gz"},
		"pollux": {"pollux", "workloads", "workload-1.csv"}, "gavel": {"gavel", "small_test.trace"}, "swf": {"swf", "w105_10k.swf.gz"},
	} {
		if got, why, err := Guess(traces(t, at...)); got != want {
			t.Errorf("%v: %q (%s), %v; want %q", at, got, why, err, want)
		}
	}
}

func TestOptionsOfOtherFormats(t *testing.T) {
	o := Options{VCs: "v", Throughputs: "t"}
	for format, want := range map[string]int{"helios": 1, "pollux": 1, "gavel": 1, "swf": 2} {
		if got := o.Foreign(format); len(got) != want {
			t.Errorf("%s: %v, want %d", format, got, want)
		}
	}
	if got := o.Foreign("helios")[0]; got.Key != "throughputs" || len(got.Formats) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestUnknownFormats(t *testing.T) {
	for name, want := range map[string]string{"slurm": "sacct", "Alibaba": "pai2020", "csv": "orrery", "hellios": "helios", "pwa": "swf"} {
		if e := Unknown(name); Known(name) || !strings.Contains(e.Do, `"`+want+`"`) || !strings.Contains(e.Want, "tiresias") {
			t.Errorf("%s: %v", name, e)
		}
	}
	if !Known("swf") {
		t.Error("swf is not known")
	}
}
