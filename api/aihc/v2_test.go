package aihc_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/contract"
)

// v2 makes a call that must be answered with a status; the answer must carry the request id.
func (b *bench) v2(action, query string, body any, status int) map[string]any {
	b.T.Helper()
	method := "POST"
	if strings.HasPrefix(action, "DescribeResource") || strings.HasPrefix(action, "DescribeQueue") {
		method = "GET"
		b.Header["Version"] = []string{"v2"}
	} else {
		b.Header["X-Api-Version"] = []string{"v2"}
	}
	_, a := b.Send(method, "/?action="+action+query, b.Bytes(body))
	clear(b.Header)
	if id, _ := a.Body["requestId"].(string); a.Status != status || id == "" || id != a.Header.Get("X-Bce-Request-Id") {
		b.T.Fatalf("%s: %d %s, want %d", action, a.Status, a.Text, status)
	}
	return a.Body
}

// notV2 is a call that must be refused.
func (b *bench) notV2(action, query string, body any, status int, code string, words ...string) {
	b.T.Helper()
	got := b.v2(action, query, body, status)
	message, _ := got["message"].(string)
	if got["code"] != code {
		b.T.Errorf("%s: %v, want %s", action, got, code)
	}
	for _, w := range words {
		if !strings.Contains(message, w) {
			b.T.Errorf("%s: %q does not say %q", action, message, w)
		}
	}
}

const of = "&resourcePoolId=cce-orrery01"

func jobV2(name, command string, change ...func(object)) object {
	o := job(command, append([]func(object){with("name", name), with("jobType", "PyTorchJob"), with("command", command)}, change...)...)
	delete(o["jobSpec"].(object), "command") // it stands beside the roles
	return o
}

func TestV2WholeLife(t *testing.T) {
	b := start(t)
	made := b.v2("CreateJob", of+"&queueID=quotaorrery0dev", jobV2("first", "python train.py", env("ORRERY_DURATION", "10m"), with("retentionPeriod", "1d")), 200)
	id := made["jobId"].(string)
	if ok, _ := regexp.MatchString(`^job-[0-9a-z]{12}$`, id); !ok || made["jobName"] != "first" {
		t.Error(made)
	}
	b.Advance(60 * s)
	got := b.v2("DescribeJob", of, object{"jobId": id, "needDetail": true}, 200)["job"].(object)
	pods := got["pods"].([]any)
	if got["status"] != "Running" || got["gpuCount"] != 2.0 || got["nodeCount"] != 1.0 || got["queue"] != "quotaorrery0dev" || got["jobType"] != "PyTorchJob" || len(pods) != 2 ||
		got["runTimeNanoseconds"].(float64) <= 0 || got["gpuUtilizationPercent"].(float64) < 50 || got["retentionPeriod"] != "1d" || got["command"] != "python train.py" {
		t.Error(got)
	}
	pod := pods[0].(object)["name"].(string)
	if pod != id+"-master-0" {
		t.Error(pod)
	}
	var line []string
	for _, c := range got["jobTimeLine"].([]any) {
		line = append(line, c.(object)["conditionType"].(string))
	}
	if text := strings.Join(line, " "); text != "Created Pending Running" {
		t.Error(text)
	}
	if e := b.v2("DescribeJobEvents", of, object{"jobId": id}, 200); e["total"].(float64) < 5 {
		t.Error(e)
	}
	if e := b.v2("DescribePodEvents", of, object{"jobId": id, "podName": pod}, 200); e["total"] != 6.0 {
		t.Error(e)
	}
	var all []any
	marker := ""
	for range 20 { // to the end, page by page
		l := b.v2("DescribeJobLogs", of, object{"jobId": id, "podName": pod, "maxLines": "2", "chunkSize": "1", "marker": marker}, 200)
		all = append(all, l["logs"].([]any)...)
		if marker = l["nextMarker"].(string); marker == "" {
			break
		}
	}
	whole := b.v2("DescribeJobLogs", of, object{"jobId": id, "podName": pod, "chunkSize": "1"}, 200)["logs"].([]any)
	if len(all) < 5 || fmt.Sprint(all) != fmt.Sprint(whole) {
		t.Errorf("%q\n%q", all, whole)
	}
	if l := b.v2("DescribeJobLogs", of, object{"jobId": id, "podName": pod, "keywords": "loss", "chunkSize": "1"}, 200)["logs"].([]any); len(l) != len(whole)-2 {
		t.Errorf("%q", l)
	}
	m := b.v2("DescribeJobMetrics", of+"&queueID=quotaorrery0dev", object{"jobId": id, "metricType": "GpuUsage", "timeStep": "15", "startTime": "1772323230"}, 200)
	series := m["metrics"].([]any)[0].(object)
	if v := series["metrics"].([]any)[0].(object); series["podName"] != pod || v["value"].(string) == "" || v["time"] != "1772323230" {
		t.Error(m)
	}
	if n := b.v2("DescribeJobNodes", of, object{"jobId": id}, 200); len(n["nodes"].([]any)) != 1 {
		t.Error(n)
	}
	if w := b.v2("DescribeJobWebterminal", of, object{"jobId": id, "podName": pod}, 200); !strings.HasPrefix(w["webTerminalUrl"].(string), "ws://") {
		t.Error(w)
	}
	b.v2("ModifyJob", of, object{"jobId": id, "priority": "high"}, 200)
	v1 := b.ok("GET", "/api/v1/aijobs"+in, nil)["jobs"].([]any)[0].(object)
	if v1["name"] != "first" || v1["priority"] != "high" {
		t.Errorf("v1 does not see it: %v", v1)
	}
	if same := b.get(id); same["name"] != "first" { // either version knows either id
		t.Error(same)
	}
	b.v2("StopJob", of, object{"jobId": id}, 200)
	b.Advance(60 * s)
	got = b.v2("DescribeJob", of, object{"jobId": v1["jobId"], "needDetail": false}, 200)["job"].(object)
	if got["status"] != "ManualTermination" || got["finishedAt"] == "" || got["pods"] != nil {
		t.Error(got)
	}
	b.v2("DeleteJob", of, object{"jobId": id}, 200)
	b.notV2("DescribeJob", of, object{"jobId": id}, 400, "cce.warning.GetAIJobByJobIdFailed", id)
}

