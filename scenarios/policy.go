package scenarios

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// slots are the parts of a pipeline as the scenario names them.
func (p *Policy) slots() []struct {
	slot policies.Slot
	part *Part
} {
	return []struct {
		slot policies.Slot
		part *Part
	}{{policies.SlotOrder, p.Order}, {policies.SlotBackfill, p.Backfill}, {policies.SlotPlace, p.Place}, {policies.SlotPreempt, p.Preempt},
		{policies.SlotScheduler, p.Scheduler}}
}

// policySpec is the scenario's policy as the registry reads it.
func (l *Loaded) policySpec() policies.Spec {
	s := policies.Spec{Preset: l.Policy.Preset, Params: map[string]string{}}
	for _, x := range l.Policy.slots() {
		if x.part == nil {
			continue
		}
		switch x.slot {
		case policies.SlotOrder:
			s.Order = x.part.Name
		case policies.SlotBackfill:
			s.Backfill = x.part.Name
		case policies.SlotPlace:
			s.Place = x.part.Name
		case policies.SlotPreempt:
			s.Preempt = x.part.Name
		}
		if x.part.Wasm == "" {
			addParams(s.Params, x.slot, x.part.Params)
		}
	}
	addParams(s.Params, policies.SlotPreset, l.Policy.Params)
	return s
}

// addParams notes a slot's parameters as the registry reads them.
func addParams(to map[string]string, slot policies.Slot, params *ydec.Node) {
	if params == nil {
		return
	}
	for i, k := range params.Keys {
		to[string(slot)+"."+k.Name] = params.Items[i].Text
	}
}

// checkPolicy tests names and parameters, each where it stands.
func (l *Loaded) checkPolicy() {
	if l.Policy.Preset != "" {
		l.checkPreset()
		return
	}
	if l.Policy.Params != nil {
		l.Doc.Errorf("policy.params", "parameters without a preset").Do("give them to the part that has them, such as policy.backfill: {name: conservative, params: {depth: 100}}")
	}
	for _, x := range l.Policy.slots() {
		if x.part == nil {
			continue
		}
		path := "policy." + string(x.slot)
		if x.part.Wasm != "" || x.slot == policies.SlotScheduler {
			l.checkGuest(path, x.slot, x.part)
			continue
		}
		if x.part.Budget != nil || x.part.OnError != "" {
			l.Doc.Errorf(path, "%s %s is native: it has no budget and no onError", x.slot, x.part.Name).Do("leave them out, or name a module with wasm:")
		}
		var names []string
		var entry *policies.Entry
		entries := policies.Entries()
		for i := range entries {
			if entries[i].Slot != x.slot {
				continue
			}
			names = append(names, entries[i].Name)
			if entries[i].Name == x.part.Name {
				entry = &entries[i]
			}
		}
		if entry == nil {
			l.Doc.Errorf(path, "no %s %q", x.slot, x.part.Name).Known("there are", x.part.Name, names)
			continue
		}
		l.checkParams(path, x.part.Params, entry)
	}
}

func (l *Loaded) checkParams(path string, params *ydec.Node, entry *policies.Entry) {
	if params == nil {
		return
	}
	if params.Kind != ydec.Mapping {
		l.Doc.Errorf(path+".params", "parameters are names with values").Want("a mapping such as {depth: 100}")
		return
	}
	var known []string
	for _, p := range entry.Params {
		known = append(known, p.Name)
	}
	for _, k := range params.Keys {
		if !contains(known, k.Name) {
			d := l.Doc.Errorf(path+".params."+k.Name, "%s %s has no parameter %q", entry.Slot, entry.Name, k.Name)
			if len(known) > 0 {
				d.Known("there are", k.Name, known)
			} else {
				d.Want("no parameters: %s has none", entry.Name)
			}
		}
	}
	if len(known) > 0 && l.Doc.Err() == nil {
		if _, err := policies.Build(l.policySpec()); err != nil {
			l.Doc.Errorf(path+".params", "%s", strings.TrimPrefix(err.Error(), "policy: "))
		}
	}
}

