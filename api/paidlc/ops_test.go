package paidlc_test

import (
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// lines are the texts of a list, without their times.
func lines(v any) []string {
	var out []string
	for _, l := range v.([]any) {
		out = append(out, l.(string)[len("2006-01-02 15:04:05 "):])
	}
	return out
}

func TestUpdateJob(t *testing.T) {
	b := start(t)
	holder := b.create(job("sleep 600", inSpec("PodCount", 16)))
	b.Advance(10 * s)
	low, high := b.create(job("sleep 60", inSpec("PodCount", 16))), b.create(job("sleep 60", inSpec("PodCount", 16), with("ElasticSpec", object{"EnableElasticTraining": true})))
	b.Advance(10 * s)
	path := "/api/v1/jobs/" + high
	b.OK("PUT", path, object{"Priority": 9, "Accessibility": "PUBLIC"})
	if got := b.get(high); got["Priority"] != 9.0 || got["Accessibility"] != "PUBLIC" {
		t.Errorf("it reads %v %v", got["Priority"], got["Accessibility"])
	}
	b.OK("PUT", "/api/v1/jobs/"+holder, object{"Priority": 2}) // a running job has a priority too
	b.Advance(640 * s)
	if l, h := b.get(low)["Status"], b.get(high)["Status"]; l != "Queuing" || h == "Queuing" {
		t.Errorf("low is %v, high is %v", l, h)
	}
	b.OK("PUT", path, object{"JobSpecs": []object{{"Type": "Worker", "PodCount": 14, "AutoScalingSpec": object{"PodsToDelete": []string{"a", "b"}}}}})
	if got := fmt.Sprint(b.get(high)["JobSpecs"]); !strings.Contains(got, "PodCount:14") {
		t.Error(got)
	}
	b.refused("PUT", path, object{"JobSpecs": []object{{"Type": "Worker", "PodCount": 13, "AutoScalingSpec": object{"PodsToDelete": []string{"a", "b"}}}}}, 400, "InvalidParameter", "want 1")
	b.refused("PUT", path, object{"JobSpecs": []object{{"Type": "PS", "PodCount": 1}}}, 400, "InvalidParameter", "JobSpecs[0].Type")
	b.refused("PUT", "/api/v1/jobs/"+low, object{"Priority": 9, "JobSpecs": []object{{"Type": "Worker", "PodCount": 1}}}, 400, "BadRequest", "not elastic")
	if got := b.get(low)["Priority"]; got != 1.0 {
		t.Errorf("a refused change was half applied: priority %v", got)
	}
	b.refused("PUT", path, object{"Priority": 0}, 400, "InvalidParameter", "1 to 9")
	b.refused("PUT", path, object{"Accessibility": "SECRET"}, 400, "InvalidParameter", "PUBLIC or PRIVATE")
	b.refused("PUT", path, "", 400, "MissingParameter", "body")
	b.refused("PUT", "/api/v1/jobs/dlc0000000000000", object{"Priority": 3}, 404, "NotFound")
	b.OK("POST", path+"/stop", nil)
	b.Advance(60 * s)
	b.OK("PUT", path, object{"Accessibility": "PRIVATE"})
	b.refused("PUT", path, object{"Priority": 3}, 400, "BadRequest", "has ended")
}

func TestLogsAndEvents(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", with("Envs", object{"ORRERY_DURATION": "100s", "ORRERY_EXIT_CODE": "137", "ORRERY_FAIL_AT": "0.5"}),
		with("Settings", object{"EnableErrorMonitoringInAIMaster": true, "ErrorMonitoringArgs": "--enable-job-restart --max-num-of-job-restart=1"})))
	pod := "/api/v1/jobs/" + id + "/pods/" + id + "-worker-0"
	b.refused("GET", pod+"/logs", nil, 404, "NotFound", "has no pod")
	b.Advance(600 * s)
	logs := b.OK("GET", pod+"/logs", nil)
	all := lines(logs["Logs"])
	if len(all) != 2+4+3 || !strings.HasPrefix(all[2], "[INFO] step 100/1000 loss") || !strings.Contains(all[6], "out of memory") || all[8] != "[ERROR] exit code 137" {
		t.Errorf("%q", all)
	}
	if tail := lines(b.OK("GET", pod+"/logs?MaxLines=2", nil)["Logs"]); len(tail) != 2 || tail[1] != all[8] {
		t.Error(tail)
	}
	if none := lines(b.OK("GET", pod+"/logs?StartTime=2026-03-01T00:09:00Z", nil)["Logs"]); len(none) != 0 {
		t.Error(none)
	}
	r := httptest.NewRequest("GET", pod+"/logs?DownloadToFile=true", nil)
	r.Host = "localhost"
	resp, err := b.Server.Test().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	saved, err := io.ReadAll(resp.Body)
	whole := logs["Logs"].([]any)
	if lines := strings.Split(strings.TrimSuffix(string(saved), "\n"), "\n"); err != nil || len(lines) != len(whole) || lines[0] != whole[0] || lines[8] != whole[8] {
		t.Errorf("the file is %q", saved)
	}
	if got := resp.Header.Get("Content-Disposition"); resp.StatusCode != 200 || got != `attachment; filename="`+id+`-worker-0.log"` || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(resp.StatusCode, got, resp.Header)
	}
	b.refused("GET", pod+"/logs?DownloadToFile=perhaps", nil, 400, "InvalidParameter", "DownloadToFile")
	old := b.get(id)["Pods"].([]any)[0].(map[string]any)["HistoryPods"].([]any)[0].(map[string]any)["PodUid"].(string)
	if before := b.OK("GET", pod+"/logs?PodUid="+old, nil); before["PodUid"] != old || fmt.Sprint(before["Logs"]) == fmt.Sprint(logs["Logs"]) {
		t.Error(before)
	}
	b.refused("GET", pod+"/logs?PodUid=none", nil, 404, "NotFound", "none")
	b.refused("GET", pod+"/logs?MaxLines=0", nil, 400, "InvalidParameter", "MaxLines")
	b.refused("GET", "/api/v1/jobs/"+id+"/pods/"+id+"-master-0/logs", nil, 404, "NotFound", "master-0")

	events := lines(b.OK("GET", pod+"/events", nil)["Events"])
	if len(events) != 7 || !strings.Contains(events[0], "assigned to node t4-") || !strings.Contains(events[2], "pulled successfully") || !strings.Contains(events[6], "exit code 137") {
		t.Errorf("%q", events)
	}
	if last := lines(b.OK("GET", pod+"/events?MaxEventsNum=1", nil)["Events"]); len(last) != 1 || last[0] != events[6] {
		t.Error(last)
	}
	b.refused("GET", pod+"/events?MaxEventsNum=10001", nil, 400, "InvalidParameter", "10000")
	b.refused("GET", pod+"/events?StartTime=x", nil, 400, "InvalidParameter", "StartTime")

	job := lines(b.OK("GET", "/api/v1/jobs/"+id+"/events", nil)["Events"])
	if text := strings.Join(job, "\n"); !strings.Contains(text, "[Creating]") || !strings.Contains(text, "worker-1 created") || !strings.HasSuffix(text, "exit code 137 (killed, out of memory))") {
		t.Error(text)
	}
	b.refused("GET", "/api/v1/jobs/"+id+"/events?MaxEventsNum=x", nil, 400, "InvalidParameter", "MaxEventsNum")
}

