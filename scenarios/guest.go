package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// isModule reports whether a word of --policy is a module's path.
func isModule(word string) bool { return strings.HasSuffix(word, ".wasm") }

// moduleSets are the assignments for a module alone.
func moduleSets(file string) ([]Set, error) {
	host, err := wasm.Shared()
	if err != nil {
		return nil, err
	}
	m, err := host.ReadFile(file, wasm.DefaultBudget().MemoryPages)
	if err != nil {
		return nil, err
	}
	if file, err = filepath.Abs(file); err != nil {
		return nil, err
	}
	var body []string
	for _, slot := range policies.GuestSlots(m) {
		body = append(body, fmt.Sprintf("%s: {wasm: %q}", slot, file))
	}
	return []Set{{Path: "policy", Value: "{" + strings.Join(body, ", ") + "}", Origin: "--policy"}}, nil
}

// checkGuest tests what can be said of a module before it is read.
func (l *Loaded) checkGuest(path string, slot policies.Slot, part *Part) {
	switch {
	case part.Wasm == "":
		l.Doc.Errorf(path, "no scheduler %q: a scheduler is a WebAssembly module", part.Name).Want("{wasm: FILE}").
			Do("write a native policy with order, backfill, place and preempt, or preset")
	case slot == policies.SlotBackfill:
		l.Doc.Errorf(path+".wasm", "backfill cannot be a WebAssembly module").Do("write a whole scheduler (policy.scheduler), or a module for order, place or preempt")
	case slot == policies.SlotScheduler && (l.Policy.Order != nil || l.Policy.Backfill != nil || l.Policy.Place != nil || l.Policy.Preempt != nil):
		l.Doc.Errorf(path, "a scheduler decides everything and takes no other part").Do("leave policy.order, policy.backfill, policy.place and policy.preempt out, or the scheduler")
	}
	if part.Params != nil && part.Params.Kind != ydec.Mapping {
		l.Doc.Errorf(path+".params", "parameters are names with values").Want("a mapping such as {depth: 100}")
	}
	if b := part.Budget; b != nil && b.Memory != nil && (*b.Memory < 1<<16 || *b.Memory > 4<<30) {
		l.Doc.Errorf(path+".budget.memory", "%s of memory", b.Memory.FormatYAML()).Want("64KiB to 4GiB")
	}
}

// guests reads the modules of the policy. A module is an input of the run: its checksum is kept.
func (l *Loaded) guests(p *Plan) (map[policies.Slot]*policies.Guest, error) {
	var out map[policies.Slot]*policies.Guest
	for _, x := range l.Policy.slots() {
		if x.part == nil || x.part.Wasm == "" {
			continue
		}
		path := "policy." + string(x.slot) + ".wasm"
		g, err := l.guest(p, x.part)
		if err != nil {
			d := l.Doc.Errorf(path, "%s", nameless(err))
			if e := (*wasm.Error)(nil); errors.As(err, &e) {
				d.Do("orrery policy check %s says more", x.part.Wasm)
			} else {
				d.Want("a WebAssembly module; paths are relative to the scenario file")
			}
			continue
		}
		if out == nil {
			out = map[policies.Slot]*policies.Guest{}
		}
		out[x.slot] = g
	}
	return out, l.Doc.Err()
}

// nameless is an error of a module without its name, which stands beside it.
func nameless(err error) string {
	var e *wasm.Error
	if errors.As(err, &e) && e.Hook == "" {
		return e.Text
	}
	return err.Error()
}

func (l *Loaded) guest(p *Plan, part *Part) (*policies.Guest, error) {
	if err := l.input(p, part.Wasm); err != nil {
		return nil, err
	}
	host, err := wasm.Shared()
	if err != nil {
		return nil, err
	}
	g := &policies.Guest{Options: wasm.Options{Budget: part.Budget.budget()}}
	if g.Module, err = host.ReadFile(l.path(part.Wasm), g.Options.Budget.MemoryPages); err != nil {
		return nil, err
	}
	var params []byte
	if part.Params != nil {
		if params, err = part.Params.MarshalJSON(); err != nil {
			return nil, err
		}
	}
	if g.Options.Params, err = wasm.NewParams(params); err != nil {
		return nil, err
	}
	switch part.OnError {
	case "fallback":
		g.Options.OnError = wasm.Fallback
	case "drop":
		g.Options.OnError = wasm.Drop
	}
	return g, nil
}

// budget is the budget with its defaults.
func (b *Budget) budget() wasm.Budget {
	out := wasm.DefaultBudget()
	if b == nil {
		return out
	}
	for _, x := range []struct {
		from *int64
		to   *int64
	}{{b.Base, &out.Base}, {b.PerItem, &out.PerItem}, {b.PerEvent, &out.PerEvent}, {b.PerRow, &out.PerRow}, {b.Burst, &out.Burst}} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	if b.Memory != nil {
		out.MemoryPages = uint32(*b.Memory >> 16)
	}
	return out
}
