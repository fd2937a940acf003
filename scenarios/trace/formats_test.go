package trace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/sim/state"
)

// line is a job in one line, for tests that look at many.
func line(j job) string {
	s := &j.Spec
	var b strings.Builder
	fmt.Fprintf(&b, "%s @%s run %s", j.Name, secondsText(s.Submit), spanText(s.Duration))
	for i, r := range s.Roles {
		kind := "pods"
		if r.Flags&state.RoleSplit != 0 {
			kind = "split"
		}
		fmt.Fprintf(&b, " %s %dx%d", kind, r.Replicas, r.PodGPUs)
		if r.GPUMilli != 1000 {
			fmt.Fprintf(&b, " milli=%d", r.GPUMilli)
		}
		if r.CPUMilli > 0 || r.MemMiB > 0 {
			fmt.Fprintf(&b, " cpu=%d mem=%d", r.CPUMilli, r.MemMiB)
		}
		if j.Types[i] != "" {
			b.WriteString(" on " + j.Types[i])
		}
	}
	for _, kv := range [][2]string{{"u", j.User}, {"q", j.Queue}, {"p", j.Partition}} {
		if kv[1] != "" {
			b.WriteString(" " + kv[0] + "=" + kv[1])
		}
	}
	for _, kv := range []struct {
		key string
		v   state.Time
	}{{"est", s.Estimate}, {"patience", s.Patience}, {"start", s.RecStart}} {
		if kv.v != state.Unset {
			b.WriteString(" " + kv.key + "=" + secondsText(kv.v))
		}
	}
	if s.MaxRun > 0 {
		b.WriteString(" max=" + secondsText(s.MaxRun))
	}
	if s.Priority != 0 {
		fmt.Fprintf(&b, " prio=%d", s.Priority)
	}
	for i, x := range s.X {
		if x != 0 {
			fmt.Fprintf(&b, " x%d=%d", i, x)
		}
	}
	if s.Outcome != state.Finished {
		b.WriteString(" " + s.Outcome.String())
	}
	return b.String()
}

func spanText(t state.Time) string {
	if t == state.Never {
		return "never"
	}
	return secondsText(t)
}

func wantLines(t *testing.T, jobs []job, want string) {
	t.Helper()
	var got []string
	for _, j := range jobs {
		got = append(got, line(j))
	}
	if d := cmp.Diff(strings.Split(strings.TrimSpace(want), "\n"), got); d != "" {
		t.Errorf("jobs (-want +got):\n%s", d)
	}
}

func wantNotes(t *testing.T, meta *Meta, parts ...string) {
	t.Helper()
	all := strings.Join(meta.Warnings, "\n")
	for _, p := range parts {
		if !strings.Contains(all, p) {
			t.Errorf("no warning %q in\n%s", p, all)
		}
	}
}

