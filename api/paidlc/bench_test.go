package paidlc_test

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
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

// document is the API's contract. Objects whose properties it lists may have no others in an answer, but for those that a
// request brought (see kept).
func document(t testing.TB) (*openapi3.T, routers.Router) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("pai-dlc.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "http://localhost"}}
	r, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc, r
}

// bench is a server over a world of the default scenario whose clock stands, with the contract and the checker beside it.
type bench struct {
	t      testing.TB
	world  *world.World
	server *api.Server
	router routers.Router
	check  *check.Checker
	header http.Header
	called map[string]map[bool]int // by operation: answers that were successes, and that were not
}

func start(t testing.TB, extra ...string) *bench {
	t.Helper()
	b := &bench{t: t, header: http.Header{}, called: map[string]map[bool]int{}}
	doc, router := document(t)
	strict(doc)
	b.router = router
	text, _ := library.Read("live")
	var err error
	b.world, err = world.New(world.Config{Speed: world.Speed{Mode: world.Paused}, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("live.yaml", ".", []byte(string(text)+"start: 2026-03-01T00:00:00Z\n"+strings.Join(extra, "\n")))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}, Listeners: func() []state.Listener {
		b.check = check.New()
		return []state.Listener{b.check}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if b.server, err = api.New(api.Config{World: b.world}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.world.Close()
		if err := b.check.Err(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// kept are objects of which an answer returns what the request said, beyond what the document lists for answers.
var kept = []string{"DataSources"}

// strict forbids properties that the document does not list.
func strict(doc *openapi3.T) {
	seen := map[*openapi3.Schema]bool{}
	var visit func(ref *openapi3.SchemaRef)
	visit = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		seen[ref.Value] = true
		v := ref.Value
		if len(v.Properties) > 0 {
			no := false
			v.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
		for name, p := range v.Properties {
			free := false
			for _, k := range kept {
				free = free || name == k
			}
			if !free {
				visit(p)
			}
		}
		visit(v.Items)
	}
	for _, p := range doc.Paths.Map() {
		for _, o := range p.Operations() {
			for _, r := range o.Responses.Map() {
				for _, m := range r.Value.Content {
					visit(m.Schema)
				}
			}
		}
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   []byte
	body   map[string]any
}

// send makes a call without looking at the contract.
func (b *bench) send(method, target string, body []byte) (*http.Request, *answer) {
	b.t.Helper()
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	r.Host = "localhost"
	for k, v := range b.header {
		r.Header[k] = v
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := b.server.Test().Test(r, -1)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header}
	if a.text, err = io.ReadAll(resp.Body); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(a.text, &a.body); err != nil {
		b.t.Fatalf("%s %s: the answer is no JSON object: %q", method, target, a.text)
	}
	return r, a
}

// call makes a call and holds it against the contract: what is accepted must be right by it, and every answer must be.
func (b *bench) call(method, target string, body any) *answer {
	b.t.Helper()
	var data []byte
	switch v := body.(type) {
	case nil:
	case string:
		data = []byte(v)
	default:
		var err error
		if data, err = json.Marshal(v); err != nil {
			b.t.Fatal(err)
		}
	}
	r, a := b.send(method, target, data)
	b.contract(r, data, a, true)
	return a
}

// contract holds an answer against the document, and with asked the request too where it was accepted.
func (b *bench) contract(r *http.Request, data []byte, a *answer, asked bool) {
	b.t.Helper()
	again := httptest.NewRequest(r.Method, "http://localhost"+r.URL.RequestURI(), bytes.NewReader(data))
	again.Header = r.Header.Clone()
	route, params, err := b.router.FindRoute(again)
	if err != nil {
		b.t.Fatalf("%s %s is not in the document: %v", r.Method, r.URL, err)
	}
	op := route.Operation.OperationID
	if b.called[op] == nil {
		b.called[op] = map[bool]int{}
	}
	b.called[op][a.status == 200]++
	in := &openapi3filter.RequestValidationInput{Request: again, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(b.t.Context(), in); err != nil && asked && a.status == 200 {
		b.t.Errorf("%s: accepted what the document refuses: %v", op, err)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	out.SetBodyBytes(a.text)
	if err := openapi3filter.ValidateResponse(b.t.Context(), out); err != nil {
		b.t.Errorf("%s: the answer breaks the contract: %v\n%s", op, err, a.text)
	}
	if id, _ := a.body["RequestId"].(string); len(id) != 36 || id != strings.ToUpper(id) || a.header.Get("X-Acs-Request-Id") != id {
		b.t.Errorf("%s: RequestId %q, header %q", op, id, a.header.Get("X-Acs-Request-Id"))
	}
}

// ok is a call that must succeed.
func (b *bench) ok(method, target string, body any) map[string]any {
	b.t.Helper()
	a := b.call(method, target, body)
	if a.status != 200 {
		b.t.Fatalf("%s %s: %d %s", method, target, a.status, a.text)
	}
	return a.body
}

// refused is a call that must be refused, with words that its message must have.
func (b *bench) refused(method, target string, body any, status int, code string, words ...string) {
	b.t.Helper()
	a := b.call(method, target, body)
	message, _ := a.body["Message"].(string)
	if a.status != status || a.body["Code"] != code {
		b.t.Errorf("%s %s: got %d %s, want %d %s", method, target, a.status, a.text, status, code)
	}
	for _, w := range words {
		if !strings.Contains(message, w) {
			b.t.Errorf("%s %s: %q does not say %q", method, target, message, w)
		}
	}
}

func (b *bench) advance(d state.Time) {
	b.t.Helper()
	if _, err := b.world.Advance(b.t.Context(), d); err != nil {
		b.t.Fatal(err)
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
	b.t.Helper()
	id, _ := b.ok("POST", "/api/v1/jobs", body)["JobId"].(string)
	return id
}

func (b *bench) get(id string) map[string]any {
	b.t.Helper()
	return b.ok("GET", "/api/v1/jobs/"+id, nil)
}

// statuses is what a job went through.
func statuses(job map[string]any) string {
	var out []string
	for _, h := range job["StatusHistory"].([]any) {
		out = append(out, h.(map[string]any)["Status"].(string))
	}
	return strings.Join(out, " ")
}
