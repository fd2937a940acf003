package modelarts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/api/contract"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

type object = map[string]any

// bench is a server with ModelArts' contract. The document has the search alone; other answers that are jobs are held against its items.
type bench struct{ *contract.Bench }

func start(t testing.TB, extra ...string) *bench {
	t.Helper()
	return with(t, contract.Start(t, "modelarts.openapi.json", nil, extra...))
}

func with(t testing.TB, c *contract.Bench) *bench {
	b := &bench{c}
	b.Also = func(op string, a *contract.Answer) {
		if id := a.Header.Get("X-Request-Id"); len(id) != 36 {
			b.T.Errorf("%s: request id %q", op, id)
		}
	}
	return b
}

const jobs = "/v2/p1/training-jobs"

// call makes a call that must be answered with a status.
func (b *bench) call(method, target string, body any, status int) map[string]any {
	b.T.Helper()
	_, a := b.Send(method, target, b.Bytes(body))
	if a.Status != status {
		b.T.Fatalf("%s %s: %d %s, want %d", method, target, a.Status, a.Text, status)
	}
	if a.Header.Get("X-Request-Id") == "" {
		b.T.Errorf("%s %s: no request id", method, target)
	}
	return a.Body
}

// refused is a call that must be refused, with words that its message must have.
func (b *bench) refused(method, target string, body any, status int, code string, words ...string) {
	b.T.Helper()
	got := b.call(method, target, body, status)
	message, _ := got["error_msg"].(string)
	if got["error_code"] != code || message == "" {
		b.T.Errorf("%s %s: got %v, want %s", method, target, got, code)
	}
	for _, w := range words {
		if !strings.Contains(message, w) {
			b.T.Errorf("%s %s: %q does not say %q", method, target, message, w)
		}
	}
}

// isJob holds an answer against the document's training job.
func (b *bench) isJob(v any) map[string]any {
	b.T.Helper()
	if err := b.Doc.Components.Schemas["JobResponse"].Value.VisitJSON(v); err != nil {
		b.T.Errorf("the answer is no training job of the document: %v", err)
	}
	job, _ := v.(map[string]any)
	return job
}

// job is a body of CreateTrainingJob.
func job(command string, change ...func(object)) object {
	o := object{"kind": "job", "metadata": object{"name": "job", "description": "d"}, "algorithm": object{"command": command, "engine": object{"image_url": "swr/image:1"}},
		"spec": object{"resource": object{"flavor_id": "modelarts.pool.visual.xlarge", "node_count": 1}}}
	for _, c := range change {
		c(o)
	}
	return o
}

// set changes what stands at a path such as spec.resource.node_count; nil takes it away.
func set(path string, value any) func(object) {
	return func(o object) {
		keys := strings.Split(path, ".")
		for _, k := range keys[:len(keys)-1] {
			next, ok := o[k].(object)
			if !ok {
				next = object{}
				o[k] = next
			}
			o = next
		}
		if last := keys[len(keys)-1]; value == nil {
			delete(o, last)
		} else {
			o[last] = value
		}
	}
}

func (b *bench) create(body object) string {
	b.T.Helper()
	got := b.isJob(b.call("POST", jobs, body, 201))
	return got["metadata"].(object)["id"].(string)
}

func (b *bench) get(id string) map[string]any {
	b.T.Helper()
	return b.isJob(b.call("GET", jobs+"/"+id, nil, 200))
}

func (b *bench) phase(id string) string {
	b.T.Helper()
	st := b.get(id)["status"].(object)
	return st["phase"].(string) + "/" + st["secondary_phase"].(string)
}

// search gives the names that a search finds, in order, and its answer.
func (b *bench) search(body any) (string, map[string]any) {
	b.T.Helper()
	a := b.OK("POST", "/v2/p1/training-job-searches", body)
	var names []string
	for _, j := range a["items"].([]any) {
		names = append(names, j.(object)["metadata"].(object)["name"].(string))
	}
	return strings.Join(names, " "), a
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