func TestOpenb(t *testing.T) {
	jobs, meta := open(t, "openb", write(t, "p.csv", `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
late,100,200,1,460,,BE,Failed,50,90,60
early,6000,12288,8,1000,V100M16|T4,LS,Running,10,100,10.0
cpu,4000,1,0,0,,LS,Succeeded,10,11,10
waits,1,1,1,1000,,LS,Pending,20,70,
stays,1,1,1,1000,,LS,Pending,30,,
`), Options{})
	wantLines(t, jobs, `
early @10 run 90 pods 1x8 cpu=6000 mem=12288 on V100M16|T4 q=LS start=10
cpu @10 run 1 pods 1x0 cpu=4000 mem=1 q=LS start=10
waits @20 run 0 pods 1x1 cpu=1 mem=1 q=LS patience=50 cancelled
stays @30 run never pods 1x1 cpu=1 mem=1 q=LS
late @50 run 30 pods 1x1 milli=460 cpu=100 mem=200 q=BE start=60 failed`)
	wantNotes(t, meta, "1 row behind a row submitted later")

	mini, _ := open(t, "openb", write(t, "m.csv", "seq,pod,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,fgd_node\n0,a,1,2,1,650,,n\n1,b,1,2,2,1000,,n\n"), Options{})
	wantLines(t, mini, "a @0 run never pods 1x1 milli=650 cpu=1 mem=2\nb @1 run never pods 1x2 cpu=1 mem=2")
	bare, _ := open(t, "openb", write(t, "b.csv", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1,2,1,1000\nb,1,2,0,0\n"), Options{})
	wantLines(t, bare, "a @0 run never pods 1x1 cpu=1 mem=2\nb @1 run never pods 1x0 cpu=1 mem=2")

	head := "name,num_gpu,gpu_milli,pod_phase,creation_time,deletion_time,scheduled_time\n"
	wantErr(t, openErr("openb", write(t, "e.csv", head+"a,1,0,Failed,1,2,1\n"), Options{}), "e.csv:2:5", "gpu_milli is 0")
	wantErr(t, openErr("openb", write(t, "e.csv", head+"a,1,9,Gone,1,2,1\n"), Options{}), "pod_phase", `"Gone"`)
	wantErr(t, openErr("openb", write(t, "e.csv", head+"a,1,9,Failed,5,4,\n"), Options{}), "deleted before")
	wantErr(t, openErr("openb", write(t, "e.csv", head+"a,1,9,Failed,,4,\n"), Options{}), "creation_time is empty")
	wantErr(t, openErr("openb", write(t, "e.csv", "nam,num_gpus\n"), Options{}), `did you mean "name"`)
}

func TestHelios(t *testing.T) {
	vcs := write(t, "vcs.csv", "vc,nodes\na,1\nb,2\n")
	jobs, meta := open(t, "helios", write(t, "jobs.csv", `job,vc,submit_s,gpus,duration_s,qssf_pred_duration_s
j2,b,7,1,47,113
j1,a,5,16,30,-92.5
j3,b,5,0,1,0
`), Options{VCs: vcs})
	wantLines(t, jobs, `
j1 @5 run 30 split 16x1 p=a x0=-92500000
j3 @5 run 1 pods 1x0 p=b
j2 @7 run 47 split 1x1 p=b x0=113000000`)
	if n := meta.Cluster.Nodes; len(n) != 3 || n[2] != (NodeSpec{Name: "b-0001", GPUs: 8, Pool: "b", Partition: "b"}) {
		t.Errorf("%+v", n)
	}
	if meta.HasDate {
		t.Error("jobs.csv has no date")
	}

	gpus := write(t, "g.csv", "date,vcA,vcB,total\n2020-04-01,12,0,12\n2020-04-02,8,3,11\n")
	log, meta := open(t, "helios", write(t, "log.csv", `job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue
2,u1,vcA,4,16,1,FAILED,2020-06-09 18:41:27,2020-06-09 18:41:27,2020-06-09 18:45:36,249,0
1,u1,vcA,1,1,1,COMPLETED,2020-06-09 18:41:01,2020-06-09 18:42:01,2020-06-09 18:43:01,60,60
3,u2,vcB,0,8,1,CANCELLED,2020-06-09 18:41:28,,2020-06-09 18:41:58,,
4,u2,vcB,1,8,1,NODE_FAIL,2020-06-09 18:41:29,2020-06-09 18:41:29,,,
5,u2,vcB,1,8,1,TIMEOUT,2020-06-09 18:41:30,2020-06-09 18:41:30,2020-06-09 18:41:31,1,0
`), Options{VCs: gpus})
	wantLines(t, log, `
1 @0 run 60 split 1x1 cpu=1000 mem=0 u=u1 p=vcA start=60
2 @26 run 249 split 4x1 cpu=16000 mem=0 u=u1 p=vcA start=26 failed
3 @27 run 0 pods 1x0 cpu=8000 mem=0 u=u2 p=vcB patience=30 cancelled
5 @29 run 1 split 1x1 cpu=8000 mem=0 u=u2 p=vcB start=29 failed`)
	if !meta.HasDate || meta.Start.Format("2006-01-02 15:04:05 MST") != "2020-06-09 18:41:01 UTC" {
		t.Errorf("start %v", meta.Start)
	}
	if meta.Cluster.GPUs() != 15 || len(meta.Cluster.Nodes) != 3 || meta.Cluster.Nodes[1].GPUs != 4 {
		t.Errorf("%+v", meta.Cluster)
	}
	wantNotes(t, meta, "1 x no end recorded", "change from day to day")
}

func TestTiresiasPhillyPolluxAndTheirClusters(t *testing.T) {
	spec := write(t, "n.csv", "num_switch,num_node_p_switch,num_gpu_p_node,num_cpu_p_node,mem_p_node\n2,3,4,128,256\n")
	jobs, meta := open(t, "tiresias", write(t, "j.csv", "job_id,num_gpu,submit_time,iterations,model_name,duration,interval\n0,8,30,606,vgg19,164,30\n"), Options{Cluster: spec})
	wantLines(t, jobs, "0 @30 run 164 split 8x1")
	if len(meta.Cluster.Nodes) != 6 || meta.Cluster.Nodes[5] != (NodeSpec{Name: "s1-n0002", GPUs: 4, CPUMilli: 128000, MemMiB: 262144, Pool: "s1"}) {
		t.Errorf("%+v", meta.Cluster.Nodes)
	}

	jobs, meta = open(t, "philly", write(t, "p.csv", "timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-09 07:01:55,66.0,1,66.0,11cb48\n2017-10-09 06:13:03,2951.0,2,5902.0,6214e9\n"), Options{})
	wantLines(t, jobs, "2 @0 run 2951 split 2x1 q=6214e9\n1 @2932 run 66 split 1x1 q=11cb48")
	if meta.Start.Format("2006-01-02 15:04:05") != "2017-10-09 06:13:03" {
		t.Errorf("%v", meta.Start)
	}
	_, meta = open(t, "philly", write(t, "p.csv", "timestamp,duration,num_gpus,cluster\n2017-10-09 07:01:55,66,1,v\n"), Options{Timezone: "America/Los_Angeles"})
	if meta.Start.Format("2006-01-02 15:04:05") != "2017-10-09 14:01:55" {
		t.Errorf("%v", meta.Start)
	}
	wantErr(t, openErr("philly", write(t, "p.csv", "timestamp,duration,num_gpus,cluster\n2017-13-09 07:01:55,66,1,v\n"), Options{}), "p.csv:2:1", "is not a date")

	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "net"), 0o755)
	os.WriteFile(filepath.Join(dir, "net", "validation-64.csv"), []byte("progress,iteration\n5,4\n10,9\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "net", "placements.csv"), []byte("placement,local_bsz,step_time,sync_time\n24,8,1.5,0\n24,12,2.5,0\n4,16,1,0\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "net", "scalability.csv"), []byte("num_nodes,num_replicas,local_bsz,step_time\n6,24,2,0.25\n6,12,2,9\n"), 0o644)
	work := write(t, "w.csv", "name,time,application,num_replicas,batch_size\nnet-0,107,net,6,64\nnet-1,110.5,net,4,64\nnet-2,111,net,24,64\n")
	jobs, meta = open(t, "pollux", work, Options{})
	wantLines(t, jobs, "net-0 @107 run never split 6x1 q=net x0=64000000\nnet-1 @110.5 run never split 4x1 q=net x0=64000000\nnet-2 @111 run never split 24x1 q=net x0=64000000")
	wantNotes(t, meta, "record no running times")
	// 64/6 = 10.666 samples a GPU lie between 8 and 12: 1.5 s + 2.666/4 s; ten steps.
	jobs, _ = open(t, "pollux", work, Options{Throughputs: dir})
	wantLines(t, jobs, "net-0 @107 run 21.665 split 6x1 q=net x0=64000000\nnet-1 @110.5 run 10 split 4x1 q=net x0=64000000\nnet-2 @111 run 2.5 split 24x1 q=net x0=64000000")
	wantErr(t, openErr("pollux", write(t, "w.csv", "name,time,application,num_replicas,batch_size\na,1,../net,6,64\n"), Options{Throughputs: dir}), "no folder name")
}

