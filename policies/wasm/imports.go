package wasm

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tetratelabs/wazero/api"

	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/sim/cluster"
	"github.com/orrery-sim/orrery/sim/state"
)

// imported is a host function: it reads its arguments from stack and writes its result there.
type imported func(in *Instance, stack []uint64)

// What a call of an import costs beside an eighth of the bytes that it moves: about what it takes the host.
const (
	importFuel = 200
	rowFuel    = 10   // for each row that it looks at
	traceFuel  = 8000 // for a line with numbers to format
)

// callContext is the context of an instance's calls.
type callContext struct {
	context.Context
	in *Instance
}

// Value has the instance, and nothing else: the engine asks for what it might have been given at every call.
func (c callContext) Value(key any) any {
	if _, ok := key.(instanceKey); ok {
		return c.in
	}
	return nil
}

type instanceKey struct{}

// provide makes the host's functions importable.
func (e *engine) provide(ctx context.Context) error {
	for module, list := range provided() {
		b := e.rt.NewHostModuleBuilder(module)
		for _, f := range list {
			call := f.call
			b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
				in := ctx.Value(instanceKey{}).(*Instance)
				in.remap() // the guest may have grown its memory before this call
				in.charge(importFuel)
				call(in, stack)
			}), f.params, f.results).Export(f.name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// hostFunc is an import with its type.
type hostFunc struct {
	name            string
	params, results []api.ValueType
	call            imported
}

// provided are all functions that a guest may import, by module.
func provided() map[string][]hostFunc {
	var own []hostFunc
	for _, f := range sched1.Imports() {
		params, results := f.Wasm()
		own = append(own, hostFunc{f.Name, params, results, sched1Imports[f.Name]})
	}
	return map[string][]hostFunc{sched1.Module: own, "wasi_snapshot_preview1": wasiFuncs(), "env": assemblyScript()}
}

// checkImports lists what the module imports that is not there.
func (m *Module) checkImports() (faults []Fault) {
	fault := func(format string, args ...any) {
		faults = append(faults, Fault{RuleImports, fmt.Sprintf(format, args...)})
	}
	there := provided()
	for _, def := range m.code.ImportedFunctions() {
		module, name, _ := def.Import()
		list, ok := there[module]
		at := slices.IndexFunc(list, func(f hostFunc) bool { return f.name == name })
		switch {
		case !ok:
			fault("it imports %q.%q; there are the modules sched1, wasi_snapshot_preview1 and env", module, name)
		case at < 0:
			var names []string
			for _, f := range list {
				names = append(names, f.name)
			}
			if module != sched1.Module {
				names = nil
			}
			text := fmt.Sprintf("it imports %q.%q, which is not there", module, name)
			if names != nil {
				text += "; there are " + strings.Join(names, ", ")
			}
			fault("%s", text)
		default:
			if got, want := signature(def.ParamTypes(), def.ResultTypes()), signature(list[at].params, list[at].results); got != want {
				fault("it imports %q.%q as %s; it is %s", module, name, got, want)
			}
		}
	}
	return faults
}

// sched1Imports are the functions of the ABI by name.
var sched1Imports = map[string]imported{
	"log":       func(in *Instance, s []uint64) { in.say(in.text(s[0], s[1])) },
	"metric":    importMetric,
	"fail":      func(in *Instance, s []uint64) { in.abort(KindStatus, "%s", in.text(s[0], s[1])) },
	"feasible":  importFeasible,
	"placement": importPlacement,
	"name":      importName,
	"param_i64": importParam,
	"fuel":      func(in *Instance, s []uint64) { s[0] = in.fuel.Get() },
}

// abort ends the running call as an error; wazero unwinds the guest and returns the panic's value as the call's error.
func (in *Instance) abort(kind Kind, format string, args ...any) {
	panic(&abort{kind: kind, text: fmt.Sprintf(format, args...)})
}

// abort is the error of a call that a host function ended.
type abort struct {
	kind Kind
	text string
}

func (a *abort) Error() string { return a.text }

// charge takes fuel for what the host does in the guest's name.
func (in *Instance) charge(fuel uint64) {
	if in.fuel == nil {
		return
	}
	left := int64(in.fuel.Get()) - int64(min(fuel, 1<<40))
	in.fuel.Set(uint64(left))
	if left < 0 {
		in.abort(KindFuel, "")
	}
}

// bytes is a range of the guest's memory, paid for.
func (in *Instance) bytes(ptr, n uint64) []byte {
	at, size := uint64(uint32(ptr)), uint64(uint32(n))
	if at+size > uint64(len(in.view)) {
		in.abort(KindABI, "an import was given %d bytes at %d; memory ends at %d", size, at, len(in.view))
	}
	in.charge(size / 8)
	return in.view[at : at+size]
}

// text is a string of the guest's, cut at what is kept.
func (in *Instance) text(ptr, n uint64) string {
	b := in.bytes(ptr, n)
	b = b[:min(len(b), maxLine)]
	in.charge(uint64(len(b)))
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func importMetric(in *Instance, s []uint64) {
	name := in.text(s[0], s[1])
	if in.now == nil {
		in.abort(KindABI, "metric was called while loading; call it from a hook")
	}
	if name == "" || len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		in.abort(KindABI, "metric name %.40q; wanted 1 to %d printable bytes", name, maxName)
	}
	names := &in.now.Names.Metrics
	if _, known := names.Lookup(name); !known && names.Len() >= maxMetrics {
		in.abort(KindLimit, "more than %d names of metrics in one run", maxMetrics)
	}
	if len(in.metrics) >= maxValues {
		in.abort(KindLimit, "more than %d values of metrics in one pass", maxValues)
	}
	id := names.Intern([]byte(name))
	in.metrics = append(in.metrics, state.Metric{Name: id, Value: int64(s[2])})
}

func importParam(in *Instance, s []uint64) {
	name := in.text(s[0], s[1])
	top, _, _ := strings.Cut(name, ".")
	if in.asked == nil {
		in.asked = map[string]bool{}
	}
	in.asked[top] = true
	if n, ok := in.params.numbers[name]; ok {
		s[0] = uint64(n)
		return
	}
	if text, ok := in.params.others[name]; ok {
		in.abort(KindStatus, "parameter %s is %s; the policy wants a number, a duration (90s) or a size (64GiB)", name, text)
	}
	s[0] = s[2]
}

// liveJob is a job slot that an import was given, checked.
func (in *Instance) liveJob(slot uint64) int32 {
	if in.now == nil {
		in.abort(KindABI, "an import that asks about jobs was called while loading")
	}
	if s := uint32(slot); int64(s) < int64(in.now.Jobs.Len()) && in.now.Jobs.Row[s].State != state.JobFree {
		return int32(s)
	}
	in.abort(KindABI, "an import was asked about job slot %d, which holds no job", uint32(slot))
	return 0
}

func importFeasible(in *Instance, s []uint64) {
	job := in.liveJob(s[0])
	roles := in.now.Shapes.Of(in.now.Jobs.Row[job].Shape)
	if int64(uint32(s[1])) >= int64(len(roles)) {
		in.abort(KindABI, "feasible was asked about role %d of a job that has %d", uint32(s[1]), len(roles))
	}
	r := &roles[uint32(s[1])]
	c := in.now.Capacity.(*cluster.Cluster)
	in.charge(rowFuel * uint64(c.Nodes().Len()))
	out := in.slots(s[2], s[3])
	count := uint32(0)
	for node := range int32(c.Nodes().Len()) {
		if c.Nodes().Partition[node] != uint32(in.now.Jobs.Row[job].Partition) || !c.Accepts(node, r) {
			continue
		}
		if r.Flags&state.RoleSplit != 0 && c.SplitRoom(node, r, 1) == 0 || r.Flags&state.RoleSplit == 0 && c.Room(node, r, 1) == 0 {
			continue
		}
		if int(4*count) < len(out) {
			binary.LittleEndian.PutUint32(out[4*count:], uint32(node))
		}
		count++
	}
	s[0] = uint64(count)
}

// slots is an array of so many u32 in the guest's memory.
func (in *Instance) slots(ptr, n uint64) []byte {
	if n = uint64(uint32(n)); n > 1<<28 {
		in.abort(KindABI, "an import was given room for %d slots", n)
	}
	return in.bytes(ptr, 4*n)
}

func importPlacement(in *Instance, s []uint64) {
	job := in.liveJob(s[0])
	out := in.slots(s[1], s[2])
	count := uint32(0)
	for at := in.now.Jobs.Row[job].AllocHead; at >= 0; at = in.now.Allocs.Next[at] {
		if int(4*count) < len(out) {
			binary.LittleEndian.PutUint32(out[4*count:], uint32(in.now.Allocs.Parts[at].Node))
		}
		count++
	}
	in.charge(rowFuel * uint64(count))
	s[0] = uint64(count)
}

func importName(in *Instance, s []uint64) {
	slot := int32(uint32(s[1]))
	if in.now == nil {
		in.abort(KindABI, "name was called while loading; call it from a hook")
	}
	var name string
	switch uint32(s[0]) {
	case sched1.NameJob:
		name = string(in.now.Jobs.NameOf(in.liveJob(s[1])))
	case sched1.NameUser:
		name = in.now.Names.Users.Name(slot)
	case sched1.NameQueue:
		name = in.now.Names.Queues.Name(slot)
	case sched1.NameType:
		name = in.now.Names.Types.Name(slot)
	case sched1.NamePartition:
		name = in.now.Names.Partitions.Name(slot)
	case sched1.NameNode:
		if n := in.now.Capacity.Nodes(); slot >= 0 && int(slot) < n.Len() {
			name = n.Name[slot]
		}
	default:
		in.abort(KindABI, "name was asked for kind %d", uint32(s[0]))
	}
	copy(in.bytes(s[2], s[3]), name)
	s[0] = uint64(len(name))
}
