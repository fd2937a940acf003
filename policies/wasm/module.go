package wasm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/orrery-sim/orrery/policies/sched1"
)

// Module is a policy that is ready to be instantiated. It may be shared by simulations.
type Module struct {
	Name    string // of the file, for people
	Hash    string // SHA-256 of the original, hexadecimal
	Size    int    // bytes of the original
	Hooks   []string
	engine  *engine
	code    wazero.CompiledModule
	pages   uint32
	decides bool     // it is a whole scheduler
	globals []string // exports of its mutable globals, for forks
}

// maxFaults of a module are told.
const maxFaults = 20

// check compares what the module exports and imports with the ABI; every fault is told.
func (m *Module) check() error {
	var faults []Fault
	fault := func(format string, args ...any) {
		faults = append(faults, Fault{RuleExports, fmt.Sprintf(format, args...)})
	}
	exports := m.code.ExportedFunctions()
	known := map[string]sched1.Function{}
	for _, f := range sched1.Hooks() {
		known[f.Name] = f
		def := exports[f.Name]
		if def == nil {
			if f.Required {
				fault("it exports no %s: () -> i32, which every policy has", f.Name)
			}
			continue
		}
		if got, want := signature(def.ParamTypes(), def.ResultTypes()), signature(f.Wasm()); got != want {
			fault("%s is %s; wanted %s", f.Name, got, want)
			continue
		}
		m.Hooks = append(m.Hooks, f.Name)
	}
	for name, def := range exports {
		if _, ok := known[name]; !ok && strings.HasPrefix(name, "sched1_") {
			fault("it exports %q, which is no hook; there are %s", name, strings.Join(hookNames(), ", "))
		}
		if name == "_initialize" && signature(def.ParamTypes(), def.ResultTypes()) != "() -> ()" {
			fault("_initialize takes or returns something; wanted () -> ()")
		}
	}
	if m.code.ExportedMemories()["memory"] == nil {
		faults = append(faults, Fault{RuleMemory, "it exports no memory named \"memory\""})
	}
	has := func(hook string) bool { return slices.Contains(m.Hooks, hook) }
	deciding := has(sched1.HookDecide)
	m.decides = deciding
	if deciding && (has(sched1.HookKeys) || has(sched1.HookScore) || has(sched1.HookPreempt) || has(sched1.HookEvents)) {
		fault("it exports sched1_decide and another hook; a whole scheduler has no other (take the other out, or decide)")
	}
	if !deciding && !has(sched1.HookKeys) && !has(sched1.HookScore) && !has(sched1.HookPreempt) && len(faults) == 0 {
		fault("it has no hook that decides: none of sched1_decide, sched1_keys, sched1_score, sched1_preempt")
	}
	faults = append(faults, m.checkImports()...)
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Text, b.Text) })
		var texts []string
		for i := range faults {
			faults[i].Text = printable(faults[i].Text, maxText)
			texts = append(texts, faults[i].Text)
		}
		if more := len(texts) - maxFaults; more > 0 {
			texts = append(texts[:maxFaults], fmt.Sprintf("and %d more", more))
		}
		e := loadError(m.Name, "%s", strings.Join(texts, "; "))
		e.Faults = faults[:min(len(faults), maxFaults)]
		return e
	}
	return nil
}

// Has reports whether the module exports a hook.
func (m *Module) Has(hook string) bool { return slices.Contains(m.Hooks, hook) }

func hookNames() (names []string) {
	for _, f := range sched1.Hooks() {
		names = append(names, f.Name)
	}
	return names
}

func signature(params, results []api.ValueType) string {
	list := func(types []api.ValueType) string {
		var names []string
		for _, t := range types {
			names = append(names, api.ValueTypeName(t))
		}
		return strings.Join(names, ", ")
	}
	out := "()"
	if len(results) > 0 {
		out = list(results)
	}
	return "(" + list(params) + ") -> " + out
}
