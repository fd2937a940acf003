package scenarios

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orrery-sim/orrery/internal/spell"
	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/scenarios/ydec"
	"github.com/orrery-sim/orrery/sim/state"
)

// PolicyWord is a policy as one word of a command line: a native part or preset by name (native:best-fit, or best-fit), a native
// pipeline (sjf+easy+best-fit), or a module (my.wasm, or with parameters 'my.wasm{depth: 3}').
type PolicyWord struct {
	Text   string
	slot   policies.Slot // of a native part
	name   string
	file   string // of a module, absolute
	params string // of a module: a YAML flow mapping, or ""
	module *wasm.Module
}

// ParsePolicyWord reads a word; a module is loaded, so that it is known which slots it is for.
func ParsePolicyWord(text string) (*PolicyWord, error) {
	w := &PolicyWord{Text: text, name: strings.TrimPrefix(text, "native:")}
	if at := strings.Index(w.name, ".wasm{"); at >= 0 && strings.HasSuffix(w.name, "}") {
		w.name, w.params = w.name[:at+len(".wasm")], w.name[at+len(".wasm"):]
	}
	if isModule(w.name) && !strings.Contains(w.name, "+") {
		host, err := wasm.Shared()
		if err != nil {
			return nil, err
		}
		if w.module, err = host.ReadFile(w.name, wasm.DefaultBudget().MemoryPages); err != nil {
			return nil, err
		}
		w.file, err = filepath.Abs(w.name)
		return w, err
	}
	if strings.Contains(w.name, "+") {
		_, err := PolicySets(w.name)
		return w, err
	}
	var names []string
	for _, e := range policies.Entries() {
		names = append(names, e.Name)
		if e.Name == w.name {
			w.slot = e.Slot
			return w, nil
		}
	}
	near := spell.Nearest(w.name, names)
	if near != "" {
		near = "; did you mean " + near + "?"
	}
	return nil, fmt.Errorf("no policy %q%s\n  expected a module (FILE.wasm), order+backfill+place, or native: and one of %s", text, near, strings.Join(names, ", "))
}

// SetsIn are the assignments that put the policy into a scenario: a part takes its slot and leaves the others. A module in the place
// of another has what the scenario says of that: parameters, unless the word has its own, budget and onError.
func (w *PolicyWord) SetsIn(l *Loaded) ([]Set, error) {
	set := func(path, value string) Set { return Set{Path: path, Value: value, Origin: w.Text} }
	switch {
	case w.module != nil:
		var out []Set
		for _, slot := range policies.GuestSlots(w.module) {
			if l.hasModule(slot) {
				out = append(out, set("policy."+string(slot)+".wasm", fmt.Sprintf("%q", w.file)))
				if w.params != "" {
					out = append(out, set("policy."+string(slot)+".params", w.params))
				}
				continue
			}
			value := fmt.Sprintf("{wasm: %q}", w.file)
			if w.params != "" {
				value = fmt.Sprintf("{wasm: %q, params: %s}", w.file, w.params)
			}
			if slot == policies.SlotScheduler {
				return []Set{set("policy", fmt.Sprintf("{scheduler: %s}", value))}, nil
			}
			out = append(out, set("policy."+string(slot), value))
		}
		return out, nil
	case w.slot == policies.SlotPreset || w.slot == "":
		return PolicySets(w.name)
	}
	return []Set{set("policy."+string(w.slot), fmt.Sprintf("%q", w.name))}, nil
}

// hasModule reports whether the scenario has a module in a slot.
func (l *Loaded) hasModule(slot policies.Slot) bool {
	for _, x := range l.Policy.slots() {
		if x.slot == slot && x.part != nil && x.part.Wasm != "" {
			return true
		}
	}
	return false
}

// Build makes the policy by itself: what the word leaves open is fifo, none and first-fit.
func (w *PolicyWord) Build() (state.Policy, error) {
	var spec policies.Spec
	var err error
	switch {
	case w.module != nil:
		spec.Guests = map[policies.Slot]*policies.Guest{}
		for _, slot := range policies.GuestSlots(w.module) {
			g := &policies.Guest{Module: w.module, Options: wasm.Options{Budget: wasm.DefaultBudget()}}
			if g.Options.Params, err = flowParams(w.params); err != nil {
				return nil, err
			}
			spec.Guests[slot] = g
		}
	case w.slot == policies.SlotOrder:
		spec.Order = w.name
	case w.slot == policies.SlotBackfill:
		spec.Backfill = w.name
	case w.slot == policies.SlotPlace:
		spec.Place = w.name
	case w.slot == policies.SlotPreempt:
		spec.Preempt = w.name
	default:
		if spec, err = policies.ParseShort(w.name); err != nil {
			return nil, err
		}
		for slot, name := range map[policies.Slot]*string{policies.SlotOrder: &spec.Order, policies.SlotPlace: &spec.Place, policies.SlotPreempt: &spec.Preempt} {
			if !isModule(*name) {
				continue
			}
			m, err := ParsePolicyWord(*name)
			if err != nil {
				return nil, err
			}
			if spec.Guests == nil {
				spec.Guests = map[policies.Slot]*policies.Guest{}
			}
			*name, spec.Guests[slot] = "", &policies.Guest{Module: m.module, Options: wasm.Options{Budget: wasm.DefaultBudget()}}
		}
	}
	return policies.Build(spec)
}

// flowParams reads parameters in YAML's flow form.
func flowParams(text string) (*wasm.Params, error) {
	if text == "" {
		return nil, nil
	}
	var doc struct {
		Params *ydec.Node `yaml:"params"`
	}
	if _, err := ydec.Decode("params", []byte("params: "+text), &doc, ydec.Options{}); err != nil {
		return nil, err
	}
	object, err := doc.Params.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return wasm.NewParams(object)
}