func TestPhillyLog(t *testing.T) {
	jobs, meta := open(t, "philly", write(t, "log.json", `[
 {"status": "Pass", "vc": "v1", "jobid": "b", "user": "u", "submitted_time": "2017-10-07 01:11:39", "attempts": [
   {"start_time": "2017-10-07 01:12:09", "end_time": "2017-10-07 01:12:19", "detail": [{"ip": "m47", "gpus": ["gpu0", "gpu1"]}]},
   {"start_time": "2017-10-07 01:13:00", "end_time": "2017-10-07 01:14:00", "detail": [{"ip": "m1", "gpus": ["gpu0"]}, {"ip": "m2", "gpus": ["gpu0"]}]}]},
 {"status": "Killed", "vc": "v1", "jobid": "a", "submitted_time": "2017-10-07 01:11:00", "attempts": [
   {"start_time": "2017-10-07 01:11:05", "end_time": "None", "detail": []},
   {"start_time": "2017-10-07 01:11:10", "end_time": "2017-10-07 01:11:20", "detail": [{"ip": "m1", "gpus": ["gpu3"]}]}]},
 {"status": "Killed", "vc": "v1", "jobid": "never", "submitted_time": "2017-10-07 01:11:00", "attempts": []},
 {"status": "Failed", "vc": "v1", "jobid": "runs", "submitted_time": "2017-10-07 01:11:00", "attempts": [{"start_time": "2017-10-07 01:11:05", "end_time": null}]}
]`), Options{})
	wantLines(t, jobs, "a @0 run 10 split 1x1 q=v1 start=10 cancelled\nb @39 run 70 split 2x1 u=u q=v1 start=69")
	wantNotes(t, meta, "1 x no attempt, so no known size", "1 x still running", "x attempt without a start")
	for name, c := range map[string][]string{
		"[{\"status\": \"Pass\",\n \"jobid\": 5}]": {"jobid is a number"},
		"[\n{\"status\": \"Pass\" \"x\"}]":         {"log.json:2", "broken JSON"},
		"[":                                        {"ends too early"},
		"[{\"status\":\"Odd\",\"submitted_time\":\"2017-10-07 01:11:00\"}]":            {`unknown word "Odd"`},
		"[{\"status\":\"Pass\",\"submitted_time\":\"yesterday at noon, 2017-10-07\"}]": {"is not a date"},
	} {
		wantErr(t, openErr("philly", write(t, "log.json", name), Options{}), c...)
	}
}

