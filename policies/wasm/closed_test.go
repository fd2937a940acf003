package wasm_test

import (
	"math"
	"sync"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
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

// TestOptionsThatMakeNoSense are refused before anything runs.
func TestOptionsThatMakeNoSense(t *testing.T) {
	h := newHost(t)
	m := example(t, h, "fcfs-c", "fcfs.wasm")
	for want, change := range map[string]func(*wasm.Options){
		"policy fcfs.wasm: its budget gives base -1 units of fuel; wanted 0 to 1000000000000":                 func(o *wasm.Options) { o.Budget.Base = -1 },
		"policy fcfs.wasm: its budget gives perRow 9223372036854775807 units of fuel; wanted 0 to 1000000000": func(o *wasm.Options) { o.Budget.PerRow = math.MaxInt64 },
		"policy fcfs.wasm: onError is fallback, and there is no native policy to fall back to":                func(o *wasm.Options) { o.OnError = wasm.Fallback },
	} {
		o := options()
		change(&o)
		if _, err := m.NewScheduler(o, nil); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Load("x.wasm", nil, 64); err == nil || err.Error() != "policy x.wasm: the host of policies is closed" {
		t.Error(err)
	}
}

// TestOneModuleInManySimulations: at the same time, each as if it were alone.
func TestOneModuleInManySimulations(t *testing.T) {
	h := newHost(t)
	m := example(t, h, "best-fit-c", "best-fit.wasm")
	digests := make([]string, 8)
	var group sync.WaitGroup
	for i := range digests {
		group.Go(func() {
			s, err := m.NewScorer(options())
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			r, err := policytest.Run(small(), policies.NewPipelineOf(policies.Parts{Scorer: s}), 0)
			if err != nil {
				t.Error(err)
				return
			}
			digests[i] = r.Digest
		})
	}
	group.Wait()
	for _, d := range digests {
		if d != digests[0] || d == "" {
			t.Errorf("digests %q", digests)
		}
	}
}
