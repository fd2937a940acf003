package orrerytest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/api/orrerytest"
)

// submit is code under test: it knows an endpoint and nothing of a simulation.
func submit(t *testing.T, endpoint, command string) string {
	t.Helper()
	resp, err := http.Post("http://"+endpoint+"/api/v1/jobs", "application/json", strings.NewReader(`{"DisplayName": "a", "JobType": "PyTorchJob", "UserCommand": "`+command+`",
		"JobSpecs": [{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn6i-c4g1.xlarge"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct{ JobId string }
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.JobId == "" {
		t.Fatal(out, err)
	}
	return out.JobId
}

func TestAWorldInATest(t *testing.T) {
	t.Parallel()
	w := orrerytest.Start(t)
	id := submit(t, w.Endpoint, "sleep 3600; exit 3")
	if got := w.Wait(id, "Running"); got != "Running" {
		t.Error(got)
	}
	before := w.Now()
	w.Advance(time.Minute)
	if got := w.Now().Sub(before); got != time.Minute {
		t.Errorf("it moved by %s", got)
	}
	if got := w.Wait(id, "Succeeded", "Failed", "Stopped"); got != "Failed" {
		t.Error(got)
	}
	w.Reset()
	if again := submit(t, w.Endpoint, "sleep 1"); again != id || w.Now().Year() != 2026 {
		t.Errorf("%s, was %s, at %s", again, id, w.Now())
	}
	w.SetSpeed("max")
	w.Wait(id, "Succeeded")
}

// Two worlds side by side know nothing of each other.
func TestAnotherScenario(t *testing.T) {
	t.Parallel()
	text := "apiVersion: orrery/v1\nkind: Scenario\nname: tiny\ncluster:\n  nodeTypes: {t4: {gpu: T4, gpus: 1, cpus: 8, memory: 64GiB}}\n  pools: [{name: p, nodeType: t4, nodes: 1}]\n"
	w := orrerytest.Start(t, orrerytest.ScenarioText(text), orrerytest.Speed("paused"), orrerytest.Epoch(time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)))
	first := submit(t, w.Endpoint, "sleep 60")
	w.Advance(3 * time.Second)
	second := submit(t, w.Endpoint, "sleep 60")
	w.Wait(first, "Running")
	w.Advance(10 * time.Second)
	if got := w.Wait(second, "Queuing"); got != "Queuing" || w.Now().Year() != 2027 {
		t.Error(got, w.Now())
	}
	w.Wait(second, "Succeeded")
}
