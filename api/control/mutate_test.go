package control_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"pgregory.net/rapid"
)

// words are what the texts of a request may be, by the name of their field.
func words(ids []string) map[string][]string {
	spans := []string{"1s", "5m", "24h", "200h", "90s"}
	statuses := []string{"Running", "Queuing", "Bidding", "EnvPreparing", "SanityChecking", "Restarting", "SucceededReserving", "FailedReserving", "Stopping", "Stopped", "Succeeded", "Failed", "Creating"}
	var set []string
	for _, id := range ids {
		set = append(set, "jobs."+id+".priority")
	}
	return map[string][]string{"status": statuses, "statuses": statuses, "for": spans, "in": spans, "by": spans, "simulated": spans, "wall": {"1s"}, "at": {"2026-03-02T00:00:00Z", "2027-01-01T00:00:00Z"},
		"until": {"2026-03-02T00:00:00Z", "9999-01-01T00:00:00Z"}, "job": ids, "jobs": ids, "node": {"t4-0000", "a800-0003"}, "set": set, "speed": {"max", "60", "paused", "request=7s"},
		"operation": {"GetJob", "*", "["}, "do": {"up", "down", "drain", "stop", "exit", "preempt", "hang", "reclaim"}, "when": {"before", "after"},
		"": {"", "-1s", "0s", "1000000h", "10", "0001-01-01T00:00:00Z", "\x00", "ü\u202e", strings.Repeat("x", 5000), `\`, "dance", "jobs..priority", "dlc"}}
}

// value draws what a schema describes, and now and then something else.
func value(t *rapid.T, name string, ref *openapi3.SchemaRef, texts map[string][]string, depth int) any {
	v := ref.Value
	if depth > 4 || rapid.IntRange(0, 19).Draw(t, "odd") == 0 {
		return rapid.SampledFrom([]any{nil, true, 0, -1, 300, 1e300, 2.5, "", "x", []any{}, map[string]any{"a": nil}}).Draw(t, "oddity")
	}
	switch {
	case v.Type.Is("string"):
		list := texts[name]
		if list == nil || rapid.IntRange(0, 9).Draw(t, "strange") == 0 {
			list = texts[""]
		}
		return rapid.SampledFrom(list).Draw(t, "text")
	case v.Type.Is("boolean"):
		return rapid.Bool().Draw(t, "flag")
	case v.Type.Is("integer") && name == "status":
		return rapid.SampledFrom([]int{503, 404, 429, 599, 600, 0}).Draw(t, "status")
	case v.Type.Is("integer"):
		return rapid.SampledFrom([]int{1, 2, 7, 9, 137, 0, 255, 256, -1, 1 << 31, 1 << 62}).Draw(t, "number")
	case v.Type.Is("number"):
		return rapid.SampledFrom([]float64{0, .5, 1, -1, 2}).Draw(t, "share")
	case v.Type.Is("array"):
		var out []any
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			out = append(out, value(t, name, v.Items, texts, depth+1))
		}
		return out
	}
	out := map[string]any{}
	var names []string
	for name := range v.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	required := v.Required
	if len(v.AnyOf) > 0 {
		required = append(required, rapid.SampledFrom(v.AnyOf).Draw(t, "form").Value.Required...)
	}
	for _, name := range names {
		if name == "latency" { // which would hold the calls to come back
			continue
		}
		if slices.Contains(required, name) || rapid.IntRange(0, 5).Draw(t, "with "+name) == 0 {
			out[name] = value(t, name, v.Properties[name], texts, depth+1)
		}
	}
	return out
}

// Requests that the control API's own document suggests, mutated, never break the server, whatever they do to it.
func TestMutatedControl(t *testing.T) {
	b := start(t, "paused")
	_, contract := b.raw("GET", "/orrery/v1/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "http://localhost"}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for path := range doc.Paths.Map() {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	ids := []string{"dlc0000000000000"}
	taken := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		if rapid.IntRange(0, 3).Draw(rt, "submit") == 0 {
			_, text := b.raw("POST", "/api/v1/jobs", `{"DisplayName": "a", "JobType": "PyTorchJob", "UserCommand": "`+rapid.SampledFrom([]string{"sleep 600", "exit 3", "sleep infinity", "python train.py"}).Draw(rt, "command")+
				`", "JobSpecs": [{"Type": "Worker", "PodCount": 2, "EcsSpec": "ecs.gn6i-c4g1.xlarge", "UseSpotInstance": `+rapid.SampledFrom([]string{"true", "false"}).Draw(rt, "spot")+
				`, "RestartPolicy": "OnFailure"}], "JobMaxRunningTimeMinutes": 90}`)
			var out struct{ JobId string }
			if json.Unmarshal(text, &out) == nil && out.JobId != "" && len(ids) < 50 {
				ids = append(ids, out.JobId)
			}
		}
		texts := words(ids)
		path := rapid.SampledFrom(paths).Draw(rt, "path")
		item := doc.Paths.Find(path)
		var methods []string
		for m := range item.Operations() {
			methods = append(methods, m)
		}
		slices.Sort(methods)
		method := rapid.SampledFrom(methods).Draw(rt, "method")
		op := item.Operations()[method]
		id := rapid.SampledFrom(append([]string{"1", "x", "%00", "%2e%2e", "t4-0001"}, ids...)).Draw(rt, "id")
		target := strings.NewReplacer("{id}", id, "{name}", id).Replace(path)
		query := url.Values{}
		for _, p := range append(op.Parameters, item.Parameters...) {
			if p.Value.In == "query" && rapid.Bool().Draw(rt, "use") {
				query.Set(p.Value.Name, rapid.SampledFrom(append(texts[p.Value.Name], texts[""]...)).Draw(rt, p.Value.Name))
			}
		}
		if len(query) > 0 {
			target += "?" + query.Encode()
		}
		body := ""
		if op.RequestBody != nil {
			if media := op.RequestBody.Value.Content["application/json"]; media != nil {
				data, err := json.Marshal(value(rt, "", media.Schema, texts, 0))
				if err != nil {
					rt.Fatal(err)
				}
				body = string(data)
			} else {
				body = rapid.SampledFrom([]string{"", "x", "\x1f\x8b", "{}"}).Draw(rt, "bytes")
			}
		}
		resp, text := b.raw(method, target, body)
		if resp.StatusCode == 200 {
			taken[op.OperationID]++
		}
		if resp.StatusCode >= 500 {
			rt.Fatalf("%s %s %s\n%d %s", method, target, body, resp.StatusCode, text)
		}
		again := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		route, params, err := router.FindRoute(again)
		if err != nil {
			rt.Fatal(err)
		}
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: &openapi3filter.RequestValidationInput{Request: again, PathParams: params, Route: route}, Status: resp.StatusCode, Header: resp.Header}
		out.SetBodyBytes(text)
		if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
			rt.Fatalf("%s %s %s: the answer breaks the contract: %v\n%s", method, target, body, err, text)
		}
		if _, told := b.raw("DELETE", "/orrery/v1/faults", ""); !strings.Contains(string(told), "faults") {
			rt.Fatalf("%s", told)
		}
		if resp, text := b.raw("GET", "/api/v1/jobs?ShowOwn=false&StartTime=0001-01-01T00:00:00Z&PageSize=100", ""); resp.StatusCode != 200 {
			rt.Fatalf("after %s %s %s the jobs cannot be listed: %s", method, target, body, text)
		}
	})
	t.Logf("taken: %v", taken)
}

// Every route is in the document, and the document has no other.
func TestRoutesAndDocument(t *testing.T) {
	b := start(t, "paused")
	_, contract := b.raw("GET", "/orrery/v1/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData(contract)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			said[method+" "+strings.NewReplacer("{id}", ":id", "{name}", ":name").Replace(path)] = true
		}
	}
	served := 0
	for _, r := range b.server.Test().GetRoutes(true) {
		if !strings.HasPrefix(r.Path, "/orrery/v1/") || r.Method == "HEAD" || strings.HasSuffix(r.Path, "/openapi.json") || strings.HasSuffix(r.Path, "/metrics") {
			continue
		}
		if served++; !said[r.Method+" "+r.Path] {
			t.Errorf("%s %s is not in the document", r.Method, r.Path)
		}
	}
	if served != len(said) {
		t.Errorf("%d operations are served, %d are in the document", served, len(said))
	}
}
