package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/contract"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

type object = map[string]any

// cloud is one API as the others see it: how a job is created, read, stopped and listed, and what its statuses are called.
type cloud struct {
	*contract.Bench
	name    string
	create  func(command string) string // an id
	status  func(id string) string
	stop    func(id string) int // the answer's status
	remove  func(id string) int
	ids     func() map[string]string // of all jobs, by the name of the job
	running string
	stopped string
	done    string
}

const pool = "?resourcePoolId=cce-orrery01"

// clouds are the three APIs on one port.
func clouds(t *testing.T, extra ...string) []*cloud {
	t.Helper()
	dlc := &cloud{Bench: contract.Start(t, "paidlc/pai-dlc.openapi.json", []string{"DataSources"}, extra...), name: "dlc", running: "Running", stopped: "Stopped", done: "Succeeded"}
	baidu := &cloud{Bench: dlc.Beside("aihc/aihc.openapi.json", []string{"options", "labels", "annotations"}), name: "aihc", running: "Running", stopped: "ManualTermination", done: "Succeeded"}
	huawei := &cloud{Bench: dlc.Beside("modelarts/modelarts.openapi.json", nil), name: "modelarts", running: "Running", stopped: "Terminated", done: "Completed"}

	dlc.create = func(command string) string {
		return dlc.OK("POST", "/api/v1/jobs", object{"DisplayName": "dlc-job", "JobType": "PyTorchJob", "UserCommand": command, "JobSpecs": []object{{"Type": "Worker", "PodCount": 2,
			"EcsSpec": "ecs.gn6i-c4g1.xlarge", "Image": "i"}}})["JobId"].(string)
	}
	dlc.status = func(id string) string { return dlc.OK("GET", "/api/v1/jobs/"+id, nil)["Status"].(string) }
	dlc.stop = func(id string) int { return dlc.Call("POST", "/api/v1/jobs/"+id+"/stop", nil).Status }
	dlc.remove = func(id string) int { return dlc.Call("DELETE", "/api/v1/jobs/"+id, nil).Status }
	dlc.ids = func() map[string]string {
		return idsOf(dlc.OK("GET", "/api/v1/jobs?ShowOwn=false&PageSize=100", nil)["Jobs"], func(j object) (any, any) { return j["DisplayName"], j["JobId"] })
	}

	baidu.create = func(command string) string {
		return baidu.OK("POST", "/api/v1/aijobs"+pool, object{"name": "aihc-job", "jobSpec": object{"command": command, "image": "i", "replicas": 2,
			"resources": []object{{"name": "baidu.com/t4_cgpu", "quantity": 1}}}})["result"].(object)["jobId"].(string)
	}
	baidu.status = func(id string) string {
		return baidu.OK("GET", "/api/v1/aijobs/"+id+pool, nil)["result"].(object)["status"].(string)
	}
	baidu.stop = func(id string) int { return baidu.Call("POST", "/api/v1/aijobs/"+id+"/stop"+pool, nil).Status }
	baidu.remove = func(id string) int { return baidu.Call("DELETE", "/api/v1/aijobs/"+id+pool, nil).Status }
	baidu.ids = func() map[string]string {
		return idsOf(baidu.OK("GET", "/api/v1/aijobs"+pool+"&pageSize=1000", nil)["result"].(object)["jobs"], func(j object) (any, any) { return j["name"], j["jobId"] })
	}

	const jobs = "/v2/p/training-jobs"
	raw := func(method, target string, body any) *contract.Answer {
		_, a := huawei.Send(method, target, huawei.Bytes(body))
		return a
	}
	huawei.create = func(command string) string {
		return raw("POST", jobs, object{"kind": "job", "metadata": object{"name": "modelarts-job"}, "algorithm": object{"command": command},
			"spec": object{"resource": object{"flavor_id": "modelarts.vm.pnt1.large.eco", "node_count": 2}}}).Body["metadata"].(object)["id"].(string)
	}
	huawei.status = func(id string) string {
		return raw("GET", jobs+"/"+id, nil).Body["status"].(object)["phase"].(string)
	}
	huawei.stop = func(id string) int {
		return raw("POST", jobs+"/"+id+"/actions", object{"action_type": "terminate"}).Status
	}
	huawei.remove = func(id string) int { return raw("DELETE", jobs+"/"+id, nil).Status }
	huawei.ids = func() map[string]string {
		all := map[string]string{}
		for page := 0; ; page++ {
			items := huawei.OK("POST", "/v2/p/training-job-searches", object{"offset": page})["items"].([]any)
			for name, id := range idsOf(items, func(j object) (any, any) { m := j["metadata"].(object); return m["name"], m["id"] }) {
				all[name] = id
			}
			if len(items) == 0 {
				return all
			}
		}
	}
	return []*cloud{dlc, baidu, huawei}
}

func idsOf(list any, of func(object) (name, id any)) map[string]string {
	out := map[string]string{}
	for _, j := range list.([]any) {
		name, id := of(j.(object))
		out[name.(string)] = id.(string)
	}
	return out
}

