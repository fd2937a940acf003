package sched1

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write what is made from the tables")

// TestGoLayout holds that the constants are those of the tables.
func TestGoLayout(t *testing.T) {
	if *update {
		if err := os.WriteFile("layout.go", GoLayout(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("layout.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, GoLayout()) {
		t.Error("layout.go is not what the tables say; run make docs")
	}
}

// TestRecords holds that records need no padding, so that a C struct of the same fields lies the same in every compiler.
func TestRecords(t *testing.T) {
	for _, r := range Records() {
		at := 0
		for _, f := range r.Fields {
			if f.Offset != at {
				t.Errorf("%s.%s lies at %d after %d bytes: padding", r.Name, f.Name, f.Offset, at)
			}
			at += f.Type.Size()
		}
		if at != r.Size {
			t.Errorf("%s has %d bytes of fields and is %d long", r.Name, at, r.Size)
		}
	}
	if DecisionBytes != 48 || EventBytes != 32 {
		t.Errorf("decision %d, event %d bytes", DecisionBytes, EventBytes)
	}
}

// TestNames holds that nothing has two meanings.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	once := func(name string) {
		if seen[name] {
			t.Errorf("%s stands twice", name)
		}
		seen[name] = true
	}
	for _, tb := range Tables() {
		once("table " + tb.Name)
		if len(tb.Columns) > MaxCols {
			t.Errorf("table %s has %d columns", tb.Name, len(tb.Columns))
		}
		for _, c := range tb.Columns {
			once(tb.Name + "." + c.Name)
		}
	}
	for _, e := range Enums() {
		values := map[int64]bool{}
		for _, v := range e.Values {
			once(e.Prefix + "_" + v.Name)
			if values[v.Value] {
				t.Errorf("%s_%s has a value that another has", e.Prefix, v.Name)
			}
			values[v.Value] = true
		}
	}
	for _, f := range append(Hooks(), Imports()...) {
		once("function " + f.Name)
	}
}

// TestPage holds that docs/abi.md is what the tables say.
func TestPage(t *testing.T) {
	const page = "../../docs/abi.md"
	if *update {
		if err := os.WriteFile(page, Page(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, Page()) {
		t.Error("docs/abi.md is not what the tables say; run make docs")
	}
}
