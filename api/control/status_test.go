package control_test

import (
	"fmt"
	"strings"
	"testing"
)

// history is the statuses that a job went through, and its last reason.
func (b *bench) history(id string) string {
	b.t.Helper()
	job := b.dlc("GET", "/jobs/"+id, "", 200)
	var out []string
	for _, s := range job["StatusHistory"].([]any) {
		out = append(out, s.(map[string]any)["Status"].(string))
	}
	reason, _ := job["ReasonCode"].(string)
	return strings.TrimSpace(strings.Join(out, " ") + " " + reason)
}

// Every status of the API's list can be put on.
func TestEveryStatus(t *testing.T) {
	b := start(t, "paused")
	for status, tc := range map[string]struct{ more, want, later string }{
		"Queuing":            {"", "Creating Queuing", "Creating Queuing EnvPreparing Running Succeeded JobSucceeded"},
		"EnvPreparing":       {`, "for": "5m"`, "Creating Queuing EnvPreparing", "Creating Queuing EnvPreparing Running Succeeded JobSucceeded"},
		"SanityChecking":     {"", "Creating Queuing EnvPreparing SanityChecking", "Creating Queuing EnvPreparing SanityChecking Running Succeeded JobSucceeded"},
		"Running":            {`, "for": "30s"`, "Creating Queuing EnvPreparing Running", "Creating Queuing EnvPreparing Running Succeeded JobSucceeded"},
		"Restarting":         {`, "exitCode": 137`, "Creating Queuing EnvPreparing Running Restarting JobFailed", "Creating Queuing EnvPreparing Running Restarting Running Succeeded JobSucceeded"},
		"Stopping":           {`, "for": "1m"`, "Creating Queuing EnvPreparing Stopping JobStoppedByUser", "Creating Queuing EnvPreparing Stopping Stopped JobStoppedByUser"},
		"Stopped":            {"", "Creating Stopping Stopped JobStoppedByUser", "Creating Stopping Stopped JobStoppedByUser"},
		"SucceededReserving": {"", "Creating Queuing EnvPreparing Running SucceededReserving JobSucceeded", "Creating Queuing EnvPreparing Running SucceededReserving Succeeded JobSucceeded"},
		"FailedReserving":    {`, "exitCode": 9`, "Creating Queuing EnvPreparing Running FailedReserving JobFailed", "Creating Queuing EnvPreparing Running FailedReserving Failed JobFailed"},
		"Succeeded":          {"", "Creating Queuing EnvPreparing Running Succeeded JobSucceeded", "Creating Queuing EnvPreparing Running Succeeded JobSucceeded"},
		"Failed":             {`, "exitCode": 139`, "Creating Queuing EnvPreparing Failed JobFailed", "Creating Queuing EnvPreparing Failed JobFailed"},
	} {
		id := b.create("a", "sleep 600")
		b.call("POST", "/jobs/"+id+"/status", `{"status": "`+status+`"`+tc.more+`}`, 200)
		if got := b.history(id); got != tc.want {
			t.Errorf("%s: %s, want %s", status, got, tc.want)
		}
		b.call("POST", "/clock/advance", `{"by": "1h"}`, 200)
		if got := b.history(id); got != tc.later {
			t.Errorf("%s, later: %s, want %s", status, got, tc.later)
		}
	}
	id := b.create("a", "sleep 600")
	b.call("POST", "/jobs/"+id+"/status", `{"status": "Failed"}`, 200) // before it had anything
	if got := b.history(id); got != "Creating Failed ResourceAllocateFailed" {
		t.Error(got)
	}
	b.call("POST", "/jobs/"+id+"/status", `{"status": "Running"}`, 409)
	b.call("POST", "/jobs/dlc0000000000000/status", `{"status": "Running"}`, 404)
	id = b.create("a", "sleep 600")
	b.call("POST", "/jobs/"+id+"/status", `{"status": "Running"}`, 200)
	for body, want := range map[string]int{`{"status": "Queuing"}`: 409, `{"status": "Creating"}`: 409, `{"status": "Bidding"}`: 409, `{"status": "EnvPreparing"}`: 409, `{"status": "Sleeping"}`: 400, `{}`: 400,
		`{"status": "Restarting", "exitCode": 0}`: 400, `{"status": "Failed", "exitCode": 256}`: 400, `{"status": "Failed", "for": "1m"}`: 400, `{"status": "Running", "for": "long"}`: 400,
		`{"status": "Running", "simulated": "-1s"}`: 400, `{"status": "Running", "history": [{"status": "Running"}]}`: 400, `{"status": "Running", "history": [{"status": "Asleep", "for": "1s"}]}`: 400,
		`{"status": "Running", "history": [{"status": "Queuing", "for": "1s"}]}`: 409, `{"status": "Running", "history": [{"status": "Queuing", "for": "1s"}, {"status": "Running", "for": "1s"}]}`: 409,
		`{"status": "Running", "history": [{"status": "Queuing", "for": "1s", "exitCode": 999}]}`: 400, `{"status": "Running", "history": ` + manyStatuses(1001) + `}`: 400} {
		b.call("POST", "/jobs/"+id+"/status", body, want)
	}
}

