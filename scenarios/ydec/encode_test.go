package ydec

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEncodeIsCanonicalAndFillsDefaultsIn(t *testing.T) {
	var s scenario
	if _, diags := Decode("f", []byte(sampleText), &s, Options{}); len(diags) > 0 {
		t.Fatal(diags)
	}
	got, err := Encode(&s)
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: orrery/v1
name: two-weeks
seed: 42
start: 2026-01-01T00:00:00Z
horizon: 14d
onNoFit: queue
load: 1.5
cluster:
  nodeTypes:
    a100x8:
      gpu: A100-80
      gpus: 8
      cpus: 128
    t4.x4:
      gpu: T4
      gpus: 4
  pools:
    - name: train
      nodeType: a100x8
      nodes: 256
    - name: serve
      nodeType: t4.x4
      nodes: 16
workload:
  - trace:
      format: orrery
      file: jobs.csv
throughput: fixed
policy:
  order:
    name: las
    params:
      thresholds: [1h, 8h]
      deep:
        "yes": 010
  backfill: easy
queues:
  prod:
    deserved:
      A100-80: 64
  research:
    parent: prod
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	n, err := Tree(s.Policy)
	if err != nil {
		t.Fatal(err)
	}
	json, err := n.MarshalJSON()
	wantJSON := `{"order":{"name":"las","params":{"thresholds":["1h","8h"],"deep":{"yes":"010"}}},"backfill":"easy"}`
	if err != nil || string(json) != wantJSON {
		t.Errorf("got %s, %v", json, err)
	}
}

func TestEncodeRefusesWhatCannotBeReadBack(t *testing.T) {
	type typed struct {
		F float64    `yaml:"f"`
		S string     `yaml:"s"`
		M Map[int]   `yaml:"m"`
		L []*pool    `yaml:"l"`
		U throughput `yaml:"u,required"`
	}
	fixed := throughput{Word: "fixed"}
	for name, v := range map[string]typed{
		"NaN":      {F: math.NaN(), U: fixed},
		"infinity": {F: math.Inf(1), U: fixed},
		"text":     {S: "\xff", U: fixed},
		"twice":    {M: Map[int]{{"a", 1}, {"a", 2}}, U: fixed},
		"unnamed":  {M: Map[int]{{"", 1}}, U: fixed},
		"nil item": {L: []*pool{nil}, U: fixed},
		"two":      {U: throughput{Word: "fixed", List: []float64{1}}},
	} {
		if out, err := Encode(v); err == nil {
			t.Errorf("%s: wrote %s", name, out)
		}
	}
}

func TestTextsAreQuotedWhereAReaderCouldTakeThemForSomethingElse(t *testing.T) {
	for text, want := range map[string]string{
		"abc": "abc", "a b": "a b", "a:b": "a:b", "yes": `"yes"`, "No": `"No"`, "10": `"10"`, "": `""`, "a: b": `"a: b"`, "a #b": `"a #b"`,
		" a": `" a"`, "-": `"-"`, "2026-01-01": `"2026-01-01"`, "null": `"null"`, "~": `"~"`, "a\nb": `"a\nb"`, "é": `"é"`, "<<": `"<<"`,
		"/a/b.csv": "/a/b.csv", "a\u2028": `"a\u2028"`, "\x00": `"\x00"`, "NaN": `"NaN"`,
	} {
		got, err := Encode(&struct {
			A string `yaml:"a,required"`
		}{text})
		if err != nil || strings.TrimSuffix(string(got), "\n") != "a: "+want {
			t.Errorf("%q: got %s, %v, want a: %s", text, got, err, want)
		}
	}
}

