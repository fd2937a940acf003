package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/scenarios"
)

var update = flag.Bool("update", false, "write the generated pages")

// Pages that are made from the code must be what the code makes: go test ./cmd/orrery -run Pages -update.
func TestGeneratedPagesAreUpToDate(t *testing.T) {
	schema, err := scenarios.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"policies.md":          policies.Markdown(),
		"scenario.md":          scenarios.Markdown(),
		"scenario.schema.json": string(schema),
	} {
		file := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("docs/%s is not what the code makes (-want +got); run go test ./cmd/orrery -run Pages -update\n%s", name, diff)
		}
	}
}
