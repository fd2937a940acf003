package aihc_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

func TestStatuses(t *testing.T) {
	b := start(t)
	for _, tc := range []struct {
		name, want string
		job        object
		after      state.Time
		stop       bool
	}{
		{"created", "Created", job("sleep 60"), 0, false},
		{"prepared", "Pending", job("sleep 60"), 4 * s, false},
		{"runs", "Running", job("sleep 600"), 60 * s, false},
		{"runs through", "Succeeded", job("sleep 10"), 120 * s, false},
		{"fails", "Failed", job("exit 3"), 120 * s, false},
		{"restarts", "Restarting", job("exit 3", with("faultTolerance", true)), 20 * s, false},
		{"restarts three times", "Failed", job("exit 3", with("faultTolerance", true)), 400 * s, false},
		{"goes on", "Succeeded", job("sleep 60", with("faultTolerance", true), env("ORRERY_FAIL_AT", "0.5", "ORRERY_FAIL_TIMES", "1")), 400 * s, false},
		{"is stopped", "ManualTermination", job("sleep 600"), 60 * s, true},
		{"is stopped before it starts", "ManualTermination", job("sleep 600"), 0, true},
		{"runs too long", "Failed", job("sleep 600", with("runningTimeoutStopTimeUnit", "2m")), 400 * s, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id := b.create(tc.job)
			b.Advance(tc.after)
			if tc.stop {
				b.ok("POST", "/api/v1/aijobs/"+id+"/stop"+in, nil)
				b.Advance(30 * s)
			}
			got := b.get(id)
			if got["status"] != tc.want {
				t.Errorf("it is %v, want %s", got["status"], tc.want)
			}
			ended := tc.want == "Succeeded" || tc.want == "Failed" || tc.want == "ManualTermination"
			if (got["finishedAt"] != "") != ended {
				t.Errorf("finishedAt is %q", got["finishedAt"])
			}
		})
	}
}

