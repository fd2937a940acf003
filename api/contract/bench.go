package contract

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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

// Bench is a server over a world whose clock stands, with the contract and the checker of invariants beside it.
type Bench struct {
	T      testing.TB
	World  *world.World
	Server *api.Server
	Doc    *openapi3.T
	Header http.Header
	Called map[string]map[bool]int                // by operation: answers that were successes, and that were not
	Also   func(operation string, answer *Answer) // what the document does not say of answers; may be nil

	Ends *Ends // of jobs

	router routers.Router
	check  *check.Checker
}

// Ends counts how often each job ended.
type Ends struct{ Count map[uint64]int }

// Kinds are the ends.
func (e *Ends) Kinds() state.KindSet { return state.Kinds(state.EvEnd) }

// Observe counts.
func (e *Ends) Observe(batch *state.Batch) {
	for i := range batch.Events {
		if ev := &batch.Events[i]; ev.Kind == state.EvEnd {
			if e.Count == nil {
				e.Count = map[uint64]int{}
			}
			e.Count[ev.Number]++
		}
	}
}

// Document reads a contract.
func Document(t testing.TB, file string) (*openapi3.T, routers.Router) {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(file)
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

// Start serves the default scenario, with more lines of YAML behind it, from 2026-03-01 on. Objects whose properties the document lists may
// have no others in an answer, but for those that a request brought: kept are their names.
func Start(t testing.TB, file string, kept []string, extra ...string) *Bench {
	t.Helper()
	text, _ := library.Read("live")
	return StartText(t, file, kept, string(text)+"start: 2026-03-01T00:00:00Z\n"+strings.Join(extra, "\n"))
}

// StartText serves a scenario.
func StartText(t testing.TB, file string, kept []string, text string) *Bench {
	t.Helper()
	b := &Bench{T: t, Header: http.Header{}, Called: map[string]map[bool]int{}}
	b.Doc, b.router = Document(t, file)
	strict(b.Doc, kept)
	var err error
	b.World, err = world.New(world.Config{Speed: world.Speed{Mode: world.Paused}, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("live.yaml", ".", []byte(text))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}, Listeners: func() []state.Listener {
		b.check, b.Ends = check.New(), &Ends{}
		return []state.Listener{b.check, b.Ends}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Server, err = api.New(api.Config{World: b.World}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.World.Close()
		if err := b.check.Err(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// Beside is the same server under another contract.
func (b *Bench) Beside(file string, kept []string) *Bench {
	b.T.Helper()
	o := &Bench{T: b.T, Header: http.Header{}, Called: map[string]map[bool]int{}, World: b.World, Server: b.Server}
	o.Doc, o.router = Document(b.T, file)
	strict(o.Doc, kept)
	return o
}

// strict forbids properties that the document does not list.
func strict(doc *openapi3.T, kept []string) {
	seen := map[*openapi3.Schema]bool{}
	var visit func(ref *openapi3.SchemaRef)
	visit = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		seen[ref.Value] = true
		v := ref.Value
		flatten(v)
		if len(v.Properties) > 0 {
			no := false
			v.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		}
		for name, p := range v.Properties {
			if !slices.Contains(kept, name) {
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

// flatten makes one list of properties of an object that is put together of several.
func flatten(v *openapi3.Schema) {
	if len(v.AllOf) == 0 {
		return
	}
	all := openapi3.Schemas{}
	for _, part := range v.AllOf {
		for name, p := range part.Value.Properties {
			all[name] = p
		}
		v.Required = append(v.Required, part.Value.Required...)
	}
	v.AllOf, v.Properties, v.Type = nil, all, &openapi3.Types{openapi3.TypeObject}
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Text   []byte
	Body   map[string]any // nil for a list
}

// Send makes a call without looking at the contract. Every answer must be JSON, or empty.
func (b *Bench) Send(method, target string, body []byte) (*http.Request, *Answer) {
	b.T.Helper()
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	r.Host = "localhost"
	for k, v := range b.Header {
		r.Header[k] = v
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := b.Server.Test().Test(r, -1)
	if err != nil {
		b.T.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	a := &Answer{Status: resp.StatusCode, Header: resp.Header}
	if a.Text, err = io.ReadAll(resp.Body); err != nil {
		b.T.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(a.Text, &v); err != nil && (len(a.Text) > 0 || a.Status >= 300) {
		b.T.Fatalf("%s %s: the answer is no JSON: %q", method, target, a.Text)
	}
	a.Body, _ = v.(map[string]any)
	return r, a
}

// Bytes is a body: nothing, a text as it stands, or any value as JSON.
func (b *Bench) Bytes(body any) []byte {
	b.T.Helper()
	switch v := body.(type) {
	case nil:
		return nil
	case string:
		return []byte(v)
	}
	data, err := json.Marshal(body)
	if err != nil {
		b.T.Fatal(err)
	}
	return data
}

// Call makes a call and holds it against the contract.
func (b *Bench) Call(method, target string, body any) *Answer {
	b.T.Helper()
	data := b.Bytes(body)
	r, a := b.Send(method, target, data)
	b.Contract(r, data, a, true)
	return a
}

// Contract holds an answer against the document, and with asked the request too where it was accepted.
func (b *Bench) Contract(r *http.Request, data []byte, a *Answer, asked bool) {
	b.T.Helper()
	again := httptest.NewRequest(r.Method, "http://localhost"+r.URL.RequestURI(), bytes.NewReader(data))
	again.Header = r.Header.Clone()
	route, params, err := b.router.FindRoute(again)
	if err != nil {
		b.T.Fatalf("%s %s is not in the document: %v", r.Method, r.URL, err)
	}
	op := route.Operation.OperationID
	if b.Called[op] == nil {
		b.Called[op] = map[bool]int{}
	}
	b.Called[op][a.Status == 200]++
	in := &openapi3filter.RequestValidationInput{Request: again, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(b.T.Context(), in); err != nil && asked && a.Status == 200 {
		b.T.Errorf("%s: accepted what the document refuses: %v", op, err)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.Status, Header: a.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	out.SetBodyBytes(a.Text)
	if err := openapi3filter.ValidateResponse(b.T.Context(), out); err != nil {
		b.T.Errorf("%s: the answer breaks the contract: %v\n%s", op, err, a.Text)
	}
	if b.Also != nil {
		b.Also(op, a)
	}
}

// OK is a call that must succeed.
func (b *Bench) OK(method, target string, body any) map[string]any {
	b.T.Helper()
	a := b.Call(method, target, body)
	if a.Status != 200 {
		b.T.Fatalf("%s %s: %d %s", method, target, a.Status, a.Text)
	}
	return a.Body
}

// Advance moves the clock.
func (b *Bench) Advance(d state.Time) {
	b.T.Helper()
	if _, err := b.World.Advance(b.T.Context(), d); err != nil {
		b.T.Fatal(err)
	}
}
