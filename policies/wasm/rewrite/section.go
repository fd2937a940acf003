package rewrite

import (
	"fmt"
	"strings"
)

func (r *reader) valueType() ValueType {
	at := r.pos
	t := ValueType(r.byte())
	switch t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef:
		return t
	}
	if r.err != nil {
		return 0
	}
	if t >= 0x63 && t <= 0x74 || t == 0x77 || t == 0x78 {
		r.fail(Feature, at, fmt.Sprintf("the type 0x%02x (typed references, garbage collection)", byte(t)),
			"i32, i64, f32, f64, v128, funcref or externref", "compile for linear memory, without WasmGC")
	} else {
		r.malformed(at, fmt.Sprintf("the type 0x%02x", byte(t)), "i32, i64, f32, f64, v128, funcref or externref")
	}
	return 0
}

func (m *module) values(r *reader) []ValueType {
	n := r.count("parameters or results of a type", m.o.MaxValues)
	if n == 0 {
		return nil
	}
	out := make([]ValueType, n)
	for i := range out {
		out[i] = r.valueType()
	}
	return out
}

func (m *module) typeSection(r *reader) {
	n := r.count("types", m.o.MaxTypes)
	classes := make(map[string]int, n)
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		if form := r.byte(); r.err == nil && form != 0x60 {
			if form >= 0x4e && form <= 0x5f {
				r.fail(Feature, at, fmt.Sprintf("a type of form 0x%02x (garbage collection)", form), "function types (0x60)", "compile for linear memory, without WasmGC")
			} else {
				r.malformed(at, fmt.Sprintf("a type of form 0x%02x", form), "a function type (0x60)")
			}
			return
		}
		t := Signature{Params: m.values(r), Results: m.values(r)}
		if r.err != nil {
			return
		}
		key := t.key()
		if _, ok := classes[key]; !ok {
			classes[key] = i
		}
		m.types, m.typeClass = append(m.types, t), append(m.typeClass, classes[key])
	}
}

func (m *module) typeIndex(r *reader) uint32 {
	at := r.pos
	t := r.u32()
	if r.err == nil && int64(t) >= int64(len(m.types)) {
		r.malformed(at, fmt.Sprintf("type %d", t), below("types", len(m.types)))
		return 0
	}
	return t
}

func reserved(r *reader, at int, name, what string) {
	if r.err == nil && strings.HasPrefix(name, Prefix) {
		r.fail(ReservedName, at, fmt.Sprintf("%s %s", what, quote(name)), fmt.Sprintf("no name that begins with %q", Prefix), "rename it: those names are the host's")
	}
}

// quote writes a name of the module, or the beginning of a long one.
func quote(name string) string {
	if len(name) > 80 {
		return fmt.Sprintf("%q...", name[:80])
	}
	return fmt.Sprintf("%q", name)
}

func (m *module) importSection(r *reader) {
	n := r.count("imports", m.o.MaxImports)
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		mod, name := r.name(), r.name()
		reserved(r, at, mod, "an import from")
		reserved(r, at, name, "the import")
		kind := r.byte()
		if r.err != nil {
			return
		}
		if kind != 0 {
			what := [...]string{"a function", "a table", "a memory", "a global"}
			if int(kind) >= len(what) {
				r.malformed(at, fmt.Sprintf("an import of kind %d", kind), "a function (kind 0)")
				return
			}
			r.fail(ForeignState, at, fmt.Sprintf("%s imported as %s %s", what[kind], quote(mod), quote(name)), "imports of functions only",
				"define and export it in the module (wasm-ld: no --import-memory, no --import-table)")
			return
		}
		t := m.typeIndex(r)
		if r.err == nil {
			m.imports = append(m.imports, Import{Module: mod, Name: name, Signature: m.types[t]})
			m.funcs = append(m.funcs, t)
		}
	}
}

func (m *module) functionSection(r *reader) {
	at := r.pos
	n := r.count("functions", m.o.MaxFunctions)
	if r.err == nil && n+len(m.imports) > m.o.MaxFunctions {
		r.tooMany(at, int64(n+len(m.imports)), "functions, imports counted", m.o.MaxFunctions)
	}
	for i := 0; i < n && r.err == nil; i++ {
		m.funcs = append(m.funcs, m.typeIndex(r))
	}
}