func TestGavelDLRMAcme(t *testing.T) {
	speeds := write(t, "s.json", `{"v100": {"('ResNet-18 (batch size 16)', 2)": {"null": 4.0, "('X', 1)": [1.0, 2.0]}}, "k80": {}}`)
	text := "ResNet-18 (batch size 16)\tpython3 main.py\tdir\t--num_steps\t1\t10\t2\t1\t-1.000000\t3.5\n"
	jobs, _ := open(t, "gavel", write(t, "x.trace", text), Options{Throughputs: speeds})
	wantLines(t, jobs, "0 @3.5 run 2.5 split 2x1 q=ResNet-18 (batch size 16) prio=1 x0=10000000 x1=-1000000")
	wantErr(t, openErr("gavel", write(t, "x.trace", text), Options{}), "no running times", "simulation_throughputs.json")
	wantErr(t, openErr("gavel", write(t, "x.trace", text), Options{Throughputs: speeds, GPU: "p100"}), "types here: k80, v100")
	wantErr(t, openErr("gavel", write(t, "x.trace", text), Options{Throughputs: speeds, GPU: "k80"}), "x.trace:1:1", "no throughput on k80")
	wantErr(t, openErr("gavel", write(t, "x.trace", "a\tb\tc\td\te\tf\tg\n"), Options{Throughputs: speeds}), "has 7 fields")

	jobs, meta := open(t, "dlrm", write(t, "d.csv", `instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time
i0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,,,50
i1,CN,app_1,0.5,12,0,0,1,25,0.5,120.0,640.0,800.0,-1,475.00000000000006,623.0,
i2,CN,app_1,1,12,0,0,1,25,1,120.0,640.0,800.0,-1,475.00000000000006,,480
`), Options{})
	wantLines(t, jobs, `
i0 @0 run 50 pods 1x1 cpu=12000 mem=122880 u=app_0 q=HN x0=25000000 x1=8000000
i1 @475 run never pods 1x0 cpu=500 mem=512 u=app_1 q=CN start=623 x0=1000000 x1=-1000000
i2 @475 run 5 pods 1x0 cpu=1000 mem=1024 u=app_1 q=CN x0=1000000 x1=-1000000`)
	wantNotes(t, meta, "1 x instance that was there before the trace")

	jobs, meta = open(t, "acme", write(t, "k.csv", `job_id,user,node_num,gpu_num,cpu_num,mem_per_pod_GB,shared_mem_per_pod,type,state,submit_time,start_time,end_time,fail_time,stop_time,duration,queue,gpu_time
dlc2,u2,8,64,960,1000,100.0,Other,FAILED,2023-05-17 11:00:58+00:00,2023-05-17 11:01:08+00:00,2023-05-17 11:01:16+00:00,x,,18,10.0,1152.0
dlc1,u1,3,64,960,1000,,Other,CANCELLED,2023-05-17 18:00:57+08:00,,2023-05-17 18:01:07+08:00,,,,,
dlc3,u1,1,0,4,,,Eval,COMPLETED,2023-05-17 11:00:59+00:00,2023-05-17 11:01:08+00:00,2023-05-17 11:01:09+00:00,x,,18,10.0,1152.0
`), Options{})
	wantLines(t, jobs, `
dlc1 @0 run 0 split 64x1 cpu=960000 mem=3072000 u=u1 q=Other patience=10 cancelled
dlc2 @3601 run 8 pods 8x8 cpu=120000 mem=1024000 u=u2 q=Other start=3611 failed
dlc3 @3602 run 1 pods 1x0 cpu=4000 mem=0 u=u1 q=Eval start=3611`)
	if meta.Start.Format("2006-01-02 15:04:05") != "2023-05-17 10:00:57" {
		t.Errorf("%v", meta.Start)
	}
}

