package paidlc_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/contract"
)

// whole is a body of CreateJob in which the document's fields all stand.
func whole(t *testing.T, doc *openapi3.T) map[string]any {
	schema := doc.Paths.Find("/api/v1/jobs").Post.RequestBody.Value.Content["application/json"].Schema
	body := contract.Example(schema, 0).(map[string]any)
	for k, v := range job("sleep 10", with("Priority", 3)) {
		body[k] = v
	}
	spec := body["JobSpecs"].([]object)[0]
	for k, v := range contract.Example(doc.Components.Schemas["JobSpec"], 0).(map[string]any) {
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

func TestAWholeRequestIsTaken(t *testing.T) {
	b := start(t)
	doc := document(t)
	b.Advance(s)
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
	doc := document(t)
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
				text, err := json.Marshal(contract.Hostile(rt))
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
				v = contract.Mutate(rt, v)
			}
			if body, err = json.Marshal(v); err != nil {
				rt.Fatal(err)
			}
		}
		r, a := b.Send(method, target, body)
		if a.Status >= 500 && a.Status != 501 {
			rt.Fatalf("%s %s\n%s\n%d %s", method, target, body, a.Status, a.Text)
		}
		b.Contract(r, body, a, false) // null and "" read as absent: more is taken than the document says
		if created, _ := a.Body["JobId"].(string); op.OperationID == "CreateJob" && a.Status == 200 {
			ids = append(ids, created)
			b.contractOf(created)
		}
		if rapid.IntRange(0, 9).Draw(rt, "later") == 0 {
			b.Advance(30 * s)
		}
	})
	if t.Failed() {
		return
	}
	b.OK("GET", "/api/v1/jobs?ShowOwn=false&PageSize=100", nil)
}

// contractOf reads a job in every way.
func (b *bench) contractOf(id string) {
	b.T.Helper()
	b.get(id)
	b.OK("GET", "/api/v1/jobs?JobId="+id, nil)
	b.OK("GET", "/api/v1/jobs/"+id+"/events", nil)
}