func TestMetrics(t *testing.T) {
	b := start(t)
	id := b.create(job("python train.py", with("Envs", object{"ORRERY_DURATION": "1h"})))
	b.Advance(1200 * s)
	path := "/api/v1/jobs/" + id + "/metrics?MetricType="
	for _, m := range []string{"GpuCoreUsage", "GpuMemoryUsage", "CpuCoreUsage", "MemoryUsage", "NetworkInputRate", "NetworkOutputRate", "DiskReadRate", "DiskWriteRate"} {
		pods := b.OK("GET", path+m, nil)["PodMetrics"].([]any)
		if len(pods) != 2 {
			t.Fatalf("%s: %d pods", m, len(pods))
		}
		samples := pods[0].(map[string]any)["Metrics"].([]any)
		if len(samples) != 4 { // 5, 10, 15 and 20 minutes
			t.Errorf("%s: %v", m, samples)
		}
		if at := samples[0].(map[string]any)["Time"]; at != 1772323500000.0 {
			t.Errorf("%s: first at %.0f", m, at)
		}
	}
	fine := b.OK("GET", path+"GpuCoreUsage&TimeStep=1m&StartTime=2026-03-01T00:10:00Z&EndTime=2026-03-01T00:12:00Z", nil)["PodMetrics"].([]any)
	if n := len(fine[0].(map[string]any)["Metrics"].([]any)); n != 3 {
		t.Errorf("%d samples", n)
	}
	b.refused("GET", "/api/v1/jobs/"+id+"/metrics", nil, 400, "MissingParameter", "MetricType")
	b.refused("GET", path+"Heat", nil, 400, "InvalidParameter", "Heat")
	b.refused("GET", path+"GpuCoreUsage&TimeStep=0s", nil, 400, "InvalidParameter", "TimeStep")
	b.Advance(48 * 3600 * s)
	b.refused("GET", path+"GpuCoreUsage&TimeStep=1s&StartTime=2026-03-01T00:00:00Z", nil, 400, "InvalidParameter", "longer step")
}

