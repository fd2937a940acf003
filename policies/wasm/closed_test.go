package wasm_test

import (
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/policytest"
)

// TestAClosedGuestSaysSo: asking a guest after Close is an error, no crash on memory that is gone.
func TestAClosedGuestSaysSo(t *testing.T) {
	h := newHost(t)
	s, err := example(t, h, "best-fit-c", "best-fit.wasm").NewScorer(options())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	const want = "policy best-fit.wasm: it was asked after it had been closed"
	if _, err := policytest.Run(small(), policies.NewPipelineOf(policies.Parts{Scorer: s}), 0); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := s.CloneScorer(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
