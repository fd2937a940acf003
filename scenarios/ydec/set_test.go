package ydec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func setAndDecode(t *testing.T, text, path, value string) (scenario, Diagnostics) {
	t.Helper()
	var s scenario
	_, diags := Decode("s.yaml", []byte(text), &s, Options{Set: []Assignment{{path, value, "--set"}}})
	return s, diags
}

func TestSet(t *testing.T) {
	bare := "apiVersion: orrery/v1\n"
	tests := []struct {
		text, path, value string
		want              any
		got               func(s scenario) any
	}{
		{sampleText, "cluster.pools.train.nodes", "64", 64, func(s scenario) any { return s.Cluster.Pools[0].Nodes }},
		{sampleText, "cluster.pools[1].nodes", " 65 ", 65, func(s scenario) any { return s.Cluster.Pools[1].Nodes }},
		{sampleText, `cluster.nodeTypes."t4.x4".gpus`, "2", 2, func(s scenario) any { return s.Cluster.NodeTypes[1].Value.GPUs }},
		{sampleText, `cluster.nodeTypes['t4.x4'].gpus`, "2", 2, func(s scenario) any { return s.Cluster.NodeTypes[1].Value.GPUs }},
		{sampleText, "cluster.nodeTypes.new", "{gpu: H100, gpus: 8}", "H100", func(s scenario) any { return s.Cluster.NodeTypes.Get("new").GPU }},
		{sampleText, "queues.prod.deserved.H100", "5", Map[int]{{"A100-80", 64}, {"H100", 5}}, func(s scenario) any { return s.Queues[0].Value.Deserved }},
		{sampleText, "workload.trace.file", "x.csv", nil, nil},
		{sampleText, "workload[0].trace.file", "x.csv", "x.csv", func(s scenario) any { return s.Workload[0].Trace.File }},
		{sampleText, "workload[0].generator", "philly", "philly", func(s scenario) any { return s.Workload[0].Generator.Name }},
		{sampleText, "policy.backfill.params.depth", "100", "easy", func(s scenario) any { return s.Policy.Backfill.Name }},
		{sampleText, "policy.backfill.wasm", "p.wasm", part{Wasm: "p.wasm"}, func(s scenario) any { return *s.Policy.Backfill }},
		{sampleText, "policy.order.params.deep.deeper", "1", "1", func(s scenario) any { return s.Policy.Order.Params.Get("deep").Get("deeper").Text }},
		{sampleText, "policy.order.params.thresholds[0]", "2h", "2h", func(s scenario) any { return s.Policy.Order.Params.Get("thresholds").Items[0].Text }},
		{sampleText, "policy.preset", "x", policy{Preset: "x", Backfill: &part{Name: "easy"}}, func(s scenario) any { return s.Policy }},
		{sampleText, "throughput", "[1, 2]", throughput{List: []float64{1, 2}}, func(s scenario) any { return s.Throughput }},
		{sampleText, "throughput.file", "t.csv", throughput{Table: &speedTable{"t.csv", 7}}, func(s scenario) any { return s.Throughput }},
		{bare, "limits", "1", nil, nil},
		{bare, "small", "-7", int8(-7), func(s scenario) any { return s.Limits.Small }},
		{bare, "policy.backfill.name", "easy", "easy", func(s scenario) any { return s.Policy.Backfill.Name }},
		{bare, "caps.x", "3", Map[int]{{"x", 3}}, func(s scenario) any { return s.Caps }},
		{bare, "sizes", "[1,2]", []uint16{1, 2}, func(s scenario) any { return s.Sizes }},
		{bare, "name", "a: b #1", "a: b #1", func(s scenario) any { return s.Name }},
		{bare, "name", "yes", "yes", func(s scenario) any { return s.Name }},
		{bare, "name", "", "", func(s scenario) any { return s.Name }},
		{bare, "name", `"[x]\t"`, "[x]\t", func(s scenario) any { return s.Name }},
		{bare, "name", "@x", "@x", func(s scenario) any { return s.Name }},
	}
	for _, tt := range tests {
		s, diags := setAndDecode(t, tt.text, tt.path, tt.value)
		if tt.got == nil {
			if len(diags) == 0 {
				t.Errorf("%s=%s was accepted", tt.path, tt.value)
			}
			continue
		}
		if len(diags) > 0 {
			t.Errorf("%s=%s: %v", tt.path, tt.value, diags)
		} else if diff := cmp.Diff(tt.want, tt.got(s)); diff != "" {
			t.Errorf("%s=%s: %s", tt.path, tt.value, diff)
		}
	}
}