func TestEcsSpecs(t *testing.T) {
	b := start(t)
	names := func(query string) string {
		var out []string
		for _, e := range b.OK("GET", "/api/v1/ecsspecs?"+query, nil)["EcsSpecs"].([]any) {
			spec := e.(map[string]any)
			if spec["IsAvailable"] != true {
				t.Errorf("%v is not available", spec)
			}
			out = append(out, strings.TrimPrefix(spec["InstanceType"].(string), "ecs."))
		}
		return strings.Join(out, " ")
	}
	const t4 = "ebmgn6i.24xlarge gn6i-c16g1.4xlarge gn6i-c24g1.12xlarge gn6i-c24g1.24xlarge gn6i-c24g1.6xlarge gn6i-c4g1.xlarge gn6i-c8g1.2xlarge"
	for query, want := range map[string]string{
		"AcceleratorType=CPU":                          "c6.large g6.2xlarge g6.large g6.xlarge g7.xlarge",
		"AcceleratorType=GPU":                          "ebmgn6i.24xlarge ebmgn7e.32xlarge " + t4[len("ebmgn6i.24xlarge "):] + " gn7e-c16g1.16xlarge gn7e-c16g1.32xlarge gn7e-c16g1.4xlarge",
		"AcceleratorType=CPU&SortBy=CPU":               "c6.large g6.large g6.xlarge g7.xlarge g6.2xlarge",
		"AcceleratorType=CPU&SortBy=Memory&Order=desc": "g6.2xlarge g7.xlarge g6.xlarge g6.large c6.large",
		"PageSize=2":                                   "c6.large ebmgn6i.24xlarge",
		"PageSize=2&PageNumber=2":                      "ebmgn7e.32xlarge g6.2xlarge",
		"InstanceTypes=ecs.g6.large,ecs.gn6i-c4g1.xlarge,ecs.gn6v-c8g1.2x": "g6.large gn6i-c4g1.xlarge",
		"ResourceType=Lingjun": "",
	} {
		if got := names(query); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
	for _, bad := range []string{"AcceleratorType=TPU", "SortBy=Price", "Order=x", "PageSize=0", "PageNumber=x", "ResourceType=x"} {
		b.refused("GET", "/api/v1/ecsspecs?"+bad, nil, 400, "InvalidParameter", bad[:strings.IndexByte(bad, '=')])
	}
	id := b.create(job("sleep 100", inSpec("PodCount", 8))) // at least eight pods of the smallest GPU type fit at once
	b.Advance(60 * s)
	if got := b.get(id)["Status"]; got != "Running" {
		t.Error(got)
	}
}

func TestWhatIsStillToCome(t *testing.T) {
	b := start(t)
	id := b.create(job("sleep 100"))
	pod := "/api/v1/jobs/" + id
	for _, c := range []struct{ method, path string }{{"GET", pod + "/sanitycheckresult?SanityCheckNumber=1"}, {"GET", pod + "/sanitycheckresults"},
		{"GET", pod + "/pods/p/webterminal"}, {"GET", "/api/v1/tokens"}, {"POST", "/api/v1/tensorboards"}, {"GET", "/api/v1/tensorboards"}, {"DELETE", "/api/v1/tensorboards/t"},
		{"PUT", "/api/v1/tensorboards/t"}, {"GET", "/api/v1/tensorboards/t"}, {"PUT", "/api/v1/tensorboards/t/start"}, {"PUT", "/api/v1/tensorboards/t/stop"},
		{"GET", "/api/v1/tensorboards/t/sharedurl"}, {"GET", pod + "/rayDashboard"}, {"GET", pod + "/dashboard"}} {
		b.refused(c.method, c.path, nil, 501, "NotImplemented", "does not offer")
	}
	if doc := document(t); len(b.Called) != 14+1 || doc.Paths.Len() == 0 {
		t.Errorf("%d operations were called", len(b.Called))
	}
}

// Jobs of the scenario's workload are listed and read by any client.
func TestRecordedJobs(t *testing.T) {
	b := start(t, "workload: {generator: {preset: philly, jobs: 60}, queue: quotaorrery0dev}")
	b.Advance(3 * 3600 * s)
	list := b.OK("GET", "/api/v1/jobs?PageSize=100", nil)["Jobs"].([]any)
	if len(list) < 20 {
		t.Fatalf("%d jobs", len(list))
	}
	for _, j := range list {
		item := j.(map[string]any)
		id := item["JobId"].(string)
		got := b.get(id)
		b.OK("GET", "/api/v1/jobs/"+id+"/events", nil)
		if pods, _ := got["Pods"].([]any); len(pods) > 0 {
			b.OK("GET", "/api/v1/jobs/"+id+"/pods/"+pods[0].(map[string]any)["PodId"].(string)+"/logs", nil)
		}
		if got["ResourceId"] != "quotaorrery0dev" || item["Status"] != got["Status"] {
			t.Errorf("%v", got)
		}
	}
}

func TestProfilesOfTheScenario(t *testing.T) {
	b := start(t, "profiles: [{name: bert, image: 'registry/*', env: {TEAM: r*d}, duration: 2m, exitCode: 137, failAt: 0.5}]")
	id, other := b.create(job("python x.py", with("Envs", object{"TEAM": "red"}))), b.create(job("sleep 20"))
	b.Advance(200 * s)
	if got := b.get(id); got["Status"] != "Failed" || got["Duration"] != 60.0 || !strings.Contains(got["ReasonMessage"].(string), "137") {
		t.Error(got["Status"], got["Duration"], got["ReasonMessage"])
	}
	if got := b.get(other); got["Status"] != "Succeeded" {
		t.Error(got["Status"])
	}
}