func TestPAI2020(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "pai_job_table.csv")
	os.WriteFile(file, []byte("j2,i,u1,Terminated,100.0,200.0\nj1,i,u2,Failed,50,80\nj3,i,u2,Running,60,\nj4,i,u2,Terminated,70,90\nj5,i,u2,Waiting,,\n"), 0o644)
	wantErr(t, openErr("pai2020", file, Options{}), "pai_task_table.csv", "no such file", "tasks names the task table")
	os.WriteFile(filepath.Join(dir, "pai_task_table.csv"), []byte("j2,ps,1.0,Terminated,110.0,200.0,600.0,29.296875,,\nj2,worker,2.0,Terminated,105,200,400.0,10,50.0,T4\nj1,tensorflow,1,Failed,,,600,1,250,MISC\n"), 0o644)
	jobs, meta := open(t, "pai2020", file, Options{})
	wantLines(t, jobs, `
j1 @0 run 30 pods 1x3 cpu=6000 mem=1024 u=u2 failed
j2 @50 run 95 pods 1x0 cpu=6000 mem=30000 pods 2x1 milli=500 cpu=4000 mem=10240 u=u1 start=55`)
	wantNotes(t, meta, "1 x running at the end", "1 x waiting at the end", "1 x job without a task", "rounded up to whole devices", "dates are shifted")
}

