package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alibabacloud-go/tea/tea"
)

// control makes a call of the control API.
func control(t *testing.T, address, method, path, body string) map[string]any {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+address+"/orrery/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, text, err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// trainer is somebody's code over the official runtime: it submits once, whatever becomes of the answer, and polls patiently.
type trainer struct {
	*dlc
	pause time.Duration
}

func (tr *trainer) retry(what string, try func() error) error {
	var err error
	for range 5 {
		if err = try(); err == nil {
			return nil
		}
		var e *tea.SDKError
		if errors.As(err, &e) && tea.IntValue(e.StatusCode) < 500 && tea.IntValue(e.StatusCode) != 429 {
			return err
		}
		time.Sleep(tr.pause)
	}
	return fmt.Errorf("%s: gave up: %w", what, err)
}

// submit is idempotent: who got no answer looks whether the job is there.
func (tr *trainer) submit(body map[string]any) (id string, err error) {
	err = tr.retry("submit", func() error {
		list, err := tr.call("ListJobs", "GET", "/api/v1/jobs", nil, map[string]*string{"DisplayName": tea.String(body["DisplayName"].(string)), "DisplayNameSearchMode": tea.String("term")})
		if err != nil {
			return err
		}
		if jobs := list["Jobs"].([]any); len(jobs) > 0 {
			id = jobs[0].(map[string]any)["JobId"].(string)
			return nil
		}
		made, err := tr.call("CreateJob", "POST", "/api/v1/jobs", body, nil)
		if err == nil {
			id = made["JobId"].(string)
		}
		return err
	})
	return id, err
}

func (tr *trainer) wait(id string, until ...string) (job map[string]any, err error) {
	for {
		if err := tr.retry("poll", func() error {
			job, err = tr.call("GetJob", "GET", "/api/v1/jobs/"+id, nil, map[string]*string{"NeedDetail": tea.String("true")})
			return err
		}); err != nil || slices.Contains(until, fmt.Sprint(job["Status"])) {
			return job, err
		}
		time.Sleep(tr.pause)
	}
}

// A whole suite of somebody who has such code, against a server that is down now and then.
func TestSomebodysSuite(t *testing.T) {
	address := serve(t, "--speed", "request=10s")
	tr := &trainer{newDLC(t, address), time.Millisecond}
	body := func(name string, envs map[string]any, more map[string]any) map[string]any {
		b := job(name, "PyTorchJob", "python train.py --epochs 3", spec("Master", 1, "ecs.gn7e-c16g1.4xlarge"), spec("Worker", 3, "ecs.gn7e-c16g1.4xlarge"))
		b["Envs"] = envs
		for k, v := range more {
			b[k] = v
		}
		return b
	}
	aimaster := map[string]any{"Settings": map[string]any{"Tags": map[string]any{"suite": "one"}, "EnableErrorMonitoringInAIMaster": true, "ErrorMonitoringArgs": "--enable-job-restart=True --max-num-of-job-restart 2"}}

	// the answer of the first submission is lost, and reads fail now and then
	control(t, address, "POST", "/faults", `{"operation": "CreateJob", "status": 502, "when": "after", "count": 1}`)
	control(t, address, "POST", "/faults", `{"operation": "GetJob", "status": 503, "code": "Throttling", "probability": 0.3}`)
	id, err := tr.submit(body("once", map[string]any{"ORRERY_DURATION": "10m", "ORRERY_FAIL_AT": "0.5", "ORRERY_FAIL_TIMES": "2"}, aimaster))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tr.wait(id, "Succeeded", "Failed")
	if err != nil || got["Status"] != "Succeeded" || got["RestartTimes"] != "2" || len(got["RestartRecord"].([]any)) != 2 {
		t.Errorf("%v %v after %v restarts", err, got["Status"], got["RestartTimes"])
	}
	if n := control(t, address, "GET", "/requests?operation=CreateJob", "")["count"]; n != 1.0 {
		t.Errorf("it was submitted %v times", n)
	}
	if n := control(t, address, "GET", "/requests?operation=GetJob&status=5xx", "")["count"]; n == 0.0 {
		t.Error("no read failed")
	}
	control(t, address, "DELETE", "/faults", "")
	for _, p := range got["Pods"].([]any) {
		pod := p.(map[string]any)
		logs := tr.must("GetPodLogs", "GET", fmt.Sprintf("/api/v1/jobs/%s/pods/%s/logs", id, pod["PodId"]), nil, map[string]*string{"MaxLines": tea.String("3")})["Logs"].([]any)
		if pod["Status"] != "Succeeded" || len(pod["HistoryPods"].([]any)) != 2 || len(logs) != 3 || !strings.HasSuffix(logs[2].(string), "exit code 0") {
			t.Errorf("pod %v: %v", pod["PodId"], logs)
		}
	}

	// out of memory, too often
	id, err = tr.submit(body("oom", map[string]any{"ORRERY_EXIT_CODE": "137", "ORRERY_DURATION": "60s"}, aimaster))
	if err != nil {
		t.Fatal(err)
	}
	if got, err = tr.wait(id, "Succeeded", "Failed"); err != nil || got["Status"] != "Failed" || !strings.Contains(fmt.Sprint(got["ReasonMessage"]), "out of memory") || got["RestartTimes"] != "2" {
		t.Error(err, got["Status"], got["ReasonMessage"], got["RestartTimes"])
	}

	// a node dies under a job that may not be restarted; another one keeps its resources, is stopped and deleted
	if id, err = tr.submit(body("doomed", map[string]any{"ORRERY_DURATION": "1h"}, nil)); err != nil {
		t.Fatal(err)
	}
	if got, err = tr.wait(id, "Running"); err != nil {
		t.Fatal(err)
	}
	node := got["Pods"].([]any)[0].(map[string]any)["NodeName"].(string)
	control(t, address, "POST", "/nodes/"+node, `{"do": "down"}`)
	if got, err = tr.wait(id, "Failed"); err != nil || got["ReasonCode"] != "NodeFailure" {
		t.Error(err, got["ReasonCode"])
	}
	if id, err = tr.submit(body("kept", map[string]any{"ORRERY_DURATION": "60s"}, map[string]any{"Settings": map[string]any{"JobReservedMinutes": 60, "JobReservedPolicy": "OnSucceed", "Tags": map[string]any{"suite": "one"}}})); err != nil {
		t.Fatal(err)
	}
	if _, err = tr.wait(id, "SucceededReserving"); err != nil {
		t.Fatal(err)
	}
	tr.must("StopJob", "POST", "/api/v1/jobs/"+id+"/stop", nil, nil)
	if _, err = tr.wait(id, "Stopped"); err != nil {
		t.Fatal(err)
	}
	tagged := tr.must("ListJobs", "GET", "/api/v1/jobs", nil, map[string]*string{"Tags": tea.String(`{"suite":"one"}`), "SortBy": tea.String("GmtFinishTime"), "Order": tea.String("asc"), "PageSize": tea.String("2")})
	if tagged["TotalCount"].(json.Number).String() != "3" || len(tagged["Jobs"].([]any)) != 2 || tagged["Jobs"].([]any)[0].(map[string]any)["DisplayName"] != "once" {
		t.Error(tagged["TotalCount"])
	}
	tr.must("DeleteJob", "DELETE", "/api/v1/jobs/"+id, nil, nil)
	metrics := tr.must("GetJobMetrics", "GET", "/api/v1/jobs/"+got["JobId"].(string)+"/metrics", nil, map[string]*string{"MetricType": tea.String("GpuCoreUsage"), "TimeStep": tea.String("1m")})
	if list := metrics["PodMetrics"].([]any); len(list) != 4 {
		t.Error(metrics)
	}

	// another one's jobs are not mine
	other := newDLCFor(t, address, "LTAI5tOther")
	if n := other.must("ListJobs", "GET", "/api/v1/jobs", nil, nil)["TotalCount"].(json.Number).String(); n != "0" {
		t.Errorf("somebody else owns %s jobs", n)
	}
	if n := other.must("ListJobs", "GET", "/api/v1/jobs", nil, map[string]*string{"ShowOwn": tea.String("false")})["TotalCount"].(json.Number).String(); n != "3" {
		t.Errorf("somebody else sees %s jobs", n)
	}
}