func manyStatuses(n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(`{"status": "Running", "for": "1s"},`, n), ",") + "]"
}

// A job with a past is listed, counted and timed as if it had had it.
func TestAWishedHistory(t *testing.T) {
	b := start(t, "paused")
	id := b.create("old", "python train.py")
	b.call("POST", "/jobs/"+id+"/status", `{"status": "Failed", "history": [{"status": "Creating", "for": "2s"}, {"status": "Queuing", "for": "1h"}, {"status": "EnvPreparing", "for": "10s"},
		{"status": "Running", "for": "2h"}, {"status": "Restarting", "for": "1m", "exitCode": 137}, {"status": "Running", "for": "30m"}, {"status": "Failed", "for": "192h", "exitCode": 139}]}`, 200)
	if n := b.dlc("GET", "/jobs", "", 200)["TotalCount"]; n != 0.0 {
		t.Errorf("it is %v of the last seven days", n)
	}
	job := b.dlc("GET", "/jobs?StartTime=2026-02-01T00:00:00Z", "", 200)["Jobs"].([]any)[0].(map[string]any)
	if job["Status"] != "Failed" || job["RestartTimes"] != "1" || job["Duration"] != 2*3600.0+60+1800 || !strings.HasPrefix(job["GmtCreateTime"].(string), "2026-02-20T20:") {
		t.Error(job["Status"], job["RestartTimes"], job["Duration"], job["GmtCreateTime"])
	}
	detail := b.dlc("GET", "/jobs/"+id, "", 200)
	pod := detail["Pods"].([]any)[0].(map[string]any)
	if pod["Status"] != "Failed" || len(pod["HistoryPods"].([]any)) != 1 || len(detail["RestartRecord"].([]any)) != 1 {
		t.Error(pod)
	}
	logs := b.dlc("GET", "/jobs/"+id+"/pods/"+id+"-worker-0/logs?StartTime=2026-02-01T00:00:00Z", "", 200)["Logs"].([]any)
	if len(logs) < 100 || !strings.HasSuffix(logs[len(logs)-1].(string), "exit code 139") {
		t.Errorf("%d lines, the last is %v", len(logs), logs[len(logs)-1])
	}
}

