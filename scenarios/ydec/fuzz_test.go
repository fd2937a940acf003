package ydec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func addCorpus(f *testing.F, add func(text string)) {
	add(sampleText)
	files, _ := filepath.Glob("testdata/errors/*.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, chunk := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			_, text, _ := strings.Cut(chunk, "\n")
			add(text)
		}
	}
	for _, text := range []string{
		"a: &a [*a]", "&a a: *a", "? |\n  x\n: y", "%YAML 1.1\n---\na", "a: |2-\n   x\n", "!!binary x", "{a: b, ? c}", "[a: b]", "- - - a", "*a : b",
		"a: >-\n  x\n\n  y", "'a\n b': c", "\ufeffa: b", "...", "--- |", "&a", "!", "- &a\n- *a", "a: 'it''s'", "a\r\n: b", "{? }", "&a : *a",
	} {
		add(text)
	}
}

// Whatever the text: no panic, places that lie in the text, and what is accepted can be written and read back.
func FuzzDecode(f *testing.F) {
	addCorpus(f, func(text string) { f.Add([]byte(text)) })
	f.Fuzz(func(t *testing.T, data []byte) {
		var s scenario
		doc, diags := Decode("f", data, &s, Options{Limits: Limits{Bytes: 1 << 16}})
		lines := strings.Split(strings.ReplaceAll(string(data), "\r", "\n"), "\n")
		for _, d := range diags {
			if d.Line < 1 || d.Column < 1 || d.Line > 2*len(lines)+len(data) || d.Problem == "" {
				t.Errorf("place or problem is wrong: %+v", d)
			}
		}
		if text := diags.Error(); !utf8.ValidString(text) || strings.ContainsAny(text, "\x1b\x00\r\t") || strings.Contains(text, "ydec.") {
			t.Errorf("the message is %q", text)
		}
		if len(diags) == 0 {
			checkRoundTrip(t, s)
		}
		if doc.Root() == nil && len(diags) == 0 {
			t.Error("neither a tree nor a diagnostic")
		}
	})
}

// Whatever the path and the value: no panic, and a refused assignment changes nothing.
func FuzzSet(f *testing.F) {
	for _, path := range []string{
		"seed", "cluster.pools.train.nodes", "cluster.pools[0].nodes", `cluster.nodeTypes."t4.x4".gpu`, "workload[0].trace.file", "policy.backfill.params.a.b",
		"throughput.file", "throughput[0]", "queues.prod.deserved.X", "tree[0].children[1].name", `["a"]`, "a..b", "[", `"`, "caps['x']",
	} {
		for _, value := range []string{"64", "[1, 2]", "{name: x}", "yes", "", "null", "'x'", "[", "{a: [*b]}", "a: b # c", `"\x00"`} {
			f.Add(path, value)
		}
	}
	f.Fuzz(func(t *testing.T, path, value string) {
		doc, diags := Parse("f", []byte(sampleText), Limits{})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		before := doc.Root().Clone()
		if diags := doc.Set(&scenario{}, Assignment{path, value, "--set"}); len(diags) > 0 {
			if !doc.Root().Equal(before) {
				t.Error("a refused assignment changed the document")
			}
			if text := diags.Error(); !utf8.ValidString(text) || strings.ContainsAny(text, "\x1b\x00\r\t") {
				t.Errorf("the message is %q", text)
			}
			return
		}
		if _, ok := doc.Find(path); !ok {
			t.Errorf("%q was set and is not there", path)
		}
		var s scenario
		if diags := doc.Decode(&s); len(diags) == 0 {
			checkRoundTrip(t, s)
		}
		doc.At(path)
		doc.KeyAt(path)
	})
}
