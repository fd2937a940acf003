package control_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/orrery-sim/orrery/api"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

type bench struct {
	t      *testing.T
	server *api.Server
	router routers.Router
	called map[string]bool
}

func start(t *testing.T, speed string) *bench {
	t.Helper()
	sp, err := world.ParseSpeed(speed)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := library.Read("live")
	w, err := world.New(world.Config{Speed: sp, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("live.yaml", ".", []byte(string(text)+"start: 2026-03-01T00:00:00Z\n"))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	b := &bench{t: t, called: map[string]bool{}}
	if b.server, err = api.New(api.Config{World: w, Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	_, contract := b.raw("GET", "/orrery/v1/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "http://localhost"}}
	if b.router, err = legacy.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) raw(method, target, body string) (*http.Response, []byte) {
	b.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "localhost"
	resp, err := b.server.Test().Test(r, -1)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp, text
}

// call makes a call of the control API and holds it against its document.
func (b *bench) call(method, path, body string, want int) map[string]any {
	b.t.Helper()
	resp, text := b.raw(method, "/orrery/v1"+path, body)
	if resp.StatusCode != want {
		b.t.Errorf("%s %s %s: %d %s, want %d", method, path, body, resp.StatusCode, text, want)
	}
	again := httptest.NewRequest(method, "http://localhost/orrery/v1"+path, strings.NewReader(body))
	if body != "" {
		again.Header.Set("Content-Type", "application/json")
	}
	route, params, err := b.router.FindRoute(again)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	b.called[route.Operation.OperationID] = true
	in := &openapi3filter.RequestValidationInput{Request: again, PathParams: params, Route: route}
	if err := openapi3filter.ValidateRequest(b.t.Context(), in); err != nil && want == 200 {
		b.t.Errorf("%s %s: accepted what the document refuses: %v", method, path, err)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header}
	out.SetBodyBytes(text)
	if err := openapi3filter.ValidateResponse(b.t.Context(), out); err != nil {
		b.t.Errorf("%s %s: the answer breaks the contract: %v\n%s", method, path, err, text)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		b.t.Fatal(err)
	}
	return v
}

// dlc makes a call of PAI-DLC's API.
func (b *bench) dlc(method, path, body string, want int) map[string]any {
	b.t.Helper()
	resp, text := b.raw(method, "/api/v1"+path, body)
	if resp.StatusCode != want {
		b.t.Errorf("%s %s: %d %s, want %d", method, path, resp.StatusCode, text, want)
	}
	var v map[string]any
	if err := json.Unmarshal(text, &v); err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) create(name, command string) string {
	b.t.Helper()
	id, _ := b.dlc("POST", "/jobs", `{"DisplayName": "`+name+`", "JobType": "PyTorchJob", "UserCommand": "`+command+
		`", "JobSpecs": [{"Type": "Worker", "PodCount": 1, "EcsSpec": "ecs.gn6i-c4g1.xlarge"}]}`, 200)["JobId"].(string)
	return id
}

func TestClock(t *testing.T) {
	b := start(t, "paused")
	if c := b.call("GET", "/clock", "", 200); c["now"] != "2026-03-01T00:00:00Z" || c["speed"] != "paused" || c["elapsed_s"] != 0.0 {
		t.Error(c)
	}
	if c := b.call("POST", "/clock/advance", `{"by": "10m"}`, 200); c["now"] != "2026-03-01T00:10:00Z" {
		t.Error(c)
	}
	if c := b.call("POST", "/clock/advance", `{"until": "2026-03-02T00:00:00Z"}`, 200); c["elapsed_s"] != 86400.0 {
		t.Error(c)
	}
	b.call("POST", "/clock/advance", `{"until": "2026-03-01T00:00:00Z"}`, 409)
	for _, bad := range []string{`{}`, `{"by": "1h", "until": "2026-03-02T00:00:00Z"}`, `{"by": "-1h"}`, `{"until": "later"}`, `{"for": "1h"}`, `[]`, ``, `{"by": "1h"} {}`} {
		b.call("POST", "/clock/advance", bad, 400)
	}
	if c := b.call("PUT", "/clock", `{"speed": "request=10s"}`, 200); c["speed"] != "request=10s" {
		t.Error(c)
	}
	b.call("PUT", "/clock", `{"speed": "fast"}`, 400)
	b.dlc("GET", "/jobs", "", 200)
	b.call("GET", "/clock", "", 200)
	if c := b.call("GET", "/clock", "", 200); c["elapsed_s"] != 86410.0 {
		t.Error("only calls of the clouds' APIs move the clock:", c)
	}
	b.call("GET", "/health", "", 200)
	b.call("GET", "/ready", "", 200)
}

func TestWaitAndForce(t *testing.T) {
	b := start(t, "paused")
	id := b.create("a", "sleep 600")
	wait := func(id, status, more string, reached bool) map[string]any {
		t.Helper()
		w := b.call("POST", "/wait", `{"job": "`+id+`", "status": "`+status+`"`+more+`}`, 200)
		if w["reached"] != reached {
			t.Errorf("%s: %v", status, w)
		}
		return w
	}
	wait(id, "Running", "", true)
	if w := wait(id, "Succeeded", `, "simulated": "1m"`, false); w["jobs"].(map[string]any)[id] != "Running" {
		t.Error(w)
	}
	b.call("POST", "/jobs/"+id+"/preempt", "", 200)
	if got := b.dlc("GET", "/jobs/"+id, "", 200); got["Status"] != "Restarting" || got["SubStatus"] != "Restarting" {
		t.Error(got["Status"])
	}
	b.call("POST", "/jobs/"+id+"/exit", `{"code": 1}`, 409)
	wait(id, "Running", "", true)
	b.call("POST", "/jobs/"+id+"/exit", `{"code": 137}`, 200)
	if got := b.dlc("GET", "/jobs/"+id, "", 200); got["Status"] != "Failed" || !strings.Contains(got["ReasonMessage"].(string), "137") {
		t.Error(got)
	}
	for body, status := range map[string]int{`{"code": 256}`: 400, `{}`: 400, `{"code": "1"}`: 400, `{"code": 1}`: 409} {
		b.call("POST", "/jobs/"+id+"/exit", body, status)
	}
	b.call("POST", "/jobs/dlc0000000000000/preempt", "", 404)
	b.call("POST", "/wait", `{"job": "dlc0000000000000", "status": "Running"}`, 404)
	b.call("POST", "/wait", `{"job": "`+id+`", "status": "Sleeping"}`, 400)
	b.call("POST", "/wait", `{"status": "Running"}`, 400)

	second, third := b.create("b", "sleep 600"), b.create("c", "sleep 900")
	if w := b.call("POST", "/wait", `{"jobs": ["`+second+`", "`+third+`"], "statuses": ["Succeeded", "Failed"]}`, 200); w["reached"] != true {
		t.Error(w)
	}
	fourth := b.create("d", "sleep 600")
	wait(fourth, "Running", "", true)
	node := b.dlc("GET", "/jobs/"+fourth, "", 200)["Pods"].([]any)[0].(map[string]any)["NodeName"].(string)
	b.call("POST", "/nodes/"+node, `{"do": "down"}`, 200)
	if got := b.dlc("GET", "/jobs/"+fourth, "", 200); got["Status"] != "Failed" || got["ReasonCode"] != "NodeFailure" {
		t.Error(got["Status"], got["ReasonCode"])
	}
	for _, n := range b.call("GET", "/nodes", "", 200)["nodes"].([]any) {
		if m := n.(map[string]any); (m["name"] == node) != (m["state"] == "down") {
			t.Error(m)
		}
	}
	b.call("POST", "/nodes/nowhere", `{"do": "down"}`, 404)
	b.call("POST", "/nodes/"+node, `{"do": "dance"}`, 400)
	b.call("POST", "/changes", `{"in": "10m", "node": "`+node+`", "do": "up"}`, 200)
	for body, want := range map[string]int{`{"in": "10m", "node": "nowhere", "do": "up"}`: 404, `{"in": "0s", "node": "` + node + `", "do": "up"}`: 409,
		`{"in": "1m", "node": "` + node + `", "do": "dance"}`: 400, `{"in": "1m", "at": "2030-01-01T00:00:00Z", "node": "` + node + `", "do": "up"}`: 400,
		`{"at": "2020-01-01T00:00:00Z", "node": "` + node + `", "do": "up"}`: 409, `{"at": "soon", "node": "` + node + `", "do": "up"}`: 400} {
		b.call("POST", "/changes", body, want)
	}
	planned := func(done bool, state string) {
		t.Helper()
		list := b.call("GET", "/changes", "", 200)["changes"].([]any)
		if len(list) != 1 || list[0].(map[string]any)["done"] != done {
			t.Error(list)
		}
		for _, n := range b.call("GET", "/nodes", "", 200)["nodes"].([]any) {
			if m := n.(map[string]any); m["name"] == node && m["state"] != state {
				t.Error(m)
			}
		}
	}
	b.call("POST", "/clock/advance", `{"by": "599s"}`, 200)
	planned(false, "down")
	b.call("POST", "/clock/advance", `{"by": "1s"}`, 200)
	planned(true, "up")
	first := b.call("GET", "/digest", "", 200)
	if c := b.call("POST", "/reset", "", 200); c["elapsed_s"] != 0.0 || c["active"] != 0.0 {
		t.Error(c)
	}
	if anew := b.call("GET", "/digest", "", 200); anew["digest"] == first["digest"] || anew["now"] == first["now"] {
		t.Error("a reset world has the digest of the old one:", anew)
	}
	if again := b.create("a", "sleep 600"); again != id {
		t.Errorf("after a reset the first job is %s, was %s", again, id)
	}
}

func TestState(t *testing.T) {
	b := start(t, "paused")
	id := b.create("a", "sleep 60")
	b.call("POST", "/clock/advance", `{"by": "20s"}`, 200)
	was := b.call("GET", "/digest", "", 200)
	resp, data := b.raw("GET", "/orrery/v1/state", "")
	if resp.StatusCode != 200 || len(data) == 0 {
		t.Fatal(resp.Status)
	}
	b.call("POST", "/reset", "", 200)
	b.dlc("GET", "/jobs/"+id, "", 404)
	if resp, text := b.raw("POST", "/orrery/v1/state", string(data)); resp.StatusCode != 200 {
		t.Fatalf("%s", text)
	}
	if is := b.call("GET", "/digest", "", 200); is["digest"] != was["digest"] || is["now"] != was["now"] {
		t.Error(is, was)
	}
	b.dlc("GET", "/jobs/"+id, "", 200)
	if resp, text := b.raw("POST", "/orrery/v1/state", "nonsense"); resp.StatusCode != 409 || !strings.Contains(string(text), "no exported state") {
		t.Errorf("%s %s", resp.Status, text)
	}
}

func TestAJobThatHangs(t *testing.T) {
	b := start(t, "paused")
	id := b.create("a", "python train.py")
	wait := func(id, status, span string, reached bool) {
		t.Helper()
		if w := b.call("POST", "/wait", `{"job": "`+id+`", "status": "`+status+`", "simulated": "`+span+`"}`, 200); w["reached"] != reached {
			t.Errorf("%s: %v", status, w)
		}
	}
	b.call("POST", "/jobs/"+id+"/hang", "", 409) // it does not run
	wait(id, "Running", "1h", true)
	b.call("POST", "/jobs/"+id+"/hang", "", 200)
	b.call("POST", "/jobs/"+id+"/hang", "", 409)
	wait(id, "Succeeded", "100h", false)
	if got := b.dlc("GET", "/jobs/"+id, "", 200); got["Status"] != "Running" {
		t.Error(got["Status"])
	}
	b.dlc("POST", "/jobs/"+id+"/stop", "", 200)
	wait(id, "Stopped", "1h", true)
	b.call("POST", "/jobs/"+id+"/hang", "", 409)
	b.call("POST", "/jobs/dlc0000000000000/hang", "", 404)

	id = b.dlc("POST", "/jobs", `{"DisplayName": "limited", "JobType": "TFJob", "UserCommand": "sleep 60", "JobMaxRunningTimeMinutes": 5,
		"JobSpecs": [{"Type": "Worker", "PodCount": 1, "Image": "i", "ResourceConfig": {"CPU": "4", "Memory": "8Gi", "GPU": "1"}}]}`, 200)["JobId"].(string)
	wait(id, "Running", "1h", true)
	b.call("POST", "/jobs/"+id+"/hang", "", 200)
	wait(id, "Stopped", "299s", false)
	wait(id, "Stopped", "1s", true)
	if got := b.dlc("GET", "/jobs/"+id, "", 200); got["ReasonCode"] != "JobMaxRunningTimeExceeded" {
		t.Error(got["ReasonCode"], got["ReasonMessage"])
	}
}

func TestFaults(t *testing.T) {
	b := start(t, "paused")
	fault := func(body string) { t.Helper(); b.call("POST", "/faults", body, 200) }
	fault(`{"operation": "GetJob", "status": 503, "code": "Throttling", "message": "slow down", "skip": 2, "count": 2}`)
	id := b.create("victim", "sleep 60")
	for i, want := range []int{200, 200, 503, 503, 200} {
		if got := b.dlc("GET", "/jobs/"+id, "", want); want == 503 && (got["Code"] != "Throttling" || got["Message"] != "slow down" || got["RequestId"] == nil) {
			t.Errorf("call %d: %v", i, got)
		}
	}
	b.call("DELETE", "/faults", "", 200)

	fault(`{"operation": "CreateJob", "status": 500, "when": "after"}`)
	b.dlc("POST", "/jobs", `{"DisplayName": "lost", "JobType": "TFJob", "UserCommand": "true", "JobSpecs": [{"EcsSpec": "ecs.g6.large"}]}`, 500)
	if n := b.dlc("GET", "/jobs", "", 200)["TotalCount"]; n != 2.0 {
		t.Errorf("the answer was lost, not the effect: %v jobs", n)
	}
	b.call("DELETE", "/faults", "", 200)

	fault(`{"job": "vic*", "operation": "*Job", "status": 404}`)
	b.dlc("GET", "/jobs/"+id, "", 404)
	b.dlc("GET", "/jobs/"+id+"/events", "", 200)
	list := b.call("GET", "/faults", "", 200)["faults"].([]any)
	first := list[0].(map[string]any)
	if first["seen"] != 1.0 || first["hit"] != 1.0 || first["code"] != "BadRequest" {
		t.Error(first)
	}
	b.call("DELETE", "/faults/99", "", 404)
	b.call("DELETE", "/faults/3", "", 200)
	b.dlc("GET", "/jobs/"+id, "", 200)

	fault(`{"operation": "ListJobs", "status": 429, "probability": 0.5}`)
	hits := ""
	for range 40 {
		resp, _ := b.raw("GET", "/api/v1/jobs", "")
		hits += string(rune('0' + resp.StatusCode/100))
	}
	if n := strings.Count(hits, "4"); n < 8 || n > 32 {
		t.Errorf("half of the calls were to fail: %s", hits)
	}
	for _, bad := range []string{`{}`, `{"status": 200}`, `{"status": 500, "when": "never"}`, `{"status": 500, "probability": 2}`, `{"latency": "x"}`, `{"latency": "1h"}`, `{"status": 500, "operation": "["}`,
		`{"status": 500, "skip": -1}`, `{"status": 500, "what": 1}`} {
		b.call("POST", "/faults", bad, 400)
	}
	fault(`{"operation": "ListJobs", "latency": "1ms"}`)
}

func TestRequestsAndMetrics(t *testing.T) {
	b := start(t, "paused")
	id := b.create("a", "sleep 60")
	b.dlc("GET", "/jobs/"+id, "", 200)
	b.dlc("GET", "/jobs/dlc0000000000000", "", 404)
	b.dlc("DELETE", "/jobs/"+id, "", 400)
	for query, want := range map[string]float64{"": 4, "?operation=GetJob": 2, "?operation=*Job": 4, "?status=4xx": 2, "?status=404": 1, "?job=a": 3, "?user=orrery": 4, "?user=x": 0} {
		if got := b.call("GET", "/requests"+query, "", 200)["count"]; got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	b.call("GET", "/requests?status=many", "", 400)
	last := b.call("GET", "/requests?status=400", "", 200)["requests"].([]any)[0].(map[string]any)
	if last["operation"] != "DeleteJob" || last["method"] != "DELETE" || last["job"] != "a" || last["number"] != 4.0 {
		t.Error(last)
	}
	_, text := b.raw("GET", "/orrery/v1/metrics", "")
	for _, line := range []string{"orrery_active_jobs 1\n", `orrery_requests_total{operation="GetJob",status="2xx"} 1`, `orrery_requests_total{operation="GetJob",status="4xx"} 1`} {
		if !bytes.Contains(text, []byte(line)) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	if bytes.Contains(text, []byte(id)) {
		t.Error("a job's id is a label")
	}
	b.call("DELETE", "/requests", "", 200)
	if got := b.call("GET", "/requests", "", 200)["count"]; got != 0.0 {
		t.Error(got)
	}
}
