package ydec

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeReadsEveryFeature(t *testing.T) {
	var got scenario
	doc, diags := Decode("s.yaml", []byte(sampleText), &got, Options{})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	start, cpus := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 128
	params := doc.Root().Get("policy").Get("order").Get("params")
	want := scenario{
		APIVersion: "orrery/v1", Name: "two-weeks", Seed: 42, Start: &start, Horizon: 14 * 86400, OnNoFit: "queue", Load: 1.5,
		Cluster: &sampleCluster{
			NodeTypes: Map[nodeKind]{{"a100x8", nodeKind{GPU: "A100-80", GPUs: 8, CPUs: &cpus}}, {"t4.x4", nodeKind{GPU: "T4", GPUs: 4}}},
			Pools:     []pool{{"train", "a100x8", 256}, {"serve", "t4.x4", 16}},
		},
		Workload:   []item{{Trace: &trace{"orrery", "jobs.csv"}}},
		Throughput: throughput{Word: "fixed"},
		Policy:     policy{Order: &part{Name: "las", Params: params}, Backfill: &part{Name: "easy"}},
		Queues:     Map[sampleQueue]{{"prod", sampleQueue{Deserved: Map[int]{{"A100-80", 64}}}}, {"research", sampleQueue{Parent: "prod"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	json, err := params.MarshalJSON()
	if want := `{"thresholds":["1h","8h"],"deep":{"yes":"010"}}`; err != nil || string(json) != want {
		t.Errorf("params as JSON: got %s, %v, want %s", json, err, want)
	}
	if q := got.Queues.Get("prod"); q == nil || *q.Deserved.Get("A100-80") != 64 || got.Queues.Get("x") != nil {
		t.Errorf("Get on a Map: got %v", q)
	}
}

func TestTextsStayAsWritten(t *testing.T) {
	for _, text := range []string{"yes", "on", "010", "1_000", "1.10", ".inf", "true", "0x10", "2026-01-01", "12:30:45", `"null"`, `""`, "'a''b'"} {
		var got struct {
			Name string `yaml:"name"`
		}
		_, diags := Decode("f", []byte("name: "+text), &got, Options{})
		want := strings.ReplaceAll(strings.Trim(text, `"'`), "''", "'")
		if len(diags) > 0 || got.Name != want {
			t.Errorf("%s: got %q, %v", text, got.Name, diags)
		}
	}
}

func TestErrorHasThreeLines(t *testing.T) {
	text := strings.Repeat("#\n", 9) + "cluster:\n  pools:\n    - nodeType: a100x9\n"
	doc, diags := Parse("scenario.yaml", []byte(text), Limits{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	doc.Errorf("cluster.pools[0].nodeType", "no node type %q", "a100x9").
		Known("node types here", "a100x9", []string{"a100x8", "t4x4"}).Do("add it to cluster.nodeTypes")
	want := `scenario.yaml:12:17  cluster.pools[0].nodeType: no node type "a100x9"
                     node types here: a100x8, t4x4   (did you mean "a100x8"?)
                     add it to cluster.nodeTypes`
	if diff := cmp.Diff(want, doc.Err().Error()); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsAreSortedAndAtMostTwentyArePrinted(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: orrery/v1\n")
	for i := range 30 {
		b.WriteString("bad" + string(rune('A'+i)) + ": 1\n")
	}
	var got scenario
	_, diags := Decode("f", []byte(b.String()), &got, Options{})
	if len(diags) != 30 {
		t.Fatalf("got %d diagnostics, want 30", len(diags))
	}
	for i, d := range diags {
		if d.Line != i+2 {
			t.Errorf("diagnostic %d is at line %d", i, d.Line)
		}
	}
	text := diags.Error()
	if got := strings.Count(text, "unknown key"); got != 20 {
		t.Errorf("%d printed, want 20", got)
	}
	if !strings.HasSuffix(text, "\nand 10 more") {
		t.Errorf("no count of the rest: %q", text[len(text)-20:])
	}
}

func TestMessagesCannotSteerATerminal(t *testing.T) {
	var got scenario
	_, diags := Decode("a\x1b[2J.yaml", []byte(`"k\x1b[31m\u202e": {"a\nb": 1}`), &got, Options{})
	if text := diags.Error(); len(diags) == 0 || strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("got %q", text)
	}
}

func TestPositions(t *testing.T) {
	var got scenario
	doc, diags := Decode("s", []byte(sampleText), &got, Options{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	tests := []struct{ path, at, keyAt string }{
		{"", "s:1:1", "s:1:1"},
		{"seed", "s:3:7", "s:3:1"},
		{"cluster.pools.serve.nodes", "s:12:14", "s:12:7"},
		{"cluster.pools[1].nodes", "s:12:14", "s:12:7"},
		{`cluster.nodeTypes."t4.x4".gpu`, "s:7:74", "s:7:69"},
		{`cluster.nodeTypes["t4.x4"].gpu`, "s:7:74", "s:7:69"},
		{"cluster.pools[1]", "s:10:7", "s:10:7"},
		{"cluster.pools[9].nodes", "s:9:5", "s:9:5"}, // the list: the item is not there
		{"workload[0].trace.file", "s:14:33", "s:14:27"},
		{"policy.backfill.name", "s:18:13", "s:18:13"},
		{"policy.order.params.thresholds[1]", "s:17:48", "s:17:48"},
		{"horizon.nothing", "s:5:10", "s:5:10"},
	}
	for _, tt := range tests {
		if got := doc.At(tt.path).String(); got != tt.at {
			t.Errorf("At(%s): got %s, want %s", tt.path, got, tt.at)
		}
		if got := doc.KeyAt(tt.path).String(); got != tt.keyAt {
			t.Errorf("KeyAt(%s): got %s, want %s", tt.path, got, tt.keyAt)
		}
	}
}

func TestDecodeAt(t *testing.T) {
	var s scenario
	doc, _ := Decode("s", []byte(sampleText), &s, Options{})
	var las struct {
		Thresholds []span `yaml:"thresholds"`
		Depth      int    `yaml:"depth" default:"100"`
	}
	diags := doc.DecodeAt("policy.order.params", &las)
	if len(diags) != 1 || diags[0].Path != "policy.order.params" || diags[0].Line != 17 || !strings.Contains(diags[0].Problem, `"deep"`) {
		t.Errorf("got %v", diags)
	}
	if diff := cmp.Diff([]span{3600, 8 * 3600}, las.Thresholds); diff != "" || las.Depth != 100 {
		t.Error(diff, las.Depth)
	}
	las.Depth = 5
	if diags := doc.DecodeAt("policy.backfill.params", &las); len(diags) > 0 || las.Depth != 100 || las.Thresholds != nil {
		t.Errorf("absent params: got %v %+v", diags, las)
	}
}

func TestKeys(t *testing.T) {
	want := map[string]KeyInfo{
		"seed":                        {What: "a whole number", Default: "1"},
		"cluster.pools[].nodeType":    {What: "text", Required: true, Doc: "One of cluster.nodeTypes."},
		"cluster.nodeTypes.*.gpus":    {What: "a whole number from 1 to 64", Required: true},
		"workload[].trace.format":     {What: "one of orrery, swf, helios", Required: true, Enum: []string{"orrery", "swf", "helios"}},
		"caps.*":                      {What: "a whole number"},
		"tree[].children":             {What: "a list"},
		"throughput.scale":            {What: "a whole number", Default: "7"},
		"small":                       {What: "a whole number from -128 to 127"},
		"horizon":                     {What: "a length of time such as 90s, 8h or 14d"},
		"policy.order.params":         {What: "any value"},
		"workload[].generator.params": {What: "any value"},
	}
	seen := map[string]bool{}
	for _, k := range Keys(&scenario{}) {
		if seen[k.Path] {
			t.Errorf("%s is listed twice", k.Path)
		}
		seen[k.Path] = true
		w, ok := want[k.Path]
		if !ok {
			continue
		}
		delete(want, k.Path)
		k.Path, k.Shape = "", nil
		if diff := cmp.Diff(w, k); diff != "" {
			t.Error(diff)
		}
	}
	for path := range want {
		t.Errorf("%s is not listed", path)
	}
}

func TestCheckRefusesTypesThatCannotBeRead(t *testing.T) {
	tests := map[string]any{
		"Go map": struct {
			A map[string]int `yaml:"a"`
		}{},
		"yaml tag": struct{ A int }{},
		"taken": struct {
			A int `yaml:"a"`
			B int `yaml:"a"`
		}{},
		"no option": struct {
			A int `yaml:"a,requird"`
		}{},
		"default": struct {
			A int `yaml:"a" default:"x"`
		}{},
		"use a pointer": struct {
			A pool `yaml:"a"`
		}{},
		"cannot be read": struct {
			A chan int `yaml:"a"`
		}{},
		"bound": struct {
			A int `yaml:"a" min:"x"`
		}{},
		"for lists": struct {
			A int `yaml:"a,one"`
		}{},
		"every field": struct {
			A int `yaml:"a"`
			B int `yaml:",scalar"`
		}{},
		"two fields": struct {
			A int `yaml:",scalar"`
			B int `yaml:",scalar"`
		}{},
		"form that its tag": struct {
			A int `yaml:",list"`
		}{},
		"is no scalar": struct {
			A []int `yaml:"a,short"`
		}{},
	}
	for want, v := range tests {
		if err := Check(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	if err := Check(&scenario{}); err != nil {
		t.Error(err)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"nodeType", "nodes", "name", "backfill", "a100x8"}
	for got, want := range map[string]string{
		"nodetype": "nodeType", "ndoes": "nodes", "nam": "name", "bakcfil": "backfill", "a100x9": "a100x8",
		"zebra": "", "": "", "x": "", "nodes": "",
	} {
		if n := Nearest(got, names); n != want {
			t.Errorf("Nearest(%q): got %q, want %q", got, n, want)
		}
	}
}
