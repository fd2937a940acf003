package preempt_test

import (
	"os"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/sim/simtest"
	"github.com/orrery-sim/orrery/sim/state"
)

// policyOf builds a policy by its short name; a number behind a colon is the margin of its preemption.
func policyOf(t *testing.T, name string) state.Policy {
	name, margin, hasMargin := strings.Cut(name, ":")
	spec, err := policies.ParseShort(name)
	if err != nil {
		t.Fatal(err)
	}
	if hasMargin {
		spec.Params = map[string]string{"preempt.margin": margin}
	}
	p, err := policies.Build(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPipelineScripts(t *testing.T) {
	for _, file := range []string{"testdata/pipeline.sim", "testdata/reclaim.sim"} {
		runScripts(t, file)
	}
}

func runScripts(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := simtest.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, err := range c.Run(func(name string, _ state.Trigger) state.Policy { return policyOf(t, name) }) {
				t.Error(err)
			}
		})
	}
}