// A job that is created through one API is seen through the others, stopped through any of them, and ends once.
func TestOneJobThroughThreeAPIs(t *testing.T) {
	all := clouds(t)
	for round := range 2 {
		for _, from := range all {
			for _, by := range all {
				own := from.create("sleep 36000")
				from.Advance(60 * s)
				name := from.name + "-job"
				for _, c := range all {
					id, ok := c.ids()[name]
					if !ok {
						t.Fatalf("%s does not list the job of %s", c.name, from.name)
					}
					if got := c.status(id); got != c.running {
						t.Errorf("%s says that the job of %s is %s", c.name, from.name, got)
					}
				}
				if got := by.stop(by.ids()[name]); got >= 300 {
					t.Fatalf("%s cannot stop the job of %s: %d", by.name, from.name, got)
				}
				from.Advance(60 * s)
				for _, c := range all {
					id := c.ids()[name]
					if got := c.status(id); got != c.stopped {
						t.Errorf("stopped through %s, the job of %s is %s for %s", by.name, from.name, got, c.name)
					}
					if got := c.stop(id); got != 400 {
						t.Errorf("%s stops a job that has ended: %d", c.name, got)
					}
				}
				if own != from.ids()[name] {
					t.Errorf("%s lists its job %s as %s", from.name, own, from.ids()[name])
				}
				if got := by.remove(by.ids()[name]); got >= 300 {
					t.Errorf("%s cannot delete the job of %s: %d", by.name, from.name, got)
				}
				for _, c := range all {
					if id, ok := c.ids()[name]; ok {
						t.Errorf("deleted through %s, the job of %s is %s for %s", by.name, from.name, id, c.name)
					}
				}
			}
		}
		if n := len(all[0].Ends.Count); n != 9*(round+1) {
			t.Errorf("%d jobs ended in %d rounds", n, round+1)
		}
	}
	for job, n := range all[0].Ends.Count {
		if n != 1 {
			t.Errorf("job %d ended %d times", job, n)
		}
	}
}

// A recorded workload is watched with any of the three clients: the same jobs, the same instants, the same ends.
func TestARecordedWorkloadThroughThreeAPIs(t *testing.T) {
	all := clouds(t, "workload: {generator: {preset: philly, jobs: 60}, queue: quotaorrery0dev}")
	all[0].Advance(3 * 3600 * s)
	want := all[0].ids()
	if len(want) < 20 {
		t.Fatalf("%d jobs", len(want))
	}
	alike := map[string][2][]string{"Creating": {{"Created"}, {"Creating"}}, "Queuing": {{"Created"}, {"Pending"}}, "EnvPreparing": {{"Pending"}, {"Pending"}}, "Running": {{"Running"}, {"Running"}},
		"Restarting": {{"Restarting"}, {"Pending", "Running"}}, "Succeeded": {{"Succeeded"}, {"Completed"}}, "Failed": {{"Failed"}, {"Failed", "Abnormal"}}, "Stopped": {{"Failed", "ManualTermination"}, {"Terminated"}}}
	seen := map[string]bool{}
	for i, c := range all[1:] {
		ids := c.ids()
		if len(ids) != len(want) {
			t.Fatalf("%s lists %d jobs, want %d", c.name, len(ids), len(want))
		}
		for name, id := range ids {
			there := all[0].status(want[name])
			seen[there] = true
			if got := c.status(id); !strings.Contains(fmt.Sprint(alike[there][i]), got) {
				t.Errorf("job %s is %s for DLC and %s for %s", name, there, got, c.name)
			}
		}
	}
	if !seen["Running"] || !seen["Succeeded"] {
		t.Errorf("the workload shows %v only", seen)
	}
}

// What a job does reads alike: its command, image, environment and output.
func TestWhatOthersSeeOfAJob(t *testing.T) {
	all := clouds(t)
	dlc, baidu, huawei := all[0], all[1], all[2]
	for _, c := range all {
		c.create("python train.py")
	}
	dlc.Advance(60 * s)
	for name, id := range dlc.ids() {
		j := dlc.OK("GET", "/api/v1/jobs/"+id, nil)
		if j["UserCommand"] != "python train.py" {
			t.Errorf("%s: %v", name, j["UserCommand"])
		}
		pod := j["Pods"].([]any)[0].(object)["PodId"].(string)
		lines := dlc.OK("GET", "/api/v1/jobs/"+id+"/pods/"+pod+"/logs", nil)["Logs"].([]any)
		theirs := baidu.ids()[name]
		b := baidu.OK("GET", "/api/v1/aijobs/"+theirs+pool, nil)["result"].(object)
		if b["command"] != "python train.py" || b["replicas"] != 2.0 || b["resources"].([]any)[0].(object)["name"] != "baidu.com/t4_cgpu" {
			t.Errorf("%s: %v", name, b)
		}
		first := b["podList"].(object)["pods"].([]any)[0].(object)["objectMeta"].(object)["name"].(string)
		log := baidu.OK("GET", "/api/v1/aijobs/"+theirs+"/pods/"+first+"/logs"+pool, nil)["result"].(object)["logs"].([]any)[0].(string)
		_, a := huawei.Send("GET", "/v2/p/training-jobs/"+huawei.ids()[name], nil)
		if err := huawei.Doc.Components.Schemas["JobResponse"].Value.VisitJSON(any(a.Body)); err != nil {
			t.Error(err)
		}
		task := a.Body["status"].(object)["tasks"].([]any)[0].(string)
		_, preview := huawei.Send("GET", "/v2/p/training-jobs/"+huawei.ids()[name]+"/tasks/"+task+"/logs/preview", nil)
		third := strings.Split(strings.TrimSpace(preview.Body["content"].(string)), "\n")
		if last := lines[len(lines)-1].(string); !strings.Contains(last, "loss") || !strings.HasSuffix(log, last) || third[len(third)-1] != last {
			t.Errorf("%s:\n%s\n%s\n%s", name, last, log, third[len(third)-1])
		}
	}
}
