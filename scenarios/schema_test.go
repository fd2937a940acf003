package scenarios

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/orrery-sim/orrery/scenarios/ydec"
)

func TestTheScenarioTypesCanBeRead(t *testing.T) {
	if err := ydec.Check(&Scenario{}); err != nil {
		t.Fatal(err)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON reads YAML as an editor's schema check does.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestShippedScenariosLoadAndValidate(t *testing.T) {
	files, err := filepath.Glob("library/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no shipped scenarios: %v", err)
	}
	s := compiled(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s does not fit the schema: %v", file, err)
		}
		if _, err := Load(file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

const good = `apiVersion: orrery/v1
kind: Scenario
name: x
cluster: {nodeTypes: {n: {gpu: T4, gpus: 4, cpus: 8.5, memory: 64GiB}}, pools: [{name: p, nodeType: n, nodes: 2}]}
workload: {trace: {format: orrery, file: jobs.csv}}
`

// Each case is refused by the schema and by Load alike.
func TestTheSchemaRefusesWhatLoadRefuses(t *testing.T) {
	s := compiled(t)
	if err := s.Validate(asJSON(t, []byte(good))); err != nil {
		t.Fatalf("the good case: %v", err)
	}
	if _, err := Parse("good.yaml", ".", []byte(good)); err != nil {
		t.Fatalf("the good case: %v", err)
	}
	for name, line := range map[string]string{
		"unknown key":        "sede: 1\n",
		"wrong kind":         "queues: prod\n",
		"not a word":         "onNoFit: wait\n",
		"negative":           "seed: -1\n",
		"fraction":           "seed: 1.5\n",
		"item without a key": "changes: [{at: 1s, do: drain}]\n",
		"two sources":        "initial: {jobs: a.csv, state: b.json}\n",
	} {
		text := []byte(good + line)
		if err := s.Validate(asJSON(t, text)); err == nil {
			t.Errorf("%s: the schema takes %q", name, line)
		}
		if _, err := Parse("bad.yaml", ".", text); err == nil {
			t.Errorf("%s: Load takes %q", name, line)
		}
	}
}
