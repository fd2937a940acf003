package paidlc_test

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/orrery-sim/orrery/api/contract"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

const documentFile = "pai-dlc.openapi.json"

// document is the API's contract.
func document(t testing.TB) *openapi3.T {
	doc, _ := contract.Document(t, documentFile)
	return doc
}

// bench is a server over a world of the default scenario whose clock stands, with the contract and the checker beside it.
type bench struct{ *contract.Bench }

// kept are objects of which an answer returns what the request said, beyond what the document lists for answers.
var kept = []string{"DataSources"}

func start(t testing.TB, extra ...string) *bench {
	t.Helper()
	b := &bench{contract.Start(t, documentFile, kept, extra...)}
	b.Also = func(operation string, a *contract.Answer) {
		if id, _ := a.Body["RequestId"].(string); len(id) != 36 || id != strings.ToUpper(id) || a.Header.Get("X-Acs-Request-Id") != id {
			t.Errorf("%s: RequestId %q, header %q", operation, id, a.Header.Get("X-Acs-Request-Id"))
		}
	}
	return b
}

// refused is a call that must be refused, with words that its message must have.
func (b *bench) refused(method, target string, body any, status int, code string, words ...string) {
	b.T.Helper()
	a := b.Call(method, target, body)
	message, _ := a.Body["Message"].(string)
	if a.Status != status || a.Body["Code"] != code {
		b.T.Errorf("%s %s: got %d %s, want %d %s", method, target, a.Status, a.Text, status, code)
	}
	for _, w := range words {
		if !strings.Contains(message, w) {
			b.T.Errorf("%s %s: %q does not say %q", method, target, message, w)
		}
	}
}

type object = map[string]any

// job is a body of CreateJob.
func job(command string, change ...func(object)) object {
	o := object{"DisplayName": "job", "JobType": "PyTorchJob", "UserCommand": command,
		"JobSpecs": []object{{"Type": "Worker", "PodCount": 2, "EcsSpec": "ecs.gn6i-c4g1.xlarge", "Image": "registry/image:1"}}}
	for _, c := range change {
		c(o)
	}
	return o
}

func with(key string, value any) func(object) { return func(o object) { o[key] = value } }

// inSpec changes the first role.
func inSpec(key string, value any) func(object) {
	return func(o object) {
		spec := o["JobSpecs"].([]object)[0]
		if value == nil {
			delete(spec, key)
		} else {
			spec[key] = value
		}
	}
}

func (b *bench) create(body object) string {
	b.T.Helper()
	id, _ := b.OK("POST", "/api/v1/jobs", body)["JobId"].(string)
	return id
}

func (b *bench) get(id string) map[string]any {
	b.T.Helper()
	return b.OK("GET", "/api/v1/jobs/"+id, nil)
}

// statuses is what a job went through.
func statuses(job map[string]any) string {
	var out []string
	for _, h := range job["StatusHistory"].([]any) {
		out = append(out, h.(map[string]any)["Status"].(string))
	}
	return strings.Join(out, " ")
}