func TestSetErrors(t *testing.T) {
	tests := []struct{ path, value, want string }{
		{"cluster.pools.tran.nodes", "64", `--set cluster.pools.tran.nodes=64  cluster.pools has no item "tran"
                                   items here: train, serve   (did you mean "train"?)`},
		{"cluster.pols", "1", `--set cluster.pols=1  cluster has no key "pols"
                      keys here: nodeTypes, pools   (did you mean "pools"?)`},
		{"cluster.pools.train.nodes", "1.5", `--set cluster.pools.train.nodes=1.5  cluster.pools[0].nodes: "1.5" is no whole number
                                     found 1.5; expected a whole number of at least 0
                                     write 1 or 2`},
		{"queues.prd.parent", "x", `(did you mean "prod"?)`},
		{"queues.prd.parent", "x", `to add it, set it as a whole: queues.prd={...}`},
		{"queues[0].parent", "x", "queues is no list"},
		{"cluster.pools[2].nodes", "1", "cluster.pools has no item [2]"},
		{"seed.x", "1", "seed holds a single value"},
		{"seed[0]", "1", "seed holds a single value"},
		{"[0]", "1", "the document is no list"},
		{"", "1", "the path is empty"},
		{"a..b", "1", "a name is missing"},
		{`caps."\xc1"`, "1", `the name "\xc1" is not UTF-8`},
		{"caps.\xc1", "1", `the name "\xc1" is not UTF-8`},
		{"a[x]", "1", `"x" is no index`},
		{"a[-1]", "1", `"-1" is no index`},
		{"a[1", "1", "a [ is not closed"},
		{`a."b`, "1", "a quote is not closed"},
		{`"a"b`, "1", `must be followed by . or [`},
		{strings.Repeat("a.", 100) + "a", "1", "more than 64 steps"},
		{"name", "[1", "is not closed"},
		{"name", "'a' b", "cannot be read"},
		{"name", "null", "no value is given"},
		{"name", "a\x00", "control character"},
		{"policy.order.params.thresholds[7]", "1", "policy.order.params.thresholds has no item [7]"},
		{"workload.x.trace", "1", "write an index: workload[0]"},
	}
	for _, tt := range tests {
		_, diags := setAndDecode(t, sampleText, tt.path, tt.value)
		if len(diags) == 0 || !strings.Contains(diags.Error(), tt.want) {
			t.Errorf("%s=%s: got\n%v\nwant\n%s", tt.path, tt.value, diags, tt.want)
		}
	}
}

func TestAFailedSetChangesNothing(t *testing.T) {
	doc, _ := Parse("f", []byte(sampleText), Limits{})
	before := doc.Root().Clone()
	for _, path := range []string{"policy.backfill.params.a[0]", "policy.backfill.nope", "throughput.nope", "workload[0].trace.nope"} {
		if diags := doc.Set(&scenario{}, Assignment{Path: path, Value: "1"}); len(diags) == 0 {
			t.Errorf("%s was accepted", path)
		}
		if !doc.Root().Equal(before) {
			t.Fatalf("%s changed the document", path)
		}
	}
}

func TestClonesAreSetApart(t *testing.T) {
	doc, _ := Parse("f", []byte(sampleText), Limits{})
	a, b := doc.Clone(), doc.Clone()
	for i, d := range []*Doc{a, b} {
		if diags := d.Set(&scenario{}, Assignment{Path: "cluster.pools.train.nodes", Value: []string{"1", "2"}[i]}); len(diags) > 0 {
			t.Fatal(diags)
		}
	}
	for i, d := range []*Doc{a, b, doc} {
		var s scenario
		if diags := d.Decode(&s); len(diags) > 0 || s.Cluster.Pools[0].Nodes != []int{1, 2, 256}[i] {
			t.Errorf("document %d: %v %v", i, diags, s.Cluster.Pools[0])
		}
	}
}

func TestPathsRoundTrip(t *testing.T) {
	for _, name := range []string{"a", "a.b", "a b", `a"b`, `a\b`, "a'b", "a]b", "[0]", "é", "\u00a0", "\n", "\x00", "0", "x=y", "\u202e"} {
		path := Join("top", name, 3, name)
		steps, err := splitPath(path)
		want := []step{{"top", -1}, {name, -1}, {"", 3}, {name, -1}}
		if diff := cmp.Diff(want, steps, cmp.AllowUnexported(step{})); err != nil || diff != "" {
			t.Errorf("%s: %v %s", path, err, diff)
		}
	}
}
