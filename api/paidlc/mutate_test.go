package paidlc_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// hostile are values that a field may not expect.
func hostile(t *rapid.T) any {
	return rapid.SampledFrom([]any{nil, true, false, 0, -1, 1, 3, 1e9, 1e300, -9.5, 9223372036854775807.0, "", " ", "0", "-1", "1e99", "NaN", "true", "Worker", "99999999999999999999", "16Gi", "1.5Ki",
		"\x00", "ü\u202e", "../..", "{}", strings.Repeat("9", 400), []any{}, []any{nil}, []any{1, "a"}, object{}, object{"": nil}, object{"a": object{"b": []any{}}},
		"2026-03-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "sleep infinity", "ecs.g6.large"}).Draw(t, "value")
}

// mutate changes a JSON value somewhere.
func mutate(t *rapid.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && rapid.IntRange(0, 5).Draw(t, "go on") > 0 {
			var keys []string
			for k := range v {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			k := rapid.SampledFrom(keys).Draw(t, "key")
			if rapid.IntRange(0, 6).Draw(t, "drop") == 0 {
				delete(v, k)
			} else {
				v[k] = mutate(t, v[k])
			}
			return v
		}
	case []any:
		if len(v) > 0 && rapid.IntRange(0, 5).Draw(t, "go on") > 0 {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "index")
			v[i] = mutate(t, v[i])
			if rapid.IntRange(0, 6).Draw(t, "twice") == 0 {
				v = append(v, v[i])
			}
			return v
		}
	}
	return hostile(t)
}

// whole is a body of CreateJob in which the document's fields all stand.
func whole(t *testing.T, doc *openapi3.T) map[string]any {
	schema := doc.Paths.Find("/api/v1/jobs").Post.RequestBody.Value.Content["application/json"].Schema
	body := example(schema, 0).(map[string]any)
	for k, v := range job("sleep 10", with("Priority", 3)) {
		body[k] = v
	}
	spec := body["JobSpecs"].([]object)[0]
	for k, v := range example(doc.Components.Schemas["JobSpec"], 0).(map[string]any) {
		if _, set := spec[k]; !set && k != "ResourceConfig" && k != "SpotSpec" && k != "RestartPolicy" {
			spec[k] = v
		}
	}
	spec["StartupDependencies"] = []object{{"Type": "Master", "OnPhase": "Running", "MinReplicas": "1"}}
	body["JobSpecs"] = append(body["JobSpecs"].([]object), object{"Type": "Master", "EcsSpec": "ecs.g6.large"})
	body["SuccessPolicy"] = "AllWorkers"
	body["Settings"].(map[string]any)["JobReservedPolicy"] = "Always"
	body["Accessibility"] = "PUBLIC"
	delete(body, "ResourceId")
	body["Envs"] = object{"ORRERY_DURATION": "5s"}
	return roundTrip(t, body)
}

func roundTrip(t *testing.T, v any) map[string]any {
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// example is a value of a schema.
func example(ref *openapi3.SchemaRef, depth int) any {
	v := ref.Value
	switch {
	case len(v.Enum) > 0:
		return v.Enum[0]
	case v.Type.Is("string"):
		return "x"
	case v.Type.Is("boolean"):
		return true
	case v.Type.Is("integer"), v.Type.Is("number"):
		return 1
	case v.Type.Is("array"):
		if depth > 6 {
			return []any{}
		}
		return []any{example(v.Items, depth+1)}
	}
	out := map[string]any{}
	for name, p := range v.Properties {
		if depth < 7 {
			out[name] = example(p, depth+1)
		}
	}
	return out
}

func TestAWholeRequestIsTaken(t *testing.T) {
	b := start(t)
	doc, _ := document(t)
	b.advance(s)
	got := b.get(b.create(whole(t, doc)))
	for _, key := range []string{"JobSpecs", "Settings", "ElasticSpec", "CredentialConfig", "UserVpc", "CodeSource", "DataSources", "CustomEnvs", "ThirdpartyLibs"} {
		if got[key] == nil {
			t.Errorf("%s is not returned", key)
		}
	}
}

// Requests that the document, mutated, suggests never break the server, and every answer keeps the contract.
func TestMutatedRequests(t *testing.T) {
	b := start(t)
	doc, _ := document(t)
	base, err := json.Marshal(whole(t, doc))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	rapid.Check(t, func(rt *rapid.T) {
		paths := doc.Paths.InMatchingOrder()
		path := rapid.SampledFrom(paths).Draw(rt, "path")
		item := doc.Paths.Find(path)
		var methods []string
		for m := range item.Operations() {
			methods = append(methods, m)
		}
		slices.Sort(methods)
		method := rapid.SampledFrom(methods).Draw(rt, "method")
		op := item.Operations()[method]
		id := "dlc0000000000000"
		if len(ids) > 0 && rapid.Bool().Draw(rt, "known") {
			id = rapid.SampledFrom(ids).Draw(rt, "id")
		}
		pod := id + "-worker-0"
		if strange := []string{"%2e%2e%2f", "..%5c", "%00", "%F0%9F%92%A9", "a%20b", "%25", strings.Repeat("9", 300), "dlc%0a", "-", "dlc" + strings.Repeat("z", 13)}; rapid.IntRange(0, 4).Draw(rt, "strange") == 0 {
			id, pod = rapid.SampledFrom(strange).Draw(rt, "strange id"), rapid.SampledFrom(strange).Draw(rt, "strange pod")
		}
		target := strings.NewReplacer("{JobId}", id, "{jobId}", id, "{PodId}", pod, "{TensorboardId}", "t").Replace(path)
		query := url.Values{}
		for _, p := range op.Parameters {
			if p.Value.In == "query" && rapid.IntRange(0, 4).Draw(rt, "use") == 0 {
				text, err := json.Marshal(hostile(rt))
				if err != nil {
					continue
				}
				query.Set(p.Value.Name, strings.Trim(string(text), `"`))
			}
		}
		if len(query) > 0 {
			target += "?" + query.Encode()
		}
		var body []byte
		if op.RequestBody != nil {
			var v any
			if err := json.Unmarshal(base, &v); err != nil {
				rt.Fatal(err)
			}
			for range rapid.IntRange(0, 3).Draw(rt, "mutations") {
				v = mutate(rt, v)
			}
			if body, err = json.Marshal(v); err != nil {
				rt.Fatal(err)
			}
		}
		r, a := b.send(method, target, body)
		if a.status >= 500 && a.status != 501 {
			rt.Fatalf("%s %s\n%s\n%d %s", method, target, body, a.status, a.text)
		}
		b.contract(r, body, a, false) // null and "" read as absent: more is taken than the document says
		if created, _ := a.body["JobId"].(string); op.OperationID == "CreateJob" && a.status == 200 {
			ids = append(ids, created)
			b.contractOf(created)
		}
		if rapid.IntRange(0, 9).Draw(rt, "later") == 0 {
			b.advance(30 * s)
		}
	})
	if t.Failed() {
		return
	}
	b.ok("GET", "/api/v1/jobs?ShowOwn=false&PageSize=100", nil)
}

// contractOf reads a job in every way.
func (b *bench) contractOf(id string) {
	b.t.Helper()
	b.get(id)
	b.ok("GET", "/api/v1/jobs?JobId="+id, nil)
	b.ok("GET", "/api/v1/jobs/"+id+"/events", nil)
}