// limits reads the minimum and maximum of a table or memory.
func (r *reader) limits(what string) (lo, hi uint32, bounded bool) {
	at := r.pos
	flags := r.byte()
	switch {
	case r.err != nil:
		return 0, 0, false
	case flags&^7 != 0:
		r.malformed(at, fmt.Sprintf("limits of kind 0x%02x", flags), "0 or 1")
	case flags&4 != 0:
		r.fail(Feature, at, "a 64-bit "+what+" (memory64)", "a 32-bit one", "compile for wasm32")
	case flags&2 != 0:
		r.fail(Feature, at, "a shared "+what+" (threads)", "one that is not shared", "build without -pthread and --shared-memory")
	}
	lo = r.u32()
	if hi = lo; flags&1 != 0 {
		hi = r.u32()
		if r.err == nil && hi < lo {
			r.malformed(at, fmt.Sprintf("a %s of at least %d and at most %d", what, lo, hi), "a maximum that is not below the minimum")
		}
	}
	return lo, hi, flags&1 != 0
}

func (m *module) tableSection(r *reader) {
	at := r.pos
	n := r.count("tables", 1)
	if n == 0 {
		return
	}
	if r.pos < r.end && r.b[r.pos] == 0x40 {
		r.fail(Feature, r.pos, "a table with an initial value (typed references)", "a table of null entries", "fill it with element segments")
		return
	}
	t := r.valueType()
	if r.err == nil && t != FuncRef && t != ExternRef {
		r.malformed(at, "a table of "+t.String(), "funcref or externref")
	}
	m.table, _, _ = r.limits("table")
	if r.err == nil && int64(m.table) > int64(m.o.MaxTable) {
		r.tooMany(at, int64(m.table), "table entries", m.o.MaxTable)
	}
	m.hasTable, m.tableType = true, byte(t)
}

func (m *module) memorySection(r *reader) {
	at := r.pos
	if n := r.u32(); r.err == nil && n > 1 {
		r.fail(Feature, at, fmt.Sprintf("%d memories (multi-memory)", n), "one", "link into one memory")
	} else if n == 0 {
		return
	}
	lo, hi, bounded := r.limits("memory")
	limit := m.o.MaxMemoryPages
	if r.err == nil && lo > limit {
		r.fail(Limit, at, fmt.Sprintf("a memory of at least %d pages (%d MiB)", lo, lo/16), fmt.Sprintf("at most %d pages (%d MiB)", limit, limit/16),
			"lower the initial memory (wasm-ld --initial-memory), or raise the policy's memory limit")
	}
	if !bounded || hi > limit {
		hi = limit
	}
	m.memory = &Memory{Min: lo, Max: hi}
}

func (m *module) globalSection(r *reader) {
	n := r.count("globals", m.o.MaxGlobals)
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		t := r.valueType()
		mutable := r.byte()
		if r.err == nil && mutable > 1 {
			r.malformed(at, fmt.Sprintf("mutability %d", mutable), "0 or 1")
		}
		if r.err == nil && mutable == 1 && (t == V128 || t == FuncRef || t == ExternRef) {
			r.fail(Unforkable, at, fmt.Sprintf("mutable global %d of type %s", i, t), "mutable globals of i32, i64, f32 or f64", "keep it in memory: a fork could not copy it")
		}
		m.constant(r, n)
		m.globals = append(m.globals, global{t: t, mutable: mutable == 1})
	}
}

// constant reads a constant expression of one instruction and gives the function that it names, or -1. globals bounds
// global.get.
func (m *module) constant(r *reader, globals int) int {
	at := r.pos
	f := -1
	switch op := r.byte(); op {
	case opI32Const:
		r.signed(32)
	case opI64Const:
		r.signed(64)
	case opF32Const:
		r.bytes(4)
	case opF64Const:
		r.bytes(8)
	case opRefFunc:
		f = int(r.u32())
	case opRefNull:
		r.refType()
	case opGlobalGet:
		if g := r.u32(); r.err == nil && int64(g) >= int64(globals) {
			r.fail(ForeignState, at, fmt.Sprintf("global %d in a constant", g), below("the module's own globals", globals),
				"the host's counters are no part of the module")
		}
	case opV128Const >> 8:
		if sub := r.u32(); r.err == nil && sub != opV128Const&0xff {
			r.malformed(at, "a vector instruction in a constant", "v128.const")
		}
		r.bytes(16)
	default:
		if r.err == nil {
			r.malformed(at, fmt.Sprintf("opcode 0x%02x in a constant", op), "one constant")
		}
	}
	if end := r.byte(); r.err == nil && end != opEnd {
		r.fail(Feature, at, "a constant of more than one instruction (extended constants)", "one constant", "build without -mextended-const")
	}
	return f
}

func (r *reader) refType() ValueType {
	at := r.pos
	t := r.valueType()
	if r.err == nil && t != FuncRef && t != ExternRef {
		r.malformed(at, "a reference to "+t.String(), "funcref or externref")
	}
	return t
}