func TestV2Lists(t *testing.T) {
	b := start(t)
	for i, c := range []string{"exit 1", "sleep 5", "sleep 600", "sleep 600"} {
		b.v2("CreateJob", of, jobV2(fmt.Sprintf("n%d", i), c, with("queue", []string{"default", "quotaorrery0dev"}[i%2])), 200)
		b.Advance(60 * s)
	}
	for _, tc := range []struct {
		ask  object
		want string
	}{
		{object{}, "n3 n2 n1 n0"}, {object{"order": "asc"}, "n0 n1 n2 n3"}, {object{"status": "Running"}, "n3 n2"}, {object{"keyword": "1", "keywordType": "name"}, "n1"},
		{object{"queue": "default"}, "n2 n0"}, {object{"keyword": "dev", "keywordType": "queueName"}, "n3 n1"}, {object{"pageNumber": 2, "pageSize": 3}, "n0"},
		{object{"orderBy": "finishedAt", "order": "asc"}, "n0 n1 n2 n3"},
	} {
		a := b.v2("DescribeJobs", of, tc.ask, 200)
		var names []string
		for _, j := range a["jobs"].([]any) {
			names = append(names, j.(object)["name"].(string))
		}
		if got := strings.Join(names, " "); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.ask, got, tc.want)
		}
	}
	var list []object
	for _, j := range b.v2("DescribeJobs", of, nil, 200)["jobs"].([]any) {
		list = append(list, object{"jobId": j.(object)["jobId"]})
	}
	stopped := b.v2("StopJobs", of, object{"jobList": list}, 200)["result"].(object)
	if len(stopped["successList"].([]any)) != 2 || len(stopped["failedList"].([]any)) != 2 {
		t.Error(stopped)
	}
}

func TestV2Refusals(t *testing.T) {
	b := start(t)
	b.notV2("CreateJob", of, jobV2("x", "true", with("jobType", "XJob")), 400, "InvalidParam", "jobFramework")
	b.notV2("CreateJob", of, "{", 400, "MalformedJSON")
	b.notV2("CreateJob", "", jobV2("x", "true"), 400, "InvalidParam", "resourcePoolId")
	b.notV2("CreateJob", of+"&queueID=none", jobV2("x", "true"), 400, "InvalidParam", "none")
	b.notV2("DoSomething", of, object{}, 400, "cce.warning.NotSupported", "DoSomething")
	id := b.v2("CreateJob", of, jobV2("x", "sleep 600", with("jobType", "TFJob")), 200)["jobId"].(string)
	b.notV2("DescribeJobMetrics", of+"&queueID=default", object{"jobId": id, "metricType": "GpuUsage", "startTime": 1772323200}, 400, "MalformedJSON", "startTime")
	b.notV2("DescribeJobMetrics", of+"&queueID=quotaorrery0dev", object{"jobId": id, "metricType": "GpuUsage"}, 403, "AccessDenied", "queue")
	b.notV2("DescribeJobMetrics", of+"&queueID=default", object{"jobId": id, "metricType": "Heat"}, 400, "InvalidParam", "Heat")
	b.notV2("DescribeJob", of, object{}, 400, "InvalidParam", "jobId: missing")
	b.notV2("ModifyJob", of, object{"jobId": id, "priority": "top"}, 400, "InvalidParam", "priority")
	b.notV2("DescribeResourcePools", "&resourcePoolType=odd", nil, 400, "InvalidParam", "resourcePoolType")
	_, a := b.Send("POST", "/?action=StopJob"+of, []byte(`{"jobId": "`+id+`"}`)) // without a version
	if a.Status != 200 {
		t.Errorf("%s", a.Text)
	}
	b.Header["X-Api-Version"] = []string{"v3"}
	if _, a := b.Send("POST", "/?action=StopJob"+of, []byte(`{}`)); a.Status != 400 || a.Body["code"] != "InvalidParam" {
		t.Errorf("%s", a.Text)
	}
	clear(b.Header)
	if _, a := b.Send("GET", "/", nil); a.Status != 404 || a.Body["Code"] != "InvalidAction.NotFound" {
		t.Errorf("the address without an action is not free: %d %s", a.Status, a.Text)
	}
}

