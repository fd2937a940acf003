package aihc_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestLogsAndEvents(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", env("ORRERY_DURATION", "100s", "ORRERY_EXIT_CODE", "137", "ORRERY_FAIL_AT", "0.5"),
		with("faultTolerance", true), with("faultToleranceConfig", object{"faultToleranceLimit": 1})))
	pod := "/api/v1/aijobs/" + id + "/pods/" + id + "-master-0"
	b.refused("GET", pod+"/logs"+in, nil, 404, "cce.warning.NoSuchObject", "a job has pods from the time")
	b.Advance(600 * s)
	logs := func(query string) []any { return b.ok("GET", pod+"/logs"+in+query, nil)["logs"].([]any) }
	all := logs("")
	if len(all) != 1 {
		t.Fatalf("%q", all)
	}
	lines := strings.Split(all[0].(string), "\n")
	if len(lines) != 2+4+3 || !strings.Contains(lines[2], "[INFO] step 100/1000 loss") || !strings.HasSuffix(lines[8], "[ERROR] exit code 137") {
		t.Errorf("%q", lines)
	}
	if got := logs("&chunk=4"); len(got) != 3 || strings.Count(got[0].(string), "\n") != 3 || got[2] != lines[8] {
		t.Errorf("%q", got)
	}
	_, raw := b.Send("GET", pod+"/logs"+in+"&chunck=1&maxLines=2", nil)
	if got := raw.Body["result"].(map[string]any)["logs"].([]any); len(got) != 2 || got[1] != lines[8] {
		t.Errorf("%q", got)
	}
	if got := logs("&maxLines=3&chunk=1"); len(got) != 3 {
		t.Errorf("%q", got)
	}
	if got := logs("&startTime=1772323500"); len(got) != 0 { // 2026-03-01T00:05:00Z: it had ended
		t.Errorf("%q", got)
	}
	b.refused("GET", pod+"/logs"+in+"&startTime=noon", nil, 400, "cce.warning.InvalidParam", "startTime")
	b.refused("GET", pod+"/logs"+in+"&maxLines=-1", nil, 400, "cce.warning.InvalidParam", "maxLines")

	reasons := func(target string) string {
		a := b.ok("GET", target+in+"&jobFramework=PyTorchJob", nil)
		var out []string
		for _, e := range a["events"].([]any) {
			out = append(out, e.(map[string]any)["reason"].(string))
		}
		if a["total"] != float64(len(out)) {
			t.Error(a["total"])
		}
		return strings.Join(out, " ")
	}
	if got := reasons(pod + "/events"); got != "Scheduled Pulling Pulled Created Started Running Failed" {
		t.Error(got)
	}
	if got := reasons("/api/v1/aijobs/" + id + "/events"); !strings.HasPrefix(got, "JobCreated JobEnqueued SuccessfulCreatePod SuccessfulCreateService") ||
		!strings.HasSuffix(got, "JobRunning JobFailed ExitedWithCode") || strings.Count(got, "JobRestarting") != 1 || strings.Count(got, "SuccessfulCreatePod") != 4 {
		t.Error(got)
	}
	one := b.ok("GET", "/api/v1/aijobs/"+id+"/events"+in+"&jobFramework=PyTorchJob&endTime=2026-03-01T00:00:00Z", nil)["events"].([]any)
	if len(one) != 1 || one[0].(map[string]any)["firstTimestamp"] != "2026-03-01 00:00:00 +0000 UTC" {
		t.Error(one)
	}
	b.refused("GET", "/api/v1/aijobs/"+id+"/events"+in, nil, 400, "cce.warning.InvalidParam", "jobFramework: missing")
	b.refused("GET", pod+"/events"+in+"&jobFramework=Job", nil, 400, "cce.warning.InvalidParam", "jobFramework")
}

func TestMetrics(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", env("ORRERY_DURATION", "1h"), resources("baidu.com/a800_80g_cgpu", 8), inSpec("enableRDMA", true)))
	b.Advance(1200 * s)
	path := "/api/v1/aijobs/" + id + "/metrics" + in + "&metricType="
	op := b.Doc.Paths.Find("/api/v1/aijobs/{jobId}/metrics").Get
	types := op.Parameters.GetByInAndName("query", "metricType").Schema.Value.Enum
	if len(types) != 22 {
		t.Fatalf("the document has %d types", len(types))
	}
	last := map[string]float64{}
	for _, m := range types {
		list := b.ok("GET", path+m.(string), nil)["podMetrics"].([]any)
		if len(list) != 2 {
			t.Fatalf("%s: %d pods", m, len(list))
		}
		samples := list[0].(map[string]any)["metrics"].([]any)
		if len(samples) != 4 { // 5, 10, 15 and 20 minutes
			t.Errorf("%s: %v", m, samples)
		}
		end := samples[len(samples)-1].(map[string]any)
		if end["time"] != 1772324400.0 {
			t.Errorf("%s: last at %.0f", m, end["time"])
		}
		last[m.(string)] = end["value"].(float64)
	}
	for m, between := range map[string][2]float64{"GpuUsage": {70, 100}, "GpuPowerUsage": {2000, 3200}, "GpuTemperature": {60, 80}, "RDMAHealth": {1, 1}, "RDMASendErrorRate": {0, 0},
		"RDMASendDataRate": {1e9, 2e10}, "NVLinkSendDataRate": {1e9, 1e11}, "GpuPipeTensorUsage": {20, 60}} {
		if v := last[m]; v < between[0] || v > between[1] {
			t.Errorf("%s is %g", m, v)
		}
	}
	if fine := b.ok("GET", path+"GpuUsage&timeStep=60&startTime=1772323800&endTime=1772323920", nil)["podMetrics"].([]any)[0].(map[string]any)["metrics"].([]any); len(fine) != 3 {
		t.Error(fine)
	}
	b.refused("GET", "/api/v1/aijobs/"+id+"/metrics"+in, nil, 400, "cce.warning.InvalidParam", "metricType: missing")
	b.refused("GET", path+"Heat", nil, 400, "cce.warning.InvalidParam", "Heat")
	b.refused("GET", path+"GpuUsage&timeStep=0s", nil, 400, "cce.warning.InvalidParam", "timeStep")
	b.Advance(48 * 3600 * s)
	b.refused("GET", path+"GpuUsage&timeStep=1s", nil, 400, "cce.warning.InvalidParam", "longer step")
}

