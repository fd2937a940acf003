package paidlc_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/sim/state"
)

func TestStatuses(t *testing.T) {
	b := start(t)
	minutes := func(n int64) state.Time { return state.Time(n) * 60 * s }
	settings := func(kv ...any) func(object) {
		o := object{}
		for i := 0; i < len(kv); i += 2 {
			o[kv[i].(string)] = kv[i+1]
		}
		return with("Settings", o)
	}
	for _, tc := range []struct {
		name, want, reason string
		job                object
		after              state.Time
	}{
		{"runs through", "Creating Queuing EnvPreparing Running Succeeded", "JobSucceeded", job("sleep 30"), minutes(3)},
		{"fails", "Creating Queuing EnvPreparing Running Failed", "JobFailed", job("exit 3"), minutes(3)},
		{"is checked", "Creating Queuing EnvPreparing SanityChecking Running Succeeded", "JobSucceeded", job("sleep 30", settings("EnableSanityCheck", true)), minutes(9)},
		{"is being checked", "Creating Queuing EnvPreparing SanityChecking", "", job("sleep 30", settings("EnableSanityCheck", true)), 60 * s},
		{"a CPU job is not checked", "Creating Queuing EnvPreparing Running Succeeded", "JobSucceeded",
			job("sleep 30", settings("EnableSanityCheck", true), inSpec("EcsSpec", "ecs.g6.large")), minutes(9)},
		{"runs too long", "Creating Queuing EnvPreparing Running Stopped", "JobMaxRunningTimeExceeded", job("sleep 300", with("JobMaxRunningTimeMinutes", 2)), minutes(9)},
		{"restarts and gives up", "Creating Queuing EnvPreparing Running Restarting Running Restarting Running Failed", "JobFailed",
			job("exit 137", settings("EnableErrorMonitoringInAIMaster", true, "ErrorMonitoringArgs", "--enable-job-restart=True --max-num-of-job-restart=2")), minutes(9)},
		{"monitored without restarts", "Creating Queuing EnvPreparing Running Failed", "JobFailed", job("exit 137", settings("EnableErrorMonitoringInAIMaster", true)), minutes(9)},
		{"restarts and goes on", "Creating Queuing EnvPreparing Running Restarting Running Succeeded", "JobSucceeded",
			job("sleep 60", inSpec("RestartPolicy", "OnFailure"), with("Envs", object{"ORRERY_FAIL_AT": "0.5", "ORRERY_FAIL_TIMES": "1"})), minutes(9)},
		{"an exit code that is not retried", "Creating Queuing EnvPreparing Running Failed", "JobFailed", job("exit 1", inSpec("RestartPolicy", "ExitCode")), minutes(9)},
		{"reserves", "Creating Queuing EnvPreparing Running SucceededReserving", "JobSucceeded", job("sleep 30", settings("JobReservedMinutes", 30)), minutes(9)},
		{"reserved", "Creating Queuing EnvPreparing Running FailedReserving Failed", "JobFailed", job("exit 1", settings("JobReservedMinutes", 3, "JobReservedPolicy", "OnFailure")), minutes(9)},
		{"reserves only success", "Creating Queuing EnvPreparing Running Failed", "JobFailed", job("exit 1", settings("JobReservedMinutes", 3, "JobReservedPolicy", "OnSucceed")), minutes(9)},
		{"waits", "Creating Queuing", "", job("sleep 30", inSpec("EcsSpec", "ecs.ebmgn7e.32xlarge"), inSpec("PodCount", 2), with("DisplayName", "holds")), 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.after == 0 { // both machines of its kind are taken
				holder := b.create(job("sleep infinity", inSpec("EcsSpec", "ecs.gn7e-c16g1.4xlarge"), inSpec("PodCount", 16)))
				b.Advance(60 * s)
				defer b.OK("POST", "/api/v1/jobs/"+holder+"/stop", nil)
				tc.after = minutes(1)
			}
			id := b.create(tc.job)
			b.Advance(tc.after)
			got := b.get(id)
			code, _ := got["ReasonCode"].(string)
			if statuses(got) != tc.want || code != tc.reason {
				t.Errorf("%s (%s), want %s (%s)", statuses(got), code, tc.want, tc.reason)
			}
			if last := strings.Fields(tc.want); got["Status"] != last[len(last)-1] {
				t.Errorf("status %v", got["Status"])
			}
		})
	}
}