// checkPreset tests a whole policy by name: it stands alone, or with a variant of place.
func (l *Loaded) checkPreset() {
	entry := l.preset()
	if entry == nil {
		var names []string
		for _, e := range policies.Entries() {
			if e.Slot == policies.SlotPreset {
				names = append(names, e.Name)
			}
		}
		l.Doc.Errorf("policy.preset", "no preset %q", l.Policy.Preset).Known("presets", l.Policy.Preset, names)
		return
	}
	l.checkParams("policy", l.Policy.Params, entry)
	for slot, part := range map[string]*Part{"order": l.Policy.Order, "backfill": l.Policy.Backfill, "preempt": l.Policy.Preempt, "scheduler": l.Policy.Scheduler} {
		if part != nil {
			l.Doc.Errorf("policy."+slot, "preset %s is a whole policy and takes no %s", entry.Name, slot).Do("leave policy.%s or policy.preset out", slot)
		}
	}
	if p := l.Policy.Place; p != nil && p.Wasm != "" {
		l.Doc.Errorf("policy.place.wasm", "preset %s is a whole policy and takes no module", entry.Name).Do("leave policy.place or policy.preset out")
	} else if p != nil && !contains(entry.Places, p.Name) {
		d := l.Doc.Errorf("policy.place", "preset %s has no variant %q", entry.Name, p.Name)
		if len(entry.Places) > 0 {
			d.Known("variants", p.Name, entry.Places)
		} else {
			d.Do("leave policy.place out: %s has no variants", entry.Name)
		}
	}
}

// preset is the registry's entry of the scenario's preset, or nil.
func (l *Loaded) preset() *policies.Entry {
	for _, e := range policies.Entries() {
		if e.Slot == policies.SlotPreset && e.Name == l.Policy.Preset {
			return &e
		}
	}
	return nil
}

// grants reports whether the policy may see true durations: the scenario says so, or it names a preset that is known to use
// them. The note is for the report.
func (l *Loaded) grants() (bool, string) {
	if c := l.Policy.Clairvoyant; c != nil && !*c {
		return false, ""
	}
	if e := l.preset(); e != nil && e.Clairvoyant {
		return true, fmt.Sprintf("policy %s uses true durations, which no scheduler knows", e.Name)
	}
	if l.Policy.Clairvoyant != nil {
		return true, "the policy may use true durations, which no scheduler knows"
	}
	return false, ""
}

// PolicySets are the assignments that --policy stands for: a preset, preset+place, or order+backfill+place, where a word that
// ends in .wasm is a module. A module alone goes to the slots that its hooks fit.
func PolicySets(text string) ([]Set, error) {
	if isModule(text) && !strings.Contains(text, "+") {
		return moduleSets(text)
	}
	s, err := policies.ParseShort(text)
	if err != nil {
		return nil, err
	}
	native := s // what is not a module must be there
	for _, part := range []*string{&native.Order, &native.Backfill, &native.Place, &native.Preempt} {
		if isModule(*part) {
			*part = ""
		}
	}
	if _, err := policies.Build(native); err != nil {
		return nil, err
	}
	var body []string
	for _, x := range []struct{ slot, value string }{{"preset", s.Preset}, {"order", s.Order}, {"backfill", s.Backfill}, {"place", s.Place}, {"preempt", s.Preempt}} {
		switch {
		case isModule(x.value):
			file, err := filepath.Abs(x.value) // it is named from where the command runs, not from the scenario
			if err != nil {
				return nil, err
			}
			body = append(body, fmt.Sprintf("%s: {wasm: %q}", x.slot, file))
		case x.value != "":
			body = append(body, fmt.Sprintf("%s: %q", x.slot, x.value))
		}
	}
	return []Set{{Path: "policy", Value: "{" + strings.Join(body, ", ") + "}", Origin: "--policy"}}, nil
}
