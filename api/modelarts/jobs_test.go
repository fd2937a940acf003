package modelarts_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/contract"
	"github.com/orrery-sim/orrery/sim/state"
)

func TestPhases(t *testing.T) {
	b := start(t)
	retries := set("metadata.annotations", object{"fault-tolerance/job-retry-num": "3"})
	for _, tc := range []struct {
		name, want string
		job        object
		after      state.Time
		stop       bool
	}{
		{"created", "Creating/Creating", job("sleep 60"), 0, false},
		{"prepared", "Pending/Creating", job("sleep 60"), 4 * s, false},
		{"runs", "Running/Running", job("sleep 600"), 60 * s, false},
		{"runs through", "Completed/Completed", job("sleep 10"), 120 * s, false},
		{"fails", "Failed/Failed", job("exit 3"), 120 * s, false},
		{"is restarted", "Running/Running", job("exit 3", retries), 20 * s, false},
		{"gives up", "Failed/Failed", job("exit 3", retries), 400 * s, false},
		{"is stopped", "Terminated/Terminated", job("sleep 600"), 60 * s, true},
		{"runs too long", "Terminated/Terminated", job("sleep 36000", set("spec.auto_stop", object{"time_unit": "HOURS", "duration": 1})), 3800 * s, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id := b.create(tc.job)
			b.Advance(tc.after)
			if tc.stop {
				got := b.isJob(b.call("POST", jobs+"/"+id+"/actions", object{"action_type": "terminate"}, 202))
				if got["status"].(object)["phase"] != "Terminating" {
					t.Error(got["status"])
				}
				b.Advance(30 * s)
			}
			if got := b.phase(id); got != tc.want {
				t.Errorf("it is %s, want %s", got, tc.want)
			}
		})
	}
}

func TestJob(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", set("spec.resource.node_count", 2), set("spec.resource.flavor_id", "modelarts.p3.large.public"),
		set("algorithm.environments", object{"ORRERY_DURATION": "5m", "A": "1"}), set("algorithm.name", "algo"), set("metadata.annotations", object{"k": "v"})))
	if ok, _ := regexp.MatchString(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id); !ok {
		t.Error(id)
	}
	got := b.get(id)
	if got["status"].(object)["start_time"] != 0.0 || fmt.Sprint(got["status"].(object)["tasks"]) != "[worker-0 worker-1]" {
		t.Error(got["status"])
	}
	b.Advance(60 * s)
	got = b.get(id)
	meta, st := got["metadata"].(object), got["status"].(object)
	if meta["create_time"] != 1772323200000.0 || meta["workspace_id"] != "0" || meta["description"] != "d" || fmt.Sprint(meta["annotations"]) != "map[k:v]" {
		t.Error(meta)
	}
	if st["start_time"].(float64) <= 1772323200000 || st["duration"].(float64) <= 0 || len(st["running_records"].([]any)) != 1 {
		t.Error(st)
	}
	if text := fmt.Sprint(got["algorithm"].(object)["environments"]); text != "[map[A:1] map[ORRERY_DURATION:5m]]" {
		t.Error(text)
	}
	detail := got["spec"].(object)["resource"].(object)["flavor_detail"].(object)["flavor_info"].(object)
	if detail["disk"].(object)["size"] != "3200" || detail["gpu"].(object)["unit_num"] != 1.0 {
		t.Error(detail)
	}
	b.call("PUT", jobs+"/"+id, object{"description": "another"}, 200)
	if got := b.get(id)["metadata"].(object)["description"]; got != "another" {
		t.Error(got)
	}
	b.refused("PUT", jobs+"/"+id, object{"description": strings.Repeat("x", 257)}, 400, "ModelArts.0104", "description")
	b.refused("POST", jobs+"/"+id+"/actions", object{"action_type": "pause"}, 400, "ModelArts.0104", "want terminate")
	b.call("DELETE", jobs+"/"+id, nil, 202)
	b.refused("GET", jobs+"/"+id, nil, 404, "ModelArts.0404", id)
	b.refused("DELETE", jobs+"/"+id, nil, 404, "ModelArts.0404", id)
	b.refused("GET", "/v2/p1/nothing", nil, 404, "InvalidAction.NotFound")
	done := b.create(job("true"))
	b.Advance(60 * s)
	b.refused("POST", jobs+"/"+done+"/actions", object{"action_type": "terminate"}, 400, "ModelArts.0409", "has ended")
}