func TestStopInEveryStatus(t *testing.T) {
	b := start(t)
	long := job("sleep 600", with("Settings", object{"EnableSanityCheck": true, "JobReservedMinutes": 60}), inSpec("PodCount", 1))
	for _, tc := range []struct {
		at   string
		wait state.Time
	}{{"Creating", 0}, {"EnvPreparing", 4 * s}, {"SanityChecking", 60 * s}, {"Running", 200 * s}, {"SucceededReserving", 900 * s}} {
		id := b.create(long)
		b.Advance(tc.wait)
		if got := b.get(id)["Status"]; got != tc.at {
			t.Errorf("status %v, want %s", got, tc.at)
		}
		b.OK("POST", "/api/v1/jobs/"+id+"/stop", nil)
		b.Advance(60 * s)
		got := b.get(id)
		if h := statuses(got); !strings.HasSuffix(h, tc.at+" Stopping Stopped") || got["ReasonCode"] != "JobStoppedByUser" || got["GmtStoppedTime"] == nil || got["GmtFinishTime"] == nil {
			t.Errorf("stopped in %s: %s %v", tc.at, h, got)
		}
		b.refused("POST", "/api/v1/jobs/"+id+"/stop", nil, 400, "BadRequest", "has ended")
		b.OK("DELETE", "/api/v1/jobs/"+id, nil)
		b.refused("DELETE", "/api/v1/jobs/"+id, nil, 404, "NotFound", id)
	}
}

func TestPods(t *testing.T) {
	b := start(t)
	id := b.create(job("sleep 60", with("JobSpecs", []object{
		{"Type": "Master", "PodCount": 1, "EcsSpec": "ecs.gn7e-c16g1.4xlarge", "Image": "i"}, {"Type": "Worker", "PodCount": 2, "EcsSpec": "ecs.gn7e-c16g1.4xlarge", "Image": "i"},
		{"Type": "Worker", "EcsSpec": "ecs.g6.large", "Image": "i"}}),
		with("Settings", object{"EnableErrorMonitoringInAIMaster": true, "ErrorMonitoringArgs": "--enable-job-restart"}), with("Envs", object{"ORRERY_FAIL_AT": "0.5", "ORRERY_FAIL_TIMES": "1"})))
	if got := b.get(id); got["Pods"] != nil {
		t.Errorf("a job that has no resources has pods: %v", got["Pods"])
	}
	b.Advance(5 * s)
	for i, p := range b.get(id)["Pods"].([]any) {
		if status := p.(map[string]any)["Status"]; status != "Pending" {
			t.Errorf("pod %d is %v", i, status)
		}
	}
	b.Advance(600 * s)
	got := b.get(id)
	var names []string
	uids := map[any]bool{}
	for _, p := range got["Pods"].([]any) {
		pod := p.(map[string]any)
		names = append(names, strings.TrimPrefix(pod["PodId"].(string), id+"-"))
		old := pod["HistoryPods"].([]any)[0].(map[string]any)
		if pod["Status"] != "Succeeded" || old["Status"] != "Failed" || old["PodId"] != pod["PodId"] || uids[pod["PodUid"]] || uids[old["PodUid"]] || old["PodUid"] == pod["PodUid"] {
			t.Errorf("pod %v after %v", pod, old)
		}
		uids[pod["PodUid"]], uids[old["PodUid"]] = true, true
		if ok, _ := regexp.MatchString(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, pod["PodUid"].(string)); !ok {
			t.Errorf("PodUid %v", pod["PodUid"])
		}
	}
	if all := strings.Join(names, " "); all != "master-0 worker-0 worker-1 worker-2" {
		t.Error(all)
	}
	record := got["RestartRecord"].([]any)[0].(map[string]any)
	if got["RestartTimes"] != "1" || record["RestartDurationInSec"] != 30.0 || record["RestartStatus"] != "Succeeded" {
		t.Errorf("restarts %v: %v", got["RestartTimes"], record)
	}
	if brief := b.OK("GET", "/api/v1/jobs/"+id+"?NeedDetail=false", nil); brief["Pods"] != nil || brief["StatusHistory"] != nil || brief["Status"] != "Succeeded" {
		t.Errorf("without details: %v", brief)
	}
	b.refused("GET", "/api/v1/jobs/"+id+"?NeedDetail=maybe", nil, 400, "InvalidParameter", "NeedDetail", "maybe")
	for _, none := range []string{"dlc0000000000000", "nonsense", id + "x", strings.ToUpper(id)} {
		b.refused("GET", "/api/v1/jobs/"+none, nil, 404, "NotFound", none)
		b.refused("POST", "/api/v1/jobs/"+none+"/stop", nil, 404, "NotFound", none)
	}
}

