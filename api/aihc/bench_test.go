package aihc_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/contract"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

type object = map[string]any

// bench is a server with AIHC's contract.
type bench struct{ *contract.Bench }

func start(t testing.TB, extra ...string) *bench {
	t.Helper()
	b := &bench{contract.Start(t, "aihc.openapi.json", []string{"options", "labels", "annotations"}, extra...)}
	b.Also = func(op string, a *contract.Answer) {
		id := a.Header.Get("X-Bce-Request-Id")
		key := "requestId"
		if strings.Contains(op, "Queue") && a.Status == 200 {
			key = "requestID"
		}
		if got, _ := a.Body[key].(string); len(id) != 36 || got != id && !(strings.HasSuffix(op, "Events") && a.Status == 200) {
			b.T.Errorf("%s: %s %q, header %q", op, key, got, id)
		}
	}
	return b
}

const in = "?resourcePoolId=cce-orrery01"

// ok is a call that must succeed; it gives the result.
func (b *bench) ok(method, target string, body any) map[string]any {
	b.T.Helper()
	a := b.OK(method, target, body)
	if r, ok := a["result"].(map[string]any); ok {
		return r
	}
	return a
}

// refused is a call that must be refused, with words that its message must have.
func (b *bench) refused(method, target string, body any, status int, code string, words ...string) {
	b.T.Helper()
	a := b.Call(method, target, body)
	message, _ := a.Body["message"].(string)
	if a.Status != status || a.Body["code"] != code {
		b.T.Errorf("%s %s: got %d %s, want %d %s", method, target, a.Status, a.Text, status, code)
	}
	for _, w := range words {
		if !strings.Contains(message, w) {
			b.T.Errorf("%s %s: %q does not say %q", method, target, message, w)
		}
	}
}

// job is a body of CreateJob.
func job(command string, change ...func(object)) object {
	o := object{"name": "job", "jobSpec": object{"command": command, "image": "registry/image:1", "replicas": 2,
		"resources": []object{{"name": "baidu.com/t4_cgpu", "quantity": 1}, {"name": "cpu", "quantity": 4}, {"name": "memory", "quantity": 15}}}}
	for _, c := range change {
		c(o)
	}
	return o
}

func with(key string, value any) func(object) { return func(o object) { o[key] = value } }

func inSpec(key string, value any) func(object) {
	return func(o object) { o["jobSpec"].(object)[key] = value }
}

func resources(kv ...any) func(object) {
	list := []object{}
	for i := 0; i < len(kv); i += 2 {
		list = append(list, object{"name": kv[i], "quantity": kv[i+1]})
	}
	return inSpec("resources", list)
}

func env(kv ...string) func(object) {
	list := []object{}
	for i := 0; i < len(kv); i += 2 {
		list = append(list, object{"name": kv[i], "value": kv[i+1]})
	}
	return inSpec("envs", list)
}

func (b *bench) create(body object) string {
	b.T.Helper()
	id, _ := b.ok("POST", "/api/v1/aijobs"+in, body)["jobId"].(string)
	return id
}

func (b *bench) get(id string) map[string]any {
	b.T.Helper()
	return b.ok("GET", "/api/v1/aijobs/"+id+in, nil)
}

func pods(job map[string]any) []map[string]any {
	var out []map[string]any
	for _, p := range job["podList"].(map[string]any)["pods"].([]any) {
		out = append(out, p.(map[string]any))
	}
	return out
}

func podName(p map[string]any) string { return p["objectMeta"].(map[string]any)["name"].(string) }

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
