package aihc_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/orrery-sim/orrery/api/contract"
)

// whole is a body of CreateJob in which the document's fields all stand.
func whole(b *bench) object {
	schema := b.Doc.Paths.Find("/api/v1/aijobs").Post.RequestBody.Value.Content["application/json"].Schema
	body := contract.Example(schema, 0).(map[string]any)
	for k, v := range job("sleep 5", with("name", "whole"), with("queue", "default"), env("ORRERY_DURATION", "5s"), inSpec("imageConfig", object{"username": "u", "password": "p"}),
		inSpec("hostNetwork", true), inSpec("privileged", false), inSpec("enableRDMA", false)) {
		body[k] = v
	}
	body["faultTolerance"] = true
	return body
}

func TestAWholeRequestIsTaken(t *testing.T) {
	b := start(t)
	got := b.get(b.create(whole(b)))
	for _, key := range []string{"labels", "datasources", "envs", "resources", "customFaultTolerancePattern"} {
		if list, _ := got[key].([]any); len(list) == 0 {
			t.Errorf("%s is not returned", key)
		}
	}
}

// Requests that the document, mutated, suggests never break the server, and every answer keeps the contract.
func TestMutatedRequests(t *testing.T) {
	b := start(t)
	right := asJSON(t, whole(b))
	var ids []string
	rapid.Check(t, func(rt *rapid.T) {
		path := rapid.SampledFrom(b.Doc.Paths.InMatchingOrder()).Draw(rt, "path")
		item := b.Doc.Paths.Find(path)
		var methods []string
		for m := range item.Operations() {
			methods = append(methods, m)
		}
		slices.Sort(methods)
		method := rapid.SampledFrom(methods).Draw(rt, "method")
		op := item.Operations()[method]
		id := "pytorchjob-00000000-0000-4000-8000-000000000000"
		if len(ids) > 0 && rapid.IntRange(0, 3).Draw(rt, "known") > 0 {
			id = rapid.SampledFrom(ids).Draw(rt, "id")
		}
		target := strings.NewReplacer("{jobId}", id, "{podName}", id+"-master-0", "{resourcePoolId}", "cce-orrery01", "{queueName}", "default").Replace(path)
		query := contract.Query(rt, op, map[string]string{"resourcePoolId": "cce-orrery01", "jobFramework": "PyTorchJob", "metricType": "CpuTime"})
		if len(query) > 0 {
			target += "?" + query.Encode()
		}
		var body []byte
		if op.RequestBody != nil {
			body = contract.Mutated(rt, right)
		}
		r, a := b.Send(method, target, body)
		if a.Status >= 500 {
			rt.Fatalf("%s %s\n%s\n%d %s", method, target, body, a.Status, a.Text)
		}
		b.Contract(r, body, a, false) // null and "" read as absent: more is taken than the document says
		if op.OperationID == "CreateJob" && a.Status == 200 {
			created := a.Body["result"].(map[string]any)["jobId"].(string)
			ids = append(ids, created)
			b.get(created)
		}
		if rapid.IntRange(0, 9).Draw(rt, "later") == 0 {
			b.Advance(30 * s)
		}
	})
	if !t.Failed() {
		b.ok("GET", "/api/v1/aijobs"+in+"&pageSize=100", nil)
	}
}
