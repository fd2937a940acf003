package conform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
)

// staticRules are those that a module's bytes keep or break, in the order in which they are looked at. A broken one hides those of
// later stages.
var staticRules = []struct {
	id, asks, do string
	stage        int
}{
	{wasm.RuleFormat, "a WebAssembly module of the binary format, version 1", "pass the .wasm file that the build wrote; text is built with wat2wasm", 0},
	{string(rewrite.Limit), "no larger than what compiles in a second or two", "make the module, or the function that is named, smaller", 1},
	{string(rewrite.Feature), "WebAssembly 2.0 with SIMD: no threads, exceptions, tail calls, GC, memory64", "build without the feature that is named", 1},
	{string(rewrite.Unforkable), "all state in memory and numeric globals, which a fork copies", "keep it in memory", 1},
	{string(rewrite.ReservedName), "no name that begins with __orrery", "rename it", 1},
	{string(rewrite.ForeignState), "imports of functions only, and no access past its own globals", "define memory, table and globals in the module", 1},
	{wasm.RuleValid, "valid by the specification", "build it again: a compiler's output is valid", 2},
	{wasm.RuleCompile, "compiles", "make the module smaller, and tell us: it is within the limits", 3},
	{wasm.RuleExports, "sched1_desc, sched1_layout and a hook that decides, each of its type", "see docs/abi.md, and orrery policy init for a module that has them", 4},
	{wasm.RuleImports, "imports of sched1, wasi_snapshot_preview1 and env only, each of its type", "see docs/abi.md for what there is", 4},
	{wasm.RuleMemory, "a memory exported as memory", "export it: linkers do so by default", 4},
}

// static loads the module and says which rules of its bytes it keeps.
func (k *kit) static() bool {
	sum := sha256.Sum256(k.bytes)
	k.report.SHA256 = hex.EncodeToString(sum[:])
	for _, r := range staticRules { // what stands here if the process does not come back
		if r.id == wasm.RuleCompile {
			k.told(k.unfinished(r.id, r.asks))
		}
	}
	m, err := k.host.Load(k.name, k.bytes, k.o.Budget.MemoryPages)
	var e *wasm.Error
	if err != nil && !errors.As(err, &e) {
		e = &wasm.Error{Faults: []wasm.Fault{{Rule: wasm.RuleCompile, Text: err.Error()}}}
	}
	broken := map[string][]string{}
	stage := len(staticRules)
	if e != nil {
		for _, f := range e.Faults {
			rule := f.Rule
			if rule == string(rewrite.Malformed) {
				rule = wasm.RuleFormat
			}
			broken[rule] = append(broken[rule], f.Text)
		}
		for _, r := range staticRules {
			if len(broken[r.id]) > 0 {
				stage = min(stage, r.stage)
			}
		}
	}
	for _, r := range staticRules {
		f := Finding{Rule: r.id, Asks: r.asks, Verdict: Pass}
		switch texts := broken[r.id]; {
		case len(texts) > 0:
			f.Verdict, f.Why, f.Do = Fail, strings.Join(texts, "; "), r.do
		case r.stage > stage || r.stage == stage && stage == 1:
			f.Verdict, f.Why = NA, "an earlier rule is broken"
		case r.id == string(rewrite.Limit):
			f.Figures = k.sizes()
		}
		k.report.Findings = append(k.report.Findings, f)
	}
	if e != nil {
		return false
	}
	k.module, k.report.Hooks = m, m.Hooks
	k.told(k.report)
	return true
}

// unfinished is the report of a check that came no further than a rule.
func (k *kit) unfinished(rule, asks string) *Report {
	r := *k.report
	r.Findings = append(append([]Finding(nil), r.Findings...), Finding{Rule: rule, Asks: asks, Verdict: Fail, Why: "the check did not come to an end here",
		Do: "a module that takes so long is refused; make it smaller"})
	return &r
}

// sizes are the module's figures that limits are set against.
func (k *kit) sizes() []Figure {
	o := rewrite.Default()
	o.MaxMemoryPages = k.o.Budget.MemoryPages
	r, err := rewrite.Rewrite(k.bytes, o)
	if err != nil {
		return nil
	}
	s := r.Stats
	out := []Figure{{"module", int64(len(k.bytes)), "bytes"}, {"code", int64(s.Code), "bytes"}, {"functions", int64(s.Functions), ""},
		{"largest function", int64(s.Body), "bytes"}, {"nesting", int64(s.Nesting), ""}, {"branches", int64(s.TotalBranches), ""},
		{"loops", int64(s.TotalLoops), ""}}
	if r.Memory != nil {
		out = append(out, Figure{"memory at the start", int64(r.Memory.Min) << 16, "bytes"})
	}
	return out
}
