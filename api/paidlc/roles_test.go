package paidlc_test

import (
	"fmt"
	"strings"
	"testing"
)

// podTimes are status, seconds from the job's first running to the pod's, and seconds that the pod ran, by pod.
func (b *bench) podTimes(id string) map[string]string {
	b.T.Helper()
	job := b.get(id)
	out := map[string]string{}
	for _, p := range job["Pods"].([]any) {
		pod := p.(map[string]any)
		out[strings.TrimPrefix(pod["PodId"].(string), id+"-")] = fmt.Sprintf("%v %v", pod["Status"], pod["Duration"])
	}
	return out
}

func roles(specs ...object) func(object) { return with("JobSpecs", specs) }

func role(name string, more ...any) object {
	o := object{"Type": name, "PodCount": 1, "EcsSpec": "ecs.g6.large", "Image": "i"}
	for i := 0; i < len(more); i += 2 {
		o[more[i].(string)] = more[i+1]
	}
	return o
}

func TestSuccessPolicy(t *testing.T) {
	b := start(t)
	envs := with("Envs", object{"ORRERY_DURATION_CHIEF": "60s", "ORRERY_DURATION_WORKER": "200s", "ORRERY_DURATION": "500s"})
	four := roles(role("Chief"), role("PS"), role("Worker"), role("Evaluator"))
	chief := b.create(job("python train.py", with("JobType", "TFJob"), envs, four, with("SuccessPolicy", "ChiefWorker")))
	all := b.create(job("python train.py", with("JobType", "TFJob"), envs, four, with("SuccessPolicy", "AllWorkers")))
	none := b.create(job("python train.py", with("JobType", "TFJob"), envs, four))
	first := b.create(job("python train.py", with("JobType", "TFJob"), envs, roles(role("PS"), role("Worker")), with("SuccessPolicy", "ChiefWorker")))
	b.Advance(110 * s)
	if got := fmt.Sprint(b.podTimes(all)); !strings.Contains(got, "chief-0:Succeeded 60") || !strings.Contains(got, "worker-0:Running") || !strings.Contains(got, "ps-0:Running") {
		t.Error(got)
	}
	if n := len(b.OK("GET", "/api/v1/jobs/"+all+"/pods/"+all+"-chief-0/logs", nil)["Logs"].([]any)); n != 2+5+1 {
		t.Errorf("the chief that has finished printed %d lines", n)
	}
	b.Advance(900 * s)
	for id, want := range map[string]float64{chief: 60, all: 200, none: 200, first: 200} {
		if got := b.get(id); got["Status"] != "Succeeded" || got["Duration"] != want {
			t.Errorf("%v ran for %v s, want %v", got["Status"], got["Duration"], want)
		}
	}
	if got := fmt.Sprint(b.podTimes(chief)); got != "map[chief-0:Succeeded 60 evaluator-0:Succeeded 60 ps-0:Succeeded 60 worker-0:Succeeded 60]" {
		t.Error(got)
	}
	b.refused("POST", "/api/v1/jobs", job("true", with("SuccessPolicy", "Anybody")), 400, "InvalidParameter", "SuccessPolicy", "ChiefWorker")
	b.refused("POST", "/api/v1/jobs", job("true", with("Envs", object{"ORRERY_DURATION_WORKER": "long"})), 400, "InvalidParameter", "Envs.ORRERY_DURATION_WORKER")
}

func TestStartupDependencies(t *testing.T) {
	b := start(t)
	after := func(typ, phase string) []object {
		return []object{{"Type": typ, "OnPhase": phase, "MinReplicas": "1"}}
	}
	id := b.create(job("sleep 100", with("Envs", object{"ORRERY_DURATION_PREPARE": "30s"}),
		roles(role("Prepare"), role("Master", "StartupDependencies", after("Prepare", "Succeeded")), role("Worker", "PodCount", 2, "StartupDependencies", after("Master", "Running")))))
	b.Advance(30 * s)
	if got := fmt.Sprint(b.podTimes(id)); !strings.Contains(got, "master-0:Pending 0") || !strings.Contains(got, "worker-1:Pending 0") || !strings.Contains(got, "prepare-0:Running") {
		t.Error(got)
	}
	if n := len(b.OK("GET", "/api/v1/jobs/"+id+"/pods/"+id+"-worker-0/logs", nil)["Logs"].([]any)); n != 0 {
		t.Errorf("a pod that waits printed %d lines", n)
	}
	b.Advance(300 * s)
	if got := fmt.Sprint(b.podTimes(id)); got != "map[master-0:Succeeded 101 prepare-0:Succeeded 30 worker-0:Succeeded 100 worker-1:Succeeded 100]" {
		t.Error(got)
	}
	if got := b.get(id)["Duration"]; got != 131.0 {
		t.Errorf("it ran for %v s", got)
	}
	for says, specs := range map[string][]object{
		"another role": {role("Worker", "StartupDependencies", after("Master", "Running"))}, "Type": {role("Worker", "StartupDependencies", []object{{"OnPhase": "Running"}})},
		"OnPhase": {role("Master"), role("Worker", "StartupDependencies", after("Master", "Dreaming"))}, "circle": {role("Master", "StartupDependencies", after("Worker", "Running")), role("Worker", "StartupDependencies", after("Master", "Running"))},
		"MinReplicas": {role("Master"), role("Worker", "StartupDependencies", []object{{"Type": "Master", "MinReplicas": "2"}})}, "whole number": {role("Master"), role("Worker", "StartupDependencies", []object{{"Type": "Master", "MinReplicas": "all"}})},
	} {
		code := "InvalidParameter"
		if says == "Type" {
			code = "MissingParameter"
		}
		b.refused("POST", "/api/v1/jobs", job("true", with("JobSpecs", specs)), 400, code, says)
	}
}
