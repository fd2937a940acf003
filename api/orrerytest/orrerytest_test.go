package orrerytest_test

import (
	"encoding/json"
	"net/http"
	"os"
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

// Code under test that must bear with a service that is down, slow or gone.
func TestForcing(t *testing.T) {
	t.Parallel()
	w := orrerytest.Start(t, orrerytest.Set("cluster.pools.t4.nodes", "2"))
	w.Fault(orrerytest.Fault{Operation: "CreateJob", Status: 503, When: "after", Count: 1})
	if resp, err := http.Post(w.URL+"/api/v1/jobs", "application/json", strings.NewReader(`{"DisplayName": "a", "JobType": "PyTorchJob", "UserCommand": "true", "JobSpecs": [{"EcsSpec": "ecs.g6.large"}]}`)); err != nil || resp.StatusCode != 503 {
		t.Fatal(resp, err)
	}
	id := submit(t, w.Endpoint, "sleep 600")
	if got := w.Requests("*Job"); len(got) != 2 || got[0].Status != 503 || got[1].Status != 200 || got[1].Job != "a" {
		t.Error(got)
	}
	w.ClearFaults()
	now := w.Now()
	if w.Status(id) != "Creating" || w.Now() != now {
		t.Error(w.Status(id), w.Now(), now)
	}
	w.Put(id, orrerytest.Put{Status: "Restarting", For: "1m"})
	w.Wait(id, "Running")
	w.Hang(id)
	w.Advance(time.Hour)
	w.Preempt(id)
	w.Wait(id, "Running")
	w.Exit(id, 137)
	if got := w.Status(id); got != "Failed" {
		t.Error(got)
	}
	state := w.State()
	other := submit(t, w.Endpoint, "sleep 600")
	w.Wait(other, "Running")
	w.FailNodeIn(10*time.Second, "t4-0000")
	w.Advance(10 * time.Second)
	if got := w.Status(other); got != "Failed" {
		t.Error(got)
	}
	w.FailNode("t4-0001")
	w.MendNode("t4-0001")
	w.SetState(state)
	if got := w.Status(id); got != "Failed" {
		t.Error(got)
	}
	if again := submit(t, w.Endpoint, "sleep 600"); again != other {
		t.Errorf("the state gives %s the next id, it was %s", again, other)
	}
}

func TestCodeThatLooksInItsEnvironment(t *testing.T) {
	w := orrerytest.Start(t)
	w.Setenv()
	if os.Getenv("PAI_DLC_ENDPOINT") != w.Endpoint || os.Getenv("ORRERY_URL") != w.URL || os.Getenv("ALIBABA_CLOUD_ACCESS_KEY_ID") == "" {
		t.Error(os.Environ())
	}
}