func TestSpot(t *testing.T) {
	b := start(t, "paused")
	submit := func(name, more string) string {
		t.Helper()
		id, _ := b.dlc("POST", "/jobs", `{"DisplayName": "`+name+`", "JobType": "PyTorchJob", "UserCommand": "sleep 600", "JobSpecs": [{"Type": "Worker", "PodCount": 4,
			"EcsSpec": "ecs.ebmgn6i.24xlarge", "SpotSpec": {"SpotStrategy": "SpotWithPriceLimit", "SpotDiscountLimit": 0.5}}]`+more+`}`, 200)["JobId"].(string)
		return id
	}
	first := submit("first", `, "Settings": {"EnableErrorMonitoringInAIMaster": true, "ErrorMonitoringArgs": "--enable-job-restart"}`)
	b.call("POST", "/clock/advance", `{"by": "1m"}`, 200)
	second := submit("second", "")
	b.call("POST", "/clock/advance", `{"by": "1m"}`, 200)
	if got := b.history(second); got != "Creating Bidding" {
		t.Error(got)
	}
	if list := b.dlc("GET", "/jobs?Status=Bidding&PaymentType=Spot", "", 200); list["TotalCount"] != 1.0 {
		t.Error(list)
	}
	b.call("POST", "/jobs/"+second+"/reclaim", "", 409) // it has nothing
	b.call("POST", "/changes", `{"in": "10s", "job": "`+first+`", "do": "reclaim"}`, 200)
	b.call("POST", "/clock/advance", `{"by": "20s"}`, 200)
	if got := b.history(first); !strings.HasPrefix(got, "Creating Bidding EnvPreparing Running Restarting") {
		t.Error(got)
	}
	b.call("POST", "/wait", `{"jobs": ["`+first+`", "`+second+`"], "status": "Succeeded"}`, 200)
	third := submit("third", "")
	b.call("POST", "/wait", `{"job": "`+third+`", "status": "Running"}`, 200)
	b.call("POST", "/jobs/"+third+"/reclaim", "", 200)
	if got := b.history(third); got != "Creating Bidding EnvPreparing Running Failed SpotReclaimed" {
		t.Error(got)
	}
	b.call("POST", "/jobs/"+third+"/reclaim", "", 409)
	b.call("POST", "/jobs/"+b.create("usual", "sleep 60")+"/reclaim", "", 409)
}

func TestPlannedChangesOfJobs(t *testing.T) {
	b := start(t, "paused")
	ids := map[string]string{}
	for _, do := range []string{"stop", "exit", "preempt", "hang", "priority"} {
		ids[do] = b.create(do, "sleep 600")
		body := `{"in": "5m", "job": "` + ids[do] + `", "do": "` + do + `"}`
		switch do {
		case "exit":
			body = `{"in": "5m", "job": "` + ids[do] + `", "do": "exit", "code": 7}`
		case "priority":
			body = `{"at": "2026-03-01T00:05:00Z", "set": "jobs.` + ids[do] + `.priority", "to": 7}`
		}
		b.call("POST", "/changes", body, 200)
	}
	list := b.call("GET", "/changes", "", 200)["changes"].([]any)
	if len(list) != 5 || list[0].(map[string]any)["job"] != ids["stop"] || list[4].(map[string]any)["set"] != "jobs."+ids["priority"]+".priority" || list[0].(map[string]any)["done"] != false {
		t.Error(list)
	}
	b.call("POST", "/clock/advance", `{"by": "299s"}`, 200)
	for do, id := range ids {
		if got := b.history(id); got != "Creating Queuing EnvPreparing Running" {
			t.Error(do, got)
		}
	}
	b.call("POST", "/clock/advance", `{"by": "1201s"}`, 200)
	want := map[string]string{"stop": "Creating Queuing EnvPreparing Running Stopping Stopped JobStoppedByUser", "exit": "Creating Queuing EnvPreparing Running Failed JobFailed",
		"preempt": "Creating Queuing EnvPreparing Running Restarting EnvPreparing Running Succeeded JobSucceeded", "hang": "Creating Queuing EnvPreparing Running",
		"priority": "Creating Queuing EnvPreparing Running Succeeded JobSucceeded"}
	for do, id := range ids {
		if got := b.history(id); got != want[do] {
			t.Errorf("%s: %s, want %s", do, got, want[do])
		}
	}
	if got := b.dlc("GET", "/jobs/"+ids["priority"], "", 200)["Priority"]; got != 7.0 {
		t.Error(got)
	}
	if list := fmt.Sprint(b.call("GET", "/changes", "", 200)["changes"]); strings.Contains(list, "done:false") {
		t.Error(list)
	}
	id := ids["hang"]
	for body, status := range map[string]int{`{"in": "1m", "job": "` + id + `"}`: 400, `{"in": "1m", "job": "` + id + `", "do": "up"}`: 400, `{"in": "1m", "job": "` + id + `", "do": "exit"}`: 400,
		`{"in": "1m", "job": "` + id + `", "do": "stop", "code": 1}`: 400, `{"in": "1m", "job": "` + id + `", "do": "stop", "to": 1}`: 400, `{"in": "1m"}`: 400,
		`{"in": "1m", "set": "policy.order", "to": 1}`: 400, `{"in": "1m", "set": "jobs.` + id + `.priority"}`: 400, `{"in": "1m", "set": "jobs.` + id + `.priority", "to": 10}`: 400,
		`{"in": "1m", "set": "jobs.` + id + `.priority", "to": "nine"}`: 400, `{"in": "1m", "job": "` + id + `", "set": "jobs.` + id + `.priority", "to": 1}`: 400,
		`{"in": "0s", "job": "` + id + `", "do": "stop"}`: 409, `{"in": "1m", "job": "dlc0000000000000", "do": "stop"}`: 404, `{"in": "1m", "job": "` + ids["stop"] + `", "do": "stop"}`: 409} {
		b.call("POST", "/changes", body, status)
	}
}

