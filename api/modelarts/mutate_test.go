package modelarts_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/contract"
)

func request(url string) *http.Request { return httptest.NewRequest("GET", url, nil) }

func readAll(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// whole is a body of CreateTrainingJob in which the fields of the document's training job all stand.
func whole(b *bench) object {
	body := contract.Example(b.Doc.Components.Schemas["JobResponse"], 0).(object)
	delete(body, "status")
	delete(body, "tasks")
	for _, c := range []func(object){set("metadata.name", "whole"), set("metadata.annotations", object{"fault-tolerance/job-retry-num": "1"}), set("algorithm.command", "sleep 5"),
		set("algorithm.environments", object{"ORRERY_DURATION": "5s"}), set("algorithm.engine.engine_id", ""), set("spec.resource", object{"flavor_id": "modelarts.vm.pnt1.large.eco",
			"node_count": 1, "policy": "regular"}), set("spec.auto_stop", object{"time_unit": "HOURS", "duration": 2}), set("spec.schedule_policy", object{"priority": 2, "preemptible": true})} {
		c(body)
	}
	return body
}

func TestAWholeRequestIsTaken(t *testing.T) {
	b := start(t)
	got := b.get(b.create(whole(b)))
	for _, key := range []string{"parameters", "policies", "inputs", "outputs", "engine"} {
		if got["algorithm"].(object)[key] == nil {
			t.Errorf("%s is not returned", key)
		}
	}
	for _, key := range []string{"volumes", "log_export_path"} {
		if got["spec"].(object)[key] == nil {
			t.Errorf("%s is not returned", key)
		}
	}
}

// Mutated requests never break the server, and what is created is a training job of the document.
func TestMutatedRequests(t *testing.T) {
	b := start(t)
	rightJob := asJSON(t, whole(b))
	rightSearch := asJSON(t, contract.Example(b.Doc.Components.Schemas["JobSearch"], 0))
	id := "00000000-0000-4000-8000-000000000000"
	rapid.Check(t, func(rt *rapid.T) {
		type call struct{ method, target string }
		c := rapid.SampledFrom([]call{{"POST", jobs}, {"POST", jobs}, {"POST", "/v2/p1/training-job-searches"}, {"PUT", jobs + "/" + id}, {"POST", jobs + "/" + id + "/actions"},
			{"GET", jobs + "/" + id + "/events"}, {"GET", jobs + "/" + id + "/tasks"}, {"GET", jobs + "/" + id + "/tasks/worker-0/logs/preview"},
			{"GET", jobs + "/" + id + "/metrics/worker-0"}, {"GET", jobs + "/" + id + "/stages"}, {"DELETE", jobs + "/" + id}, {"GET", "/v2/p1/training-job-flavors"}}).Draw(rt, "call")
		var body []byte
		if c.method != "GET" {
			right := rightJob
			if strings.HasSuffix(c.target, "searches") {
				right = rightSearch
			}
			body = contract.Mutated(rt, right)
		} else if rapid.Bool().Draw(rt, "query") {
			name := rapid.SampledFrom([]string{"limit", "offset", "order", "start_time", "end_time", "level", "pattern", "schedule_count", "flavor_type"}).Draw(rt, "name")
			c.target += "?" + name + "=" + rapid.SampledFrom([]string{"", "0", "-1", "1e9", "x", "99999999999999999999", "Info", "2026-03-01T00:00:00Z", "%00"}).Draw(rt, "value")
		}
		r, a := b.Send(c.method, c.target, body)
		if a.Status >= 500 {
			rt.Fatalf("%s %s\n%s\n%d %s", c.method, c.target, body, a.Status, a.Text)
		}
		if strings.HasSuffix(c.target, "searches") {
			b.Contract(r, body, a, false)
		}
		if c.target == jobs && a.Status == 201 {
			id = b.isJob(a.Body)["metadata"].(object)["id"].(string)
			b.get(id)
		}
		if rapid.IntRange(0, 9).Draw(rt, "later") == 0 {
			b.Advance(30 * s)
		}
	})
}