func TestSacct(t *testing.T) {
	jobs, meta := open(t, "sacct", write(t, "s.txt", `JobID|JobName|User|Account|Partition|QOS|Submit|Start|End|State|Timelimit|ReqTRES|AllocTRES
200|x|ann|lab|gpu,long|normal|2024-01-01T00:10:00|2024-01-01T00:10:05|2024-01-01T01:10:05|COMPLETED|1-02:00:00|billing=8,cpu=16,gres/gpu=16,mem=128G,node=2|billing=8,cpu=16,gres/gpu:a100=16,gres/gpu=16,mem=128G,node=2
200.batch|batch||lab|||2024-01-01T00:10:05|2024-01-01T00:10:05|2024-01-01T01:10:05|COMPLETED|||cpu=8,mem=64G,node=1
200.0|y||lab|||2024-01-01T00:10:05|2024-01-01T00:10:05|2024-01-01T01:10:05|COMPLETED|||cpu=8,mem=64G,node=1
199_4|x|bob||gpu|high|2024-01-01T00:00:00|Unknown|2024-01-01T00:01:00|CANCELLED by 1001|UNLIMITED|cpu=1,gres/gpu:h100=2,mem=1.5T,node=1|
201|x|bob|lab|gpu|high|2024-01-01T00:20:00|2024-01-01T00:21:00|2024-01-01T00:22:00|NODE_FAIL|30:00|cpu=1,mem=500M,node=1|cpu=1,mem=500M,node=1
201|x|bob|lab|gpu|high|2024-01-01T00:22:00|2024-01-01T00:23:00|Unknown|RUNNING|30:00|cpu=1,mem=500M,node=1|cpu=1,mem=500M,node=1
202|x|bob|lab|gpu|high|2024-01-01T00:22:30|2024-01-01T00:23:00|2024-01-01T00:24:00|COMPLETED|Partition_Limit||
202.batch|x||lab|||2024-01-01T00:22:30|2024-01-01T00:23:00|2024-01-01T00:24:00|COMPLETED|||cpu=4,gres/gpu=3,mem=1G,node=2
203_[5-9%2]|x|bob|lab|gpu|high|2024-01-01T00:22:30|Unknown|Unknown|PENDING|30:00|cpu=1,mem=500M,node=1|
204|x|bob|lab|gpu|high|2024-01-01T00:30:00|2024-01-01T00:31:00|2024-01-01T00:31:00|CANCELLED by 0|30:00|cpu=1,mem=500M,node=1|
205|x|bob|lab|gpu|high|2024-01-01T00:30:00|None|2024-01-01T00:31:00|FAILED|30:00|cpu=1,mem=500M,node=1|
206|x|bob|lab|gpu|high|2024-01-01T00:32:00|2024-01-01T00:32:00|2024-01-01T00:32:01|TIMEOUT||cpu=2,gres/gpu:a=1,gres/gpu:b=1|cpu=2
`), Options{})
	wantLines(t, jobs, `
199_4 @0 run 0 pods 1x2 cpu=1000 mem=1572864 on h100 u=bob q=high p=gpu patience=60 cancelled
200 @600 run 3600 pods 2x8 cpu=8000 mem=65536 u=ann q=lab p=gpu est=93600 start=605
201 @1200 run 60 pods 1x0 cpu=1000 mem=500 u=bob q=lab p=gpu est=1800 start=1260 failed
201 @1320 run never pods 1x0 cpu=1000 mem=500 u=bob q=lab p=gpu est=1800 start=1380 max=1800
202 @1350 run 60 split 3x1 cpu=4000 mem=1024 u=bob q=lab p=gpu start=1380
204 @1800 run 0 pods 1x0 cpu=1000 mem=500 u=bob q=lab p=gpu est=1800 patience=60 cancelled
206 @1920 run 1 pods 1x0 cpu=2000 mem=0 u=bob q=lab p=gpu start=1920 failed`)
	wantNotes(t, meta, "1 x pending at the end", "1 x running at the end", "1 x ended without a recorded start")
	if meta.Start.Format("2006-01-02 15:04:05") != "2024-01-01 00:00:00" {
		t.Errorf("%v", meta.Start)
	}
	head := "JobID|Submit|Start|End|State|ReqTRES\n"
	for text, want := range map[string][]string{
		"JobID|Submit|Start|End|State\n": {`"AllocTRES" or "ReqTRES"`, "--format="},
		head + "1|2024-01-01T00:00:00|2024-01-01T00:00:00|2024-01-01T00:00:01|ODD|cpu=1\n":       {`unknown word "ODD"`, "s.txt:2:"},
		head + "1|2024-01-01T00:00:00|2024-01-01T00:00:00|2024-01-01T00:00:01|COMPLETED|cpu=x\n": {`"cpu=x" is not understood`},
		head + "1|2024-01-01T00:00:00|2024-01-01T00:00:05|2024-01-01T00:00:01|COMPLETED|cpu=1\n": {"ends 4 s before it starts"},
		head + "1|2024-01-01T00:00:00|2023-01-01T00:00:05|2024-01-01T00:00:01|COMPLETED|cpu=1\n": {"before it is submitted"},
		head + "1|Unknown|2024-01-01T00:00:05|2024-01-01T00:00:09|COMPLETED|cpu=1\n":             {"Submit is empty"},
		"JobID|Submit|Start|End|State|ReqTRES|Timelimit\n1|2024-01-01T00:00:00|||RUNNING||5-x\n": {"is no time limit"},
		"JobID|Submit|Start|End|Stat|ReqTRES\n1|2024-01-01T00:00:00|||RUNNING|\n":                {`did you mean "State"`},
	} {
		wantErr(t, openErr("sacct", write(t, "s.txt", text), Options{}), want...)
	}
}