func TestRunningRecords(t *testing.T) {
	b := start(t)
	id := b.create(job("sleep 100", set("metadata.annotations", object{"fault-tolerance/job-retry-num": "2"}),
		set("algorithm.environments", object{"ORRERY_FAIL_AT": "0.5", "ORRERY_FAIL_TIMES": "1"}), set("spec.resource.flavor_id", "modelarts.pool.visual.8xlarge")))
	b.Advance(120 * s)
	told := func() string {
		var out []string
		for _, r := range b.get(id)["status"].(object)["running_records"].([]any) {
			o := r.(object)
			out = append(out, fmt.Sprint(o["start_type"], " ", o["end_recover"], " ", o["end_recover_before_downgrade"]))
		}
		return strings.Join(out, "; ")
	}
	if got := told(); got != "init_or_rescheduled proc_restart <nil>; restarted <nil> <nil>" {
		t.Error(got)
	}
	tasks := func(query string) []any {
		_, a := b.Send("GET", jobs+"/"+id+"/tasks"+query, nil)
		var list []any
		for _, x := range decodeList(t, a) {
			list = append(list, x)
		}
		return list
	}
	if got := tasks(""); len(got) != 1 || got[0].(object)["schedule_count"] != 1.0 {
		t.Error(got)
	}
	b.call("POST", "/orrery/v1/jobs/"+id+"/preempt", object{}, 200)
	b.Advance(60 * s)
	if got := told(); got != "init_or_rescheduled proc_restart <nil>; restarted job_reschedule <nil>; init_or_rescheduled proc_restart <nil>" &&
		got != "init_or_rescheduled proc_restart <nil>; restarted job_reschedule <nil>; init_or_rescheduled <nil> <nil>" {
		t.Error(got)
	}
	if got := tasks("?schedule_count=2"); len(got) != 1 || got[0].(object)["schedule_count"] != 2.0 || !strings.HasPrefix(got[0].(object)["host_ip"].(string), "10.") {
		t.Error(got)
	}
	stages := b.call("GET", jobs+"/"+id+"/stages", nil, 200)
	if stages["total_count"] != 2.0 {
		t.Error(stages)
	}
}

// A node that fails under a job has it scheduled anew, away from the node.
func TestLostNode(t *testing.T) {
	b := start(t)
	id := b.create(job("sleep 1000", set("metadata.annotations", object{"fault-tolerance/job-retry-num": "1"}), set("spec.resource.flavor_id", "modelarts.pool.visual.8xlarge")))
	b.Advance(60 * s)
	_, a := b.Send("GET", "/api/v1/jobs?ShowOwn=false", nil) // where it runs, through another cloud's eyes
	where := a.Body["Jobs"].([]any)[0].(object)["NodeNames"].([]any)[0].(string)
	b.call("POST", "/orrery/v1/nodes/"+where, object{"do": "down"}, 200)
	b.Advance(60 * s)
	records := b.get(id)["status"].(object)["running_records"].([]any)
	first := records[0].(object)
	if len(records) != 2 || first["end_recover"] != "job_reschedule_with_taint" || first["end_recover_before_downgrade"] != "pod_reschedule" || first["end_related_task"] != "worker-0" {
		t.Error(records)
	}
}

func TestRefusedJobs(t *testing.T) {
	b := start(t)
	for _, tc := range []struct {
		name, words string
		body        any
	}{
		{"no body", "body: missing", ""},
		{"no JSON", "no JSON", "{"},
		{"no metadata", "metadata: missing", job("true", set("metadata", nil))},
		{"no name", "metadata.name: missing", job("true", set("metadata.name", ""))},
		{"a name with dots", `got "a.b"`, job("true", set("metadata.name", "a.b"))},
		{"a long name", "at most 64", job("true", set("metadata.name", strings.Repeat("a", 65)))},
		{"another kind", "kind", job("true", set("kind", "hetero_job"))},
		{"no resource", "spec.resource: missing", job("true", set("spec.resource", nil))},
		{"no flavor", "spec.resource.flavor_id: missing", job("true", set("spec.resource.flavor_id", nil))},
		{"another flavor", `did you mean "modelarts.p3.large.public"`, job("true", set("spec.resource.flavor_id", "modelarts.p3.large.publix"))},
		{"less than no nodes", "node_count: got -1", job("true", set("spec.resource.node_count", -1))},
		{"another pool", `pool_id: got "none"`, job("true", set("spec.resource.pool_id", "none"))},
		{"nothing to run", "algorithm.command: missing", job("")},
		{"a boot file without a folder", "algorithm.code_dir", job("", set("algorithm.boot_file", "boot.py"))},
		{"another engine", "engine_id", job("true", set("algorithm.engine.engine_id", "caffe"))},
		{"wrong retries", "job-retry-num", job("true", set("metadata.annotations", object{"fault-tolerance/job-retry-num": "many"}))},
		{"a wrong stop", "time_unit", job("true", set("spec.auto_stop", object{"time_unit": "DAYS", "duration": 1}))},
		{"a wrong priority", "priority", job("true", set("spec.schedule_policy", object{"priority": 4}))},
		{"a wrong wish", "algorithm.environments.ORRERY_EXIT_CODE", job("true", set("algorithm.environments", object{"ORRERY_EXIT_CODE": "x"}))},
	} {
		t.Run(tc.name, func(t *testing.T) { b.refused("POST", jobs, tc.body, 400, "ModelArts.0104", tc.words) })
	}
}