func TestPoolsAndNodes(t *testing.T) {
	b := start(t)
	b.create(job("sleep 3600", resources("baidu.com/a800_80g_cgpu", 8, "cpu", 16, "memory", 100)))
	b.Advance(60 * s)
	list := b.ok("GET", "/api/v1/resourcepools?pageNo=1&pageSize=10", nil)
	if list["total"] != 1.0 || list["totalCount"] != 1.0 {
		t.Error(list)
	}
	status := b.ok("GET", "/api/v1/resourcepools/cce-orrery01", nil)["resourcePool"].(map[string]any)["status"].(map[string]any)
	if got := fmt.Sprint(status["gpuCount"], status["nodeCount"], status["gpuDetail"]); got != "map[total:64 used:16] map[total:12 used:2] [map[gpuDescriptor:baidu.com/t4_cgpu total:16 used:0] "+
		"map[gpuDescriptor:baidu.com/a100_80g_cgpu total:16 used:0] map[gpuDescriptor:baidu.com/a800_80g_cgpu total:32 used:16]]" {
		t.Error(got)
	}
	b.refused("GET", "/api/v1/resourcepools/other", nil, 404, "cce.warning.NoSuchObject", "other")
	nodes := b.ok("GET", "/api/v1/resourcepools/cce-orrery01/nodes?pageSize=100", nil)["nodes"].([]any)
	var names []string
	for _, n := range nodes {
		names = append(names, n.(map[string]any)["nodeName"].(string))
	}
	if got := strings.Join(names, " "); got != "a100-0000 a100-0001 a800-0000 a800-0001 a800-0002 a800-0003 cpu-0000 cpu-0001 t4-0000 t4-0001 t4-0002 t4-0003" {
		t.Errorf("those with RDMA come first: %s", got)
	}
	full := nodes[2].(map[string]any)
	if full["gpuAllocated"] != 8.0 || full["cpuAllocated"] != 16.0 || full["memoryAllocated"] != 100.0 || full["gpuDescriptor"] != "baidu.com/a800_80g_cgpu" || full["statusPhase"] != "running" {
		t.Error(full)
	}
	for _, change := range []struct{ do, phase, intervention string }{{"cordon", "ready_scheduling_disabled", "cordoned"}, {"down", "not_ready", "unintervened"}} {
		b.Send("POST", "/orrery/v1/nodes/t4-0003", []byte(`{"do": "`+change.do+`"}`))
		page := b.ok("GET", "/api/v1/resourcepools/cce-orrery01/nodes?orderBy=nodeName&order=desc&pageSize=1", nil)
		if n := page["nodes"].([]any)[0].(map[string]any); n["nodeName"] != "t4-0003" || n["statusPhase"] != change.phase || n["intervention"] != change.intervention {
			t.Error(n)
		}
	}
}

func TestWebTerminal(t *testing.T) {
	b := start(t)
	id := b.create(job("sleep 60"))
	b.Advance(5 * s)
	path := "/api/v1/aijobs/" + id + "/pods/" + id + "-worker-0/webterminal" + in
	b.refused("GET", path, nil, 400, "cce.warning.StatusNotAllowed", "only a running pod")
	b.Advance(30 * s)
	if url, _ := b.ok("GET", path+"&pingTimeoutSecond=10", nil)["WebTerminalUrl"].(string); !strings.HasPrefix(url, "ws://localhost/") {
		t.Error(url)
	}
	b.refused("GET", path+"&pingTimeoutSecond=0", nil, 400, "cce.warning.InvalidParam", "pingTimeoutSecond")
}

func TestDefaultQueue(t *testing.T) {
	b := start(t)
	b.create(job("sleep 60", resources("baidu.com/t4_cgpu", 2, "cpu", 4, "memory", 15)))
	b.create(job("sleep 60", with("queue", "quotaorrery0dev")))
	b.Advance(30 * s)
	q := b.ok("GET", "/api/v1/resourcepools/cce-orrery01/queue/default", nil)["queue"].(map[string]any)
	if q["parentQueue"] != "root" || q["queueType"] != "Regular" || q["state"] != "Open" || q["running"] != 1.0 || q["guarantee"] != nil || q["deserved"] != nil ||
		fmt.Sprint(q["allocated"]) != "map[cpu:8 gpu:4 memory:30]" {
		t.Error(q)
	}
	if list := b.ok("GET", "/api/v1/resourcepools/cce-orrery01/queue", nil); list["total"] != 3.0 {
		t.Error(list)
	}
	b.refused("GET", "/api/v1/resourcepools/cce-orrery01/queue/none", nil, 404, "cce.warning.NoSuchObject", "none")
}