// texts are those that readers of YAML trip over, and any others.
func texts() *rapid.Generator[string] {
	hard := rapid.SampledFrom([]string{
		"", "yes", "010", "1_000", ".inf", "null", "~", "a: b", "- a", "? a", "#", "a #b", "'", `"`, `\`, "\n", "a\n\nb\n", " ", " a ", "\t", "\x00",
		"\u0085", "\u2028", "\ufeff", "\ufffd", "\u00a0", "[a]", "{}", "*a", "&a", "!a", "%a", "@a", "|", ">", "---", "...", "--- a", "<<", "=",
		"1e3", "true", "a,b", "a]", strings.Repeat("k", 1500), "💥", ":", "a:", ":a", "-", "-a", "--a",
	})
	return rapid.OneOf(hard, rapid.String(), rapid.StringMatching(`[a-z0-9:#,\[\]{} '"\n-]{0,12}`))
}

func names() *rapid.Generator[string] { return texts().Filter(func(s string) bool { return s != "" }) }

func mapsOf[V any](value *rapid.Generator[V]) *rapid.Generator[Map[V]] {
	return rapid.Custom(func(t *rapid.T) Map[V] {
		if rapid.IntRange(0, 3).Draw(t, "nil") == 0 {
			return nil
		}
		m := Map[V]{}
		for _, name := range rapid.SliceOfNDistinct(names(), 0, 4, rapid.ID).Draw(t, "names") {
			m = append(m, Entry[V]{name, value.Draw(t, "value")})
		}
		return m
	})
}

func nodes(depth int) *rapid.Generator[*Node] {
	return rapid.Custom(func(t *rapid.T) *Node {
		kinds := []Kind{Scalar, Scalar, List, Mapping}
		if depth < 3 {
			kinds = append(kinds, Null)
		}
		n := &Node{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		if depth == 0 && n.Kind > Scalar {
			n.Kind = Scalar
		}
		switch n.Kind {
		case Scalar:
			n.Text, n.Quoted = texts().Draw(t, "text"), true
			if rapid.Bool().Draw(t, "plain") {
				n.Text, n.Quoted = rapid.SampledFrom([]string{"1", "-1.5", "true", "010", "yes", "14d", ".5", "+1", "1e3", "a b"}).Draw(t, "plain"), false
			}
		case List:
			n.Items = rapid.SliceOfN(nodes(depth-1), 0, 3).Draw(t, "items")
		case Mapping:
			for _, name := range rapid.SliceOfNDistinct(names(), 0, 3, rapid.ID).Draw(t, "names") {
				n.put(name, Pos{}, nodes(depth-1).Draw(t, "value"))
			}
		}
		return n
	})
}

func parts(t *rapid.T) *part {
	p := &part{}
	if rapid.Bool().Draw(t, "named") {
		p.Name = names().Draw(t, "name")
	} else {
		p.Wasm = names().Draw(t, "wasm")
	}
	if rapid.Bool().Draw(t, "params") {
		p.Params = nodes(3).Draw(t, "params")
	}
	return p
}

func scenarios() *rapid.Generator[scenario] {
	return rapid.Custom(func(t *rapid.T) scenario {
		s := scenario{
			APIVersion: "orrery/v1", Name: texts().Draw(t, "name"), Seed: rapid.Int64().Draw(t, "seed"),
			Horizon: span(rapid.Int64Range(math.MinInt32, math.MaxInt32).Draw(t, "horizon")), Strict: rapid.Bool().Draw(t, "strict"),
			OnNoFit: rapid.SampledFrom([]string{"queue", "drop"}).Draw(t, "onNoFit"), Load: rapid.Float64Range(0, 10).Draw(t, "load"),
			Ratio32: rapid.Float32().Draw(t, "ratio32"),
			Caps:    mapsOf(rapid.Int()).Draw(t, "caps"),
			Queues: mapsOf(rapid.Custom(func(t *rapid.T) sampleQueue {
				return sampleQueue{mapsOf(rapid.Int()).Draw(t, "deserved"), texts().Draw(t, "parent")}
			})).Draw(t, "queues"),
			Limits: sampleLimits{rapid.Int8().Draw(t, "small"), rapid.Byte().Draw(t, "byte"), rapid.Uint64().Draw(t, "big")},
		}
		if rapid.Bool().Draw(t, "dated") {
			at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "start"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns")).UTC()
			s.Start = &at
		}
		if rapid.Bool().Draw(t, "sized") {
			s.Sizes = rapid.SliceOfN(rapid.Uint16Range(0, 4096), 0, 40).Draw(t, "sizes")
		}
		if rapid.Bool().Draw(t, "order") {
			s.Policy = policy{Order: parts(t), Backfill: parts(t)}
		}
		switch rapid.IntRange(0, 3).Draw(t, "throughput") {
		case 0:
			s.Throughput.Word = "roofline"
		case 1:
			s.Throughput.List = rapid.SliceOfN(rapid.Float64(), 0, 5).Draw(t, "list")
		case 2:
			s.Throughput.Table = &speedTable{texts().Draw(t, "file"), rapid.Int().Draw(t, "scale")}
		}
		for i, name := range rapid.SliceOfNDistinct(names(), 0, 3, rapid.ID).Draw(t, "tree") {
			s.Tree = append(s.Tree, branch{Name: name})
			if i > 0 {
				s.Tree = []branch{{Name: name, Children: s.Tree}}
			}
		}
		if rapid.Bool().Draw(t, "worked") {
			s.Workload = []item{{Trace: &trace{"swf", texts().Draw(t, "file")}}, {Generator: parts(t)}}
		}
		return s
	})
}

func TestWhatIsEncodedReadsBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := scenarios().Draw(t, "scenario")
		checkRoundTrip(t, want)
	})
}

type failer interface {
	Fatalf(format string, args ...any)
}

func checkRoundTrip(t failer, want scenario) {
	text, err := Encode(&want)
	if err != nil {
		t.Fatalf("%v", err)
	}
	var got scenario
	if _, diags := Decode("f", text, &got, Options{}); len(diags) > 0 {
		t.Fatalf("%v\n%s", diags, text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s\n%s", diff, text)
	}
	again, err := Encode(&got)
	if err != nil || string(again) != string(text) {
		t.Fatalf("written again it differs: %v\n%s\n%s", err, text, again)
	}
}

func TestWhatIsEncodedAsJSONReadsBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := nodes(3).Draw(t, "node")
		json, err := want.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		text, err := want.YAML()
		if err != nil {
			t.Fatal(err)
		}
		got, diags := parse("f", text, Limits{}.orDefault())
		if len(diags) > 0 || !got.Equal(want) {
			t.Fatalf("%v\n%s", diags, text)
		}
		if again, err := got.MarshalJSON(); err != nil || string(again) != string(json) {
			t.Fatalf("got %s, want %s", again, json)
		}
	})
}