// What is kept of a call does not grow with it.
func TestLongCallsInTheLog(t *testing.T) {
	b := start(t, "paused")
	long := strings.Repeat("x", 60_000)
	b.dlc("POST", "/jobs", `{"DisplayName": "`+long+`"}`, 400)
	b.dlc("GET", "/jobs?DisplayName="+long[:20_000], "", 200)
	for _, r := range b.call("GET", "/requests", "", 200)["requests"].([]any) {
		call := r.(map[string]any)
		job, _ := call["job"].(string)
		query, _ := call["query"].(string)
		if len(job)+len(query) > 1100 || len(job)+len(query) < 1000 {
			t.Errorf("%d and %d bytes are kept", len(job), len(query))
		}
	}
	b.call("GET", "/requests?operation=%5B", "", 400)
}

// Latency, a lost answer and a refusal, before and after the effect.
func TestFaultsBeforeAndAfter(t *testing.T) {
	b := start(t, "paused")
	id := b.create("a", "sleep 600")
	b.call("POST", "/wait", `{"job": "`+id+`", "status": "Running"}`, 200)
	for _, tc := range []struct {
		fault, status string
		want          int
	}{
		{`{"operation": "StopJob", "status": 500, "when": "before"}`, "Running", 500}, {`{"operation": "StopJob", "status": 429, "code": "Throttling.User", "latency": "1ms"}`, "Running", 429},
		{`{"operation": "StopJob", "latency": "1ms", "when": "after", "status": 504}`, "Stopping", 504}, {`{"operation": "StopJob", "latency": "1ms"}`, "Stopping", 200},
	} {
		b.call("POST", "/faults", tc.fault, 200)
		b.dlc("POST", "/jobs/"+id+"/stop", "", tc.want)
		if got := b.dlc("GET", "/jobs/"+id, "", 200)["Status"]; got != tc.status {
			t.Errorf("%s: it is %v, want %s", tc.fault, got, tc.status)
		}
		b.call("DELETE", "/faults", "", 200)
	}
	calls := b.call("GET", "/requests?operation=StopJob", "", 200)["requests"].([]any)
	if len(calls) != 4 || calls[2].(map[string]any)["status"] != 504.0 || calls[2].(map[string]any)["fault"] != 3.0 {
		t.Error(calls)
	}
}