func TestWhatARequestSaysComesBack(t *testing.T) {
	b := start(t)
	body := job("sleep 60", with("Priority", 7), with("WorkspaceId", "268"), with("ResourceId", "quotaorrery0train"), with("ThirdpartyLibs", []string{"numpy"}),
		with("UserVpc", object{"VpcId": "vpc-1", "ExtendedCIDRs": []string{"10.0.0.0/8"}}), with("CodeSource", object{"CodeSourceId": "code-1", "Branch": "main"}),
		with("DataSources", []object{{"DataSourceId": "d-1", "MountPath": "/data"}}), with("ElasticSpec", object{"EnableElasticTraining": false, "MaxParallelism": 4}),
		with("CustomEnvs", []object{{"Key": "k", "Value": "v", "Visible": "true"}}), with("Settings", object{"Tags": object{"team": "a"}, "AdvancedSettings": object{"x": []int{1}}}),
		inSpec("EcsSpec", nil), inSpec("ResourceConfig", object{"CPU": "8", "Memory": "32Gi", "GPU": "1", "GPUType": "A800-80"}), with("FromTheFuture", object{"a": 1}))
	got := b.get(b.create(body))
	for key, want := range map[string]string{
		"Priority": "7", "WorkspaceId": "268", "ResourceId": "quotaorrery0train", "ThirdpartyLibs": "[numpy]", "UserVpc": "map[ExtendedCidrs:[10.0.0.0/8] VpcId:vpc-1]",
		"CodeSource": "map[Branch:main CodeSourceId:code-1]", "DataSources": "[map[DataSourceId:d-1 MountPath:/data]]",
		"ElasticSpec": "map[EnableElasticTraining:false MaxParallelism:4]", "CustomEnvs": "[map[Key:k Value:v Visible:true]]",
		"Settings": "map[AdvancedSettings:map[x:[1]] Tags:map[team:a]]", "Accessibility": "PRIVATE", "FromTheFuture": "<nil>",
		"JobSpecs": "[map[Image:registry/image:1 PodCount:2 ResourceConfig:map[CPU:8 GPU:1 GPUType:A800-80 Memory:32Gi] Type:Worker]]",
	} {
		if s := fmt.Sprint(got[key]); s != want {
			t.Errorf("%s: %s, want %s", key, s, want)
		}
	}
}