func TestV2PoolsAndQueues(t *testing.T) {
	b := start(t)
	b.v2("CreateJob", of, jobV2("x", "sleep 600", resources("baidu.com/a800_80g_cgpu", 8, "cpu", 10)), 200)
	b.Advance(60 * s)
	if a := b.v2("DescribeResourcePools", "&resourcePoolType=common&pageNumber=1&pageSize=10", nil, 200); a["totalCount"] != 1.0 || a["resourcePools"].([]any)[0].(object)["resourcePoolId"] != "cce-orrery01" {
		t.Error(a)
	}
	if a := b.v2("DescribeResourcePools", "&resourcePoolType=dedicatedV2", nil, 200); a["totalCount"] != 0.0 {
		t.Error(a)
	}
	if a := b.v2("DescribeResourcePool", of, nil, 200); a["phase"] != "running" || a["nodeNum"] != 12.0 {
		t.Error(a)
	}
	over := b.v2("DescribeResourcePoolOverview", "", nil, 200)["resourcePoolsStatisticWithType"].([]any)[0].(object)
	if acc := over["acceleratorsStatistic"].(object); acc["capacity"] != 64.0 || acc["allocated"] != 16.0 || acc["allocationRate"] != .25 || len(acc["acceleratorStatistics"].([]any)) != 3 {
		t.Error(over)
	}
	list := b.v2("DescribeQueues", of, nil, 200)
	first := list["queues"].([]any)[0].(object)
	if list["totalCount"] != 3.0 || first["queueName"] != "default" || first["runningJobs"] != 1.0 ||
		fmt.Sprint(first["allocated"]) != "map[acceleratorCardList:[map[acceleratorCount:16 acceleratorType:]] memoryGi:0 milliCPUcores:20000]" {
		t.Error(first)
	}
	for _, name := range []string{"default", first["queueId"].(string)} {
		if q := b.v2("DescribeQueue", "&queueId="+name, nil, 200); q["queueName"] != "default" || !strings.HasPrefix(q["queueId"].(string), "aihcq-") {
			t.Error(q)
		}
	}
	b.notV2("DescribeQueue", "&queueId=none", nil, 404, "cce.warning.NoSuchObject", "none")
}

// Mutated requests of v2 never break the server.
func TestV2MutatedRequests(t *testing.T) {
	b := start(t)
	id := b.v2("CreateJob", of, jobV2("x", "sleep 5"), 200)["jobId"].(string)
	actions := []string{"CreateJob", "CreateJob", "DescribeJobs", "DescribeJob", "ModifyJob", "StopJob", "StopJobs", "DescribeJobEvents", "DescribePodEvents", "DescribeJobLogs",
		"DescribeJobMetrics", "DescribeJobNodes", "DescribeJobWebterminal", "DescribeResourcePools", "DescribeQueues", "DescribeQueue", "DeleteJob"}
	slices.Sort(actions)
	rapid.Check(t, func(rt *rapid.T) {
		action := rapid.SampledFrom(actions).Draw(rt, "action")
		right := object{"jobId": id, "podName": id + "-master-0", "priority": "low", "metricType": "CpuUsage", "timeStep": "60", "startTime": "1772323200", "endTime": "1772323300",
			"maxLines": "10", "chunkSize": "2", "marker": "1", "keywords": "x", "pageNumber": 1, "pageSize": 5, "order": "desc", "orderBy": "createdAt", "status": "Running", "queue": "default",
			"needDetail": true, "jobList": []object{{"jobId": id}}}
		if action == "CreateJob" {
			right = whole(b)
			right["jobType"], right["command"] = "PyTorchJob", "sleep 5"
		}
		body := contract.Mutated(rt, asJSON(t, right))
		target := "/?action=" + action + of + rapid.SampledFrom([]string{"", "&queueID=default", "&queueID=none", "&pageSize=x", "&pageNumber=-1", "&order=%00"}).Draw(rt, "query")
		_, a := b.Send("POST", target, body)
		if a.Status >= 500 || a.Body["requestId"] == nil {
			rt.Fatalf("%s\n%s\n%d %s", target, body, a.Status, a.Text)
		}
		if made, _ := a.Body["jobId"].(string); action == "CreateJob" && a.Status == 200 {
			id = made
		}
		if rapid.IntRange(0, 9).Draw(rt, "later") == 0 {
			b.Advance(30 * s)
		}
	})
}
