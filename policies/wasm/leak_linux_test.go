package wasm_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/policytest"
	"github.com/orrery-sim/orrery/policies/wasm"
)

// mapped is the size of this process's address space in bytes.
func mapped(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(b))[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// TestClosedGuestsLeaveNothing: a thousand guests that were asked, forked, or dropped after an error, and closed. Each reserves 64 MiB
// of addresses.
func TestClosedGuestsLeaveNothing(t *testing.T) {
	h := newHost(t)
	text, err := os.ReadFile("testdata/hostile/unreachable.wat")
	if err != nil {
		t.Fatal(err)
	}
	trap, err := h.Load("unreachable.wasm", wat(t, string(text)), wasm.DefaultBudget().MemoryPages)
	if err != nil {
		t.Fatal(err)
	}
	good := example(t, h, "best-fit-c", "best-fit.wasm")
	w := small()
	round := func() {
		for _, m := range []*wasm.Module{good, trap} {
			o := options()
			o.OnError = wasm.Drop
			s, err := m.NewScorer(o)
			if err != nil {
				t.Fatal(err)
			}
			p := policies.NewPipelineOf(policies.Parts{Scorer: s})
			if _, err := policytest.Run(w, p, 0); (err == nil) != (m == good) {
				t.Fatal(err)
			}
			if m == good {
				f, err := p.Clone()
				if err != nil {
					t.Fatal(err)
				}
				if err := policies.Close(f); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // closing twice does no harm
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	round()
	before := mapped(t)
	for range 170 { // six instances each
		round()
	}
	if grown := mapped(t) - before; grown > 512<<20 { // of 64 GiB that they reserved; Go's heap is in it
		t.Errorf("a thousand closed guests leave %d MiB mapped", grown>>20)
	}
}