func TestCreateIsRefused(t *testing.T) {
	b := start(t)
	for _, tc := range []struct {
		name, code, says string
		body             any
	}{
		{"nothing", "MissingParameter", "body", ""},
		{"no JSON", "InvalidParameter", "no JSON", "{"},
		{"two values", "InvalidParameter", "more than one", "{} {}"},
		{"a list", "InvalidParameter", "got a JSON array, want an object", "[]"},
		{"no name", "MissingParameter", "DisplayName", job("true", with("DisplayName", ""))},
		{"a long name", "InvalidParameter", "257 characters", job("true", with("DisplayName", strings.Repeat("a", 257)))},
		{"a name with a space", "InvalidParameter", `DisplayName: got "a b"`, job("true", with("DisplayName", "a b"))},
		{"no type", "MissingParameter", "JobType", job("true", with("JobType", nil))},
		{"a type in small letters", "InvalidParameter", "capitals count", job("true", with("JobType", "pytorchjob"))},
		{"no roles", "MissingParameter", "JobSpecs", job("true", with("JobSpecs", []object{}))},
		{"no command", "MissingParameter", "UserCommand", job("")},
		{"priority", "InvalidParameter", "Priority: got 10, want 1 to 9", job("true", with("Priority", 10))},
		{"priority as a text", "InvalidParameter", "Priority: got a JSON string, want a whole number", job("true", with("Priority", "5"))},
		{"pods as a text", "InvalidParameter", "JobSpecs.PodCount: got a JSON string", job("true", inSpec("PodCount", "2"))},
		{"no pods", "InvalidParameter", "JobSpecs[0].PodCount: got 0", job("true", inSpec("PodCount", 0))},
		{"no size", "MissingParameter", "JobSpecs[0].EcsSpec", job("true", inSpec("EcsSpec", nil))},
		{"two sizes", "InvalidParameter", "got both", job("true", inSpec("ResourceConfig", object{"CPU": "1"}))},
		{"unknown size", "InvalidParameter", `did you mean "ecs.gn6i-c4g1.xlarge"?`, job("true", inSpec("EcsSpec", "ecs.gn6i-c4g1.xlarg"))},
		{"a size of no node", "InvalidParameter", "ecs.gn6v", job("true", inSpec("EcsSpec", "ecs.gn6v-c8g1.2xlarge"))},
		{"memory", "InvalidParameter", "JobSpecs[0].ResourceConfig.Memory", job("true", inSpec("EcsSpec", nil), inSpec("ResourceConfig", object{"Memory": "much"}))},
		{"GPU type", "InvalidParameter", "A800-80", job("true", inSpec("EcsSpec", nil), inSpec("ResourceConfig", object{"GPU": "1", "GPUType": "H100"}))},
		{"nothing asked", "InvalidParameter", "asks for nothing", job("true", inSpec("EcsSpec", nil), inSpec("ResourceConfig", object{}))},
		{"quota", "InvalidParameter", `ResourceId: got "quotanone"`, job("true", with("ResourceId", "quotanone"))},
		{"environment", "InvalidParameter", `Envs.ORRERY_DURATION: got "soon"`, job("true", with("Envs", object{"ORRERY_DURATION": "soon"}))},
		{"access", "InvalidParameter", "Accessibility", job("true", with("Accessibility", "public"))},
		{"limit", "InvalidParameter", "JobMaxRunningTimeMinutes", job("true", with("JobMaxRunningTimeMinutes", 0))},
		{"reserve", "InvalidParameter", "Settings.JobReservedPolicy", job("true", with("Settings", object{"JobReservedPolicy": "Never"}))},
		{"restart", "InvalidParameter", "JobSpecs[0].RestartPolicy", job("true", inSpec("RestartPolicy", "Sometimes"))},
		{"bids", "InvalidParameter", "want one of them", job("true", inSpec("SpotSpec", object{"SpotDiscountLimit": 0.8, "SpotPriceLimit": 0.4}))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b.T = t
			b.refused("POST", "/api/v1/jobs", tc.body, 400, tc.code, tc.says)
		})
	}
	b.T = t
	b.refused("POST", "/api/v1/jobs", job("true", with("Options", strings.Repeat("x", 70_000))), 413, "RequestEntityTooLarge", "65536")
	if list := b.OK("GET", "/api/v1/jobs?ShowOwn=false", nil); list["TotalCount"] != 0.0 {
		t.Errorf("refused jobs are listed: %v", list)
	}
}

// The README shows the id of a first job: ids follow from the seed and the number of the command.
func TestTheReadmesJob(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if id := start(t).create(job("sleep 60; exit 3")); !strings.Contains(string(readme), "/api/v1/jobs/"+id+" ") {
		t.Errorf("the README does not show the first job's id, %s", id)
	}
}