func TestNodeLists(t *testing.T) {
	c, err := ReadNodes("openb", write(t, "n.csv", "sn,cpu_milli,memory_mib,gpu,model\na,96000,393216,8,G2\nb,32000,262144,0,\na,1,2,2,T4\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []NodeSpec{{Name: "a", Type: "G2", GPUs: 8, CPUMilli: 96000, MemMiB: 393216}, {Name: "b", CPUMilli: 32000, MemMiB: 262144},
		{Name: "a#4", Type: "T4", GPUs: 2, CPUMilli: 1, MemMiB: 2}}
	if d := cmp.Diff(want, c.Nodes); d != "" || len(c.Warnings) != 1 {
		t.Error(d, c.Warnings)
	}
	c, err = ReadNodes("orrery", write(t, "n.csv", "node,gpu_type,gpus,cpu_milli,memory_mib,pool,partition\na,A100,8,1,2,p,q\n"), Options{})
	if err != nil || c.Nodes[0] != (NodeSpec{"a", "A100", 8, 1, 2, "p", "q"}) {
		t.Error(c, err)
	}
	_, err = ReadNodes("orrery", write(t, "n.csv", "node,gpus\na,65\n"), Options{})
	wantErr(t, err, "65 GPUs on one node", "n.csv:2:3")
	_, err = ReadNodes("opneb", "x", Options{})
	wantErr(t, err, `did you mean "openb"`)
}

func TestSlurmNodes(t *testing.T) {
	scontrol := `NodeName=gpu1 Arch=x86_64 CoresPerSocket=64
   CPUAlloc=0 CPUTot=128 CPULoad=0.01
   Gres=gpu:a100:8(S:0-1)
   RealMemory=1031000 AllocMem=0
   State=IDLE+DRAIN ThreadsPerCore=1
   Partitions=gpu,all
   Reason=a broken fan [root@2024]

NodeName=cpu1 CPUTot=64 RealMemory=500 Gres=(null) State=IDLE Partitions=cpu
NodeName=mix CPUTot=64 RealMemory=500 Gres=gpu:2g.10gb:3,gpu:t4,shard:8 State=MIXED
`
	c, err := ReadNodes("slurm", write(t, "n.txt", scontrol), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []NodeSpec{{"gpu1", "a100", 8, 128000, 1031000, "gpu", "gpu"}, {"cpu1", "", 0, 64000, 500, "cpu", "cpu"}, {"mix", "2g.10gb", 4, 64000, 500, "", ""}}
	if d := cmp.Diff(want, c.Nodes); d != "" || len(c.Warnings) != 1 {
		t.Error(d, c.Warnings)
	}
	sinfo := "NODELIST            PARTITION GRES                 CPUS   MEMORY STATE\n" +
		"gpu[008-010,12]     all       gpu:h100:8(S:0-1)    192    2000000 idle\n" +
		"gpu[008-010,12]     gpu*      gpu:h100:8(S:0-1)    192    2000000 idle\n" +
		"cpu1                all       (null)               64+    1000 down*\n"
	c, err = ReadNodes("slurm", write(t, "n.txt", sinfo), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range c.Nodes {
		got = append(got, fmt.Sprint(n))
	}
	if d := cmp.Diff([]string{"{gpu008 h100 8 192000 2000000 gpu gpu}", "{gpu009 h100 8 192000 2000000 gpu gpu}", "{gpu010 h100 8 192000 2000000 gpu gpu}",
		"{gpu12 h100 8 192000 2000000 gpu gpu}", "{cpu1  0 64000 1000 all all}"}, got); d != "" || len(c.Warnings) != 1 {
		t.Error(d, c.Warnings)
	}
	_, err = ReadNodes("slurm", write(t, "n.txt", "PARTITION AVAIL TIMELIMIT NODES STATE NODELIST\ngpu up infinite 4 idle gpu[1-4]\n"), Options{})
	wantErr(t, err, "no columns NODELIST and GRES", "sinfo -N -o")
	_, err = ReadNodes("slurm", write(t, "n.txt", "NODELIST GRES\ngpu[9-1] (null)\n"), Options{})
	wantErr(t, err, "is no list of hosts")
}