func TestFlavors(t *testing.T) {
	b := start(t)
	list := func(query string) string {
		a := b.call("GET", "/v2/p1/training-job-flavors"+query, nil, 200)
		var out []string
		for _, f := range a["flavors"].([]any) {
			o := f.(object)
			if err := b.Doc.Components.Schemas["Flavor"].Value.VisitJSON(o); err != nil {
				t.Error(err)
			}
			out = append(out, fmt.Sprint(strings.TrimPrefix(o["flavor_id"].(string), "modelarts."), ":", o["attributes"].(object)["orrery_card"]))
		}
		if a["total_count"] != float64(len(out)) {
			t.Error(a["total_count"])
		}
		return strings.Join(out, " ")
	}
	for query, want := range map[string]string{
		"?flavor_type=CPU":    "vm.cpu.2u:<nil> vm.cpu.8u:<nil>",
		"?flavor_type=Ascend": "kat1.xlarge.public:A100-80",
		"?flavor_type=GPU": "vm.pnt1.large.eco:T4 p3.large.public:A100-80 p3.large.public.free:A100-80 pool.visual.xlarge:A800-80 pool.visual.2xlarge:A800-80 " +
			"pool.visual.4xlarge:A800-80 pool.visual.8xlarge:A800-80",
	} {
		if got := list(query); got != want {
			t.Errorf("%s: %s\nwant %s", query, got, want)
		}
	}
	b.refused("GET", "/v2/p1/training-job-flavors?flavor_type=TPU", nil, 400, "ModelArts.0104", "TPU")
	for _, f := range strings.Fields(list("")) { // every one runs in the default world
		id, _, _ := strings.Cut(f, ":")
		got := b.create(job("sleep 600", set("spec.resource.flavor_id", "modelarts."+id)))
		b.Advance(60 * s)
		if phase := b.phase(got); phase != "Running/Running" {
			t.Errorf("%s: %s", id, phase)
		}
		b.call("DELETE", jobs+"/"+got, nil, 202)
		b.Advance(60 * s)
	}
	if e := b.call("GET", "/v2/p1/training-job-engines", nil, 200); e["total"] != float64(len(e["items"].([]any))) || e["total"] == 0.0 {
		t.Error(e)
	}
}

// Pools of a scenario are dedicated pools; an Ascend flavor gets Ascend cards where there are any.
func TestAscendPool(t *testing.T) {
	b := with(t, contract.StartText(t, "modelarts.openapi.json", nil, `
apiVersion: orrery/v1
kind: Scenario
name: ascend
start: 2026-03-01T00:00:00Z
cluster:
  nodeTypes:
    a800x8: {gpu: A800-80, gpus: 8, cpus: 128, memory: 2TiB}
    atlas: {gpu: Ascend-910B, gpus: 8, cpus: 192, memory: 1536GiB}
  pools: [{name: gpu, nodeType: a800x8, nodes: 2}, {name: npu, nodeType: atlas, nodes: 2}]
policy: {order: fifo, backfill: easy, place: first-fit}
`))
	for _, tc := range []struct{ flavor, pool, node string }{
		{"modelarts.kat1.xlarge.public", "", "npu-0000"}, {"modelarts.pool.visual.8xlarge", "npu", "npu-0001"}, {"modelarts.pool.visual.8xlarge", "gpu", "gpu-0000"},
		{"modelarts.p3.large.public", "", "gpu-0001"},
	} {
		id := b.create(job("python train.py", set("spec.resource.flavor_id", tc.flavor), set("spec.resource.pool_id", tc.pool), set("algorithm.environments", object{"ORRERY_DURATION": "2h"})))
		b.Advance(600 * s)
		_, a := b.Send("GET", "/api/v1/jobs?ShowOwn=false&PageSize=1", nil)
		if got := fmt.Sprint(a.Body["Jobs"].([]any)[0].(object)["NodeNames"]); got != "["+tc.node+"]" {
			t.Errorf("%s of pool %q runs on %s, want %s", tc.flavor, tc.pool, got, tc.node)
		}
		metric := "gpuUtil"
		if strings.HasPrefix(tc.node, "npu") {
			metric = "npuUtil"
		}
		list := b.call("GET", jobs+"/"+id+"/metrics/worker-0", nil, 200)["metrics"].([]any)
		if len(list) != 4 || list[2].(object)["metric"] != metric || len(list[2].(object)["value"].([]any)) < 5 {
			t.Error(list)
		}
	}
	b.refused("POST", jobs, job("true", set("spec.resource.flavor_id", ""), set("spec.resource.pool_id", "npu")), 400, "ModelArts.0104", "flavor_id")
}
