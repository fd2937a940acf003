package rewrite

import "fmt"

// Section numbers of the binary format.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
	secTag
)

// order is where a section stands among the others; the numbers are in order but for the count of data segments.
var order = [...]int{secType: 1, secImport: 2, secFunction: 3, secTable: 4, secMemory: 5, secGlobal: 6, secExport: 7, secStart: 8,
	secElement: 9, secDataCount: 10, secCode: 11, secData: 12}

func sectionName(id int) string {
	names := [...]string{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count"}
	if id < len(names) {
		return "the " + names[id] + " section"
	}
	return fmt.Sprintf("section %d", id)
}

// span is a stretch of the module's bytes.
type span struct{ from, to int }

type exported struct {
	name  string
	kind  byte
	index int
}

type global struct {
	t       ValueType
	mutable bool
}

// module is what the parser keeps of a module: everything that the rewriter, or the host, asks for.
type module struct {
	b []byte
	o *Options

	sections [secTag]span // contents; {0, 0} where there is none
	names    span         // contents of the name section after its own name
	funcName map[int]string
	named    int // functions and locals with names

	types      []Signature
	typeClass  []int // types that are equal have one class: the index of the first
	imports    []Import
	funcs      []uint32 // type of each function, imported ones first
	hasTable   bool
	tableType  byte
	table      uint32 // minimum
	memory     *Memory
	globals    []global
	exports    []exported
	start      int // function index, -1 without
	startAt    int
	indirect   []uint32    // functions that element segments name
	elems      int         // entries of element segments
	data       int         // data segments
	added      []Signature // types appended
	entries    []entry     // functions appended
	blockTypes map[string]int
	dataCount  int    // -1 without
	bodies     []span // after the length
	stats      Stats
}

// parse reads all of a module but the function bodies.
func parse(b []byte, o *Options) (*module, *Error) {
	m := &module{b: b, o: o, start: -1, dataCount: -1}
	r := &reader{b: b, end: len(b), fn: -1}
	if len(b) > o.MaxModule {
		r.tooMany(0, int64(len(b)), "bytes", o.MaxModule)
		return nil, r.err
	}
	if head := r.bytes(8); r.err == nil && string(head) != "\x00asm\x01\x00\x00\x00" {
		r.fail(Malformed, 0, fmt.Sprintf("the bytes % x", head), "00 61 73 6d 01 00 00 00 (a core module, version 1)",
			"pass a .wasm file; text is built with wat2wasm, a component holds core modules")
	}
	last := 0
	for r.more() {
		m.section(r, &last)
	}
	if r.err == nil {
		m.complete(r)
	}
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// section reads one section and checks that its contents fill it.
func (m *module) section(r *reader, last *int) {
	at := r.pos
	id := int(r.byte())
	size := r.u32()
	if r.err != nil {
		return
	}
	if int64(size) > int64(r.end-r.pos) {
		r.malformed(at, fmt.Sprintf("%s of %d bytes with %d left", sectionName(id), size, r.end-r.pos), "a section that ends within the module")
		return
	}
	switch {
	case id == secTag:
		r.fail(Feature, at, "a tag section (exception handling)", "no exceptions", "build without -fwasm-exceptions")
	case id > secTag:
		r.malformed(at, fmt.Sprintf("section %d", id), "sections 0 to 12")
	case id != secCustom && order[id] <= *last:
		r.malformed(at, sectionName(id)+" out of order or twice", "each section once, in the order of the specification")
	}
	if r.err != nil {
		return
	}
	in := &reader{b: r.b, pos: r.pos, end: r.pos + int(size), fn: -1}
	r.pos = in.end
	if id != secCustom {
		*last = order[id]
		m.sections[id] = span{in.pos, in.end}
	}
	m.contents(in, id)
	if in.err == nil && in.pos != in.end {
		in.malformed(in.pos, fmt.Sprintf("%d bytes more in %s than it needs", in.end-in.pos, sectionName(id)), "none")
	}
	r.err = in.err
}

func (m *module) contents(r *reader, id int) {
	switch id {
	case secCustom:
		m.customSection(r)
	case secType:
		m.typeSection(r)
	case secImport:
		m.importSection(r)
	case secFunction:
		m.functionSection(r)
	case secTable:
		m.tableSection(r)
	case secMemory:
		m.memorySection(r)
	case secGlobal:
		m.globalSection(r)
	case secExport:
		m.exportSection(r)
	case secStart:
		m.startAt = r.pos
		m.start = int(r.u32())
	case secElement:
		m.elementSection(r)
	case secDataCount:
		at := r.pos
		m.dataCount = int(r.u32())
		if r.err == nil && m.dataCount > m.o.MaxSegments {
			r.tooMany(at, int64(m.dataCount), "data segments", m.o.MaxSegments)
		}
	case secCode:
		m.codeSection(r)
	case secData:
		m.dataSection(r)
	}
}

// complete checks what ties sections together.
func (m *module) complete(r *reader) {
	own := len(m.funcs) - len(m.imports)
	if own != len(m.bodies) {
		r.malformed(r.end, fmt.Sprintf("%d function bodies", len(m.bodies)), fmt.Sprintf("%d, as the function section says", own))
	}
	if m.dataCount >= 0 && m.dataCount != m.data {
		r.malformed(r.end, fmt.Sprintf("%d data segments", m.data), fmt.Sprintf("%d, as the data count section says", m.dataCount))
	}
	for _, f := range m.indirect {
		if int(f) >= len(m.funcs) {
			r.malformed(m.sections[secElement].from, fmt.Sprintf("function %d in the table", f), below("functions", len(m.funcs)))
		}
	}
	for _, e := range m.exports {
		if e.kind == 0 && e.index >= len(m.funcs) {
			r.malformed(m.sections[secExport].from, fmt.Sprintf("export %q of function %d", e.name, e.index), below("functions", len(m.funcs)))
		}
		if e.kind == 3 {
			m.ownGlobal(r, m.sections[secExport].from, e.index)
		}
	}
	if m.start < 0 {
		return
	}
	if m.start < len(m.imports) || m.start >= len(m.funcs) {
		r.fail(Malformed, m.startAt, fmt.Sprintf("function %d as the start function", m.start),
			fmt.Sprintf("a function of the module itself (it imports %d and has %d)", len(m.imports), len(m.bodies)), "start with a function of the module")
		return
	}
	if t := m.signature(m.start); len(t.Params)+len(t.Results) > 0 {
		r.malformed(m.startAt, fmt.Sprintf("a start function of type %s", t), "() -> ()")
	}
}

func (m *module) signature(f int) Signature { return m.types[m.funcs[f]] }

// ownGlobal checks an index of a global: the counters stand behind the module's own, so that an index past those would reach
// them in the rewritten module.
func (m *module) ownGlobal(r *reader, at, index int) {
	if r.err == nil && (index < 0 || index >= len(m.globals)) {
		r.fail(ForeignState, at, fmt.Sprintf("global %d", index), below("the module's own globals", len(m.globals)),
			"the host's counters are no part of the module")
	}
}