func TestJobAndPods(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", env("ORRERY_DURATION", "5m", "B", "2", "A", "1"), with("labels", []object{{"key": "k", "value": "v"}}), with("priority", "high"),
		with("datasources", []object{{"type": "emptydir", "name": "d", "mountPath": "/d", "options": object{"sizeLimit": 5}}}), inSpec("replicas", 3)))
	if ok, _ := regexp.MatchString(`^pytorchjob-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id); !ok {
		t.Error(id)
	}
	if got := b.get(id); len(pods(got)) != 0 {
		t.Errorf("a job that has no resources has pods: %v", got["podList"])
	}
	b.Advance(60 * s)
	got := b.get(id)
	if got["priority"] != "high" || got["queue"] != "default" || got["replicas"] != 3.0 || got["createdAt"] != "2026-03-01T00:00:00Z" || got["jobFramework"] != "PyTorchJob" {
		t.Error(got)
	}
	if text := fmt.Sprint(got["envs"], got["datasources"], got["labels"]); !strings.Contains(text, "name:B value:2") || !strings.Contains(text, "sizeLimit:5") ||
		!strings.Contains(text, "map[key:k value:v] map[key:aijob.cce.baidubce.com/create-from-aihcp-api value:true]") {
		t.Error(text)
	}
	var names []string
	nodes := map[any]bool{}
	for _, p := range pods(got) {
		names = append(names, strings.TrimPrefix(podName(p), id+"-"))
		nodes[p["nodeName"]] = true
		if p["podStatus"].(map[string]any)["podPhase"] != "Running" || !strings.HasPrefix(p["PodIP"].(string), "10.") {
			t.Error(p)
		}
	}
	if text := strings.Join(names, " "); text != "master-0 worker-0 worker-1" {
		t.Error(text)
	}
	on := b.ok("GET", "/api/v1/aijobs/"+id+"/nodes"+in, nil)
	if list := on["nodeName"].([]any); len(list) != len(nodes) || !nodes[list[0]] {
		t.Error(on, nodes)
	}
	b.ok("PUT", "/api/v1/aijobs/"+id+in, object{"priority": "low"})
	if got := b.get(id); got["priority"] != "low" {
		t.Error(got["priority"])
	}
}

func TestRefusedJobs(t *testing.T) {
	b := start(t)
	const invalid = "cce.warning.InvalidParam"
	for _, tc := range []struct {
		name, code, words string
		body              any
	}{
		{"no body", "cce.warning.MalformedJSON", "body: missing", ""},
		{"no JSON", "cce.warning.MalformedJSON", "no JSON", "{"},
		{"a list", "cce.warning.MalformedJSON", "body", "[]"},
		{"no name", invalid, "name: missing", job("true", with("name", ""))},
		{"a name with blanks", invalid, `name: got "a b"`, job("true", with("name", "a b"))},
		{"no spec", invalid, "jobSpec: missing", object{"name": "a"}},
		{"a spec that is a text", invalid, "jobSpec: got", job("true", with("jobSpec", "x"))},
		{"no command", invalid, "jobSpec.command: missing", job("")},
		{"no image", invalid, "jobSpec.image: missing", job("true", inSpec("image", ""))},
		{"no replicas", invalid, "jobSpec.replicas: got 0", job("true", inSpec("replicas", 0))},
		{"replicas that are a text", invalid, "jobSpec.replicas: got a JSON string", job("true", inSpec("replicas", "2"))},
		{"another framework", invalid, "jobFramework", job("true", with("jobFramework", "TFJob"))},
		{"another priority", invalid, "priority", job("true", with("priority", "urgent"))},
		{"another queue", invalid, `queue: got "none"`, job("true", with("queue", "none"))},
		{"another card", invalid, "want a card of this pool", job("true", resources("baidu.com/v100_32g_cgpu", 1))},
		{"another resource", invalid, "want cpu, memory", job("true", resources("gas", 1))},
		{"half a card", invalid, "want whole cards", job("true", resources("baidu.com/t4_cgpu", .5))},
		{"two kinds of cards", invalid, "second kind", job("true", resources("baidu.com/t4_cgpu", 1, "baidu.com/a100_80g_cgpu", 1))},
		{"a resource twice", invalid, "twice", job("true", resources("cpu", 1, "cpu", 2))},
		{"less than nothing", invalid, "quantity: got -1", job("true", resources("cpu", -1))},
		{"RDMA without it", invalid, "enableRDMA: got true for baidu.com/t4_cgpu, want cards of nodes with RDMA: \"baidu.com/a100_80g_cgpu\", \"baidu.com/a800_80g_cgpu\"",
			job("true", inSpec("enableRDMA", true))},
		{"RDMA without cards", invalid, "without cards", job("true", resources("cpu", 1, "rdma/hca", 1))},
		{"fault tolerance of MPI", invalid, "PyTorchJob only", job("true", with("faultTolerance", true), with("jobFramework", "MPIJob"))},
		{"an idle task", invalid, "idleTask", job("true", with("idleTask", true))},
		{"a wrong time limit", invalid, "runningTimeoutStopTimeUnit", job("true", with("runningTimeoutStopTimeUnit", "soon"))},
		{"a wrong wish", invalid, "envs.ORRERY_DURATION", job("true", env("ORRERY_DURATION", "x"))},
	} {
		t.Run(tc.name, func(t *testing.T) { b.refused("POST", "/api/v1/aijobs"+in, tc.body, 400, tc.code, tc.words) })
	}
	b.refused("POST", "/api/v1/aijobs?resourcePoolId=other", job("true"), 404, "cce.warning.NoSuchObject", "other")
	b.refused("POST", "/api/v1/aijobs", job("true"), 400, invalid, "resourcePoolId: missing")
	const gone = "pytorchjob-00000000-0000-4000-8000-000000000000"
	b.refused("GET", "/api/v1/aijobs/"+gone+in, nil, 400, "cce.warning.GetAIJobByJobIdFailed", gone)
	b.refused("POST", "/api/v1/aijobs/"+gone+"/stop"+in, nil, 400, "cce.warning.GetAIJobByJobIdFailed", gone)
	b.refused("DELETE", "/api/v1/aijobs/"+gone+in, nil, 400, "cce.warning.GetAIJobByJobIdFailed", gone)
	if list := b.ok("GET", "/api/v1/aijobs"+in, nil); list["total"] != 0.0 {
		t.Errorf("a refused job is listed: %v", list)
	}
}

// What the official client really sends beside what was asked for.
func TestWhatTheClientSends(t *testing.T) {
	b := start(t)
	_, a := b.Send("POST", "/api/v1/aijobs"+in, []byte(`{"name":"sdk","queue":"","jobFramework":"","jobSpec":{"command":"sleep 5","image":"i","imageConfig":{"username":"","password":""},
		"replicas":1,"resources":null,"envs":null,"enableRDMA":false},"faultTolerance":false,"labels":null,"datasources":null,"codeSource":{"filePath":"","mountPath":"","id":"",
		"bosObjectName":""},"alertConfig":null,"enableBccl":false,"logCollectionFilePatterns":null,"requiredNodeAffinity":null,"runningTimeoutStopTimeUnit":"","retentionPeriod":"",
		"idleTask":false}`))
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	ray := object{"name": "ray", "jobFramework": "RayJob", "jobSpec": object{
		"worker": object{"command": "sleep 30", "image": "w", "replicas": 2, "resources": []object{{"name": "baidu.com/t4_cgpu", "quantity": 1}}},
		"head":   object{"command": "sleep 20", "image": "h", "replicas": 1, "resources": []object{{"name": "cpu", "quantity": 2}}}}}
	_, a = b.Send("POST", "/api/v1/aijobs"+in, b.Bytes(ray))
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Text)
	}
	id := a.Body["result"].(map[string]any)["jobId"].(string)
	b.Advance(60 * s)
	got := b.get(id)
	var names []string
	for _, p := range pods(got) {
		names = append(names, strings.TrimPrefix(podName(p), id+"-"))
	}
	if !strings.HasPrefix(id, "rayjob-") || strings.Join(names, " ") != "head-0 worker-0 worker-1" || got["status"] != "Succeeded" || got["image"] != "h" {
		t.Error(id, names, got["status"], got["image"])
	}
	_, a = b.Send("GET", "/api/v1/aijobs"+in+"&pageNo=0&pageSize=0&queue=default&queueID=default", nil)
	if a.Status != 200 || a.Body["result"].(map[string]any)["total"] != 2.0 {
		t.Errorf("%s", a.Text)
	}
}

func TestListJobs(t *testing.T) {
	b := start(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, b.create(job(fmt.Sprintf("sleep %d", 100-20*i), with("name", fmt.Sprint("j", i)), with("queue", []string{"default", "quotaorrery0dev"}[i%2]))))
		b.Advance(s)
	}
	b.Advance(300 * s)
	names := func(query string) string {
		var out []string
		for _, j := range b.ok("GET", "/api/v1/aijobs"+in+query, nil)["jobs"].([]any) {
			out = append(out, j.(map[string]any)["name"].(string))
		}
		return strings.Join(out, " ")
	}
	for query, want := range map[string]string{
		"": "j4 j3 j2 j1 j0", "&order=asc": "j0 j1 j2 j3 j4", "&pageSize=2": "j4 j3", "&pageSize=2&pageNo=3": "j0", "&pageSize=2&pageNo=9": "",
		"&queue=quotaorrery0dev": "j3 j1", "&queueID=default": "j4 j2 j0", "&queue=all": "j4 j3 j2 j1 j0", "&orderBy=finishedAt": "j0 j1 j2 j3 j4",
	} {
		if got := names(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for _, bad := range []string{"order=up", "orderBy=name", "pageNo=-1", "pageSize=x"} {
		b.refused("GET", "/api/v1/aijobs"+in+"&"+bad, nil, 400, "cce.warning.InvalidParam", bad[:strings.IndexByte(bad, '=')])
	}
	b.ok("DELETE", "/api/v1/aijobs/"+ids[0]+in, nil)
	if got := names(""); got != "j4 j3 j2 j1" {
		t.Error(got)
	}
}

// A job that has not ended is stopped when it is deleted, and gives its cards back.
func TestDeleteStops(t *testing.T) {
	b := start(t)
	hold := job("sleep 36000", resources("baidu.com/t4_cgpu", 4), inSpec("replicas", 4))
	first := b.create(hold)
	b.Advance(60 * s)
	used := func() float64 {
		return b.ok("GET", "/api/v1/resourcepools/cce-orrery01", nil)["resourcePool"].(map[string]any)["status"].(map[string]any)["gpuCount"].(map[string]any)["used"].(float64)
	}
	if used() != 16 {
		t.Error(used())
	}
	if got := b.ok("DELETE", "/api/v1/aijobs/"+first+in, nil); got["jobName"] != "job" || got["jobId"] != first {
		t.Error(got)
	}
	b.refused("GET", "/api/v1/aijobs/"+first+in, nil, 400, "cce.warning.GetAIJobByJobIdFailed")
	if used() != 16 {
		t.Errorf("%v cards are held while the job is being stopped", used())
	}
	second := b.create(hold)
	b.Advance(60 * s)
	if got := b.get(second)["status"]; got != "Running" {
		t.Error(got)
	}
	b.ok("POST", "/api/v1/aijobs/"+second+"/stop"+in, nil)
	b.ok("DELETE", "/api/v1/aijobs/"+second+in, nil)
	b.Advance(60 * s)
	if used() != 0 {
		t.Error(used())
	}
}

func TestQueueingSequence(t *testing.T) {
	b := start(t)
	whole := func(priority string) object {
		return job("sleep 600", resources("baidu.com/t4_cgpu", 4), inSpec("replicas", 4), with("priority", priority))
	}
	first := b.create(whole("low"))
	b.Advance(10 * s)
	var ids []string
	for _, p := range []string{"low", "normal", "high", "normal"} {
		ids = append(ids, b.create(whole(p)))
		b.Advance(5 * s)
	}
	places := func() string {
		var out []string
		for _, id := range append([]string{first}, ids...) {
			out = append(out, fmt.Sprint(b.get(id)["queueingSequence"]))
		}
		return strings.Join(out, " ")
	}
	if got := places(); got != "<nil> 4 2 1 3" {
		t.Error(got)
	}
	b.ok("PUT", "/api/v1/aijobs/"+ids[0]+in, object{"priority": "high"})
	if got := places(); got != "<nil> 1 3 2 4" {
		t.Error(got)
	}
	b.ok("POST", "/api/v1/aijobs/"+first+"/stop"+in, nil)
	b.Advance(60 * s)
	if got := places(); got != "<nil> <nil> 2 1 3" {
		t.Error(got)
	}
}

func TestRules(t *testing.T) {
	b := start(t)
	bccl := func(change ...func(object)) object {
		return job("sleep 20", append([]func(object){with("enableBccl", true), inSpec("enableRDMA", true), resources("baidu.com/a800_80g_cgpu", 8)}, change...)...)
	}
	for _, tc := range []struct {
		job          object
		status, word string
	}{
		{bccl(), "success", ""},
		{bccl(inSpec("replicas", 1)), "failed", "two or more"},
		{bccl(inSpec("enableRDMA", false)), "failed", "RDMA"},
		{bccl(resources("baidu.com/a800_80g_cgpu", 4)), "failed", "4 cards"},
		{bccl(resources("baidu.com/a100_80g_cgpu", 8)), "failed", "no card that BCCL knows"},
		{bccl(with("enableBccl", false)), "", ""},
	} {
		id := b.create(tc.job)
		if got := b.get(id)["enableBcclStatus"]; tc.status != "" && got != "unknown" {
			t.Errorf("before it has pods: %v", got)
		}
		b.Advance(60 * s)
		got := b.get(id)
		if why, _ := got["enableBcclErrorReason"].(string); got["enableBcclStatus"] != tc.status || !strings.Contains(why, tc.word) || tc.word == "" && why != "" {
			t.Errorf("%v %v, want %s %s", got["enableBcclStatus"], got["enableBcclErrorReason"], tc.status, tc.word)
		}
	}
}
