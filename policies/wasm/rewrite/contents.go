package rewrite

import (
	"fmt"
	"math"
)

func (m *module) exportSection(r *reader) {
	n := r.count("exports", m.o.MaxExports)
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		name := r.name()
		reserved(r, at, name, "the export")
		kind := r.byte()
		index := int(r.u32())
		if r.err != nil {
			return
		}
		if kind > 3 {
			r.malformed(at, fmt.Sprintf("export %s of kind %d", quote(name), kind), "a function, table, memory or global (0 to 3)")
			return
		}
		if kind == 2 && m.memory != nil {
			m.memory.Exports = append(m.memory.Exports, name)
		}
		m.exports = append(m.exports, exported{name, kind, index})
	}
}

// elementSection keeps the functions that can be called through the table. Its eight forms are bits: passive or declared,
// an explicit table or a declaration, expressions instead of indexes.
func (m *module) elementSection(r *reader) {
	n := r.count("element segments", m.o.MaxSegments)
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		form := r.u32()
		if r.err == nil && form > 7 {
			r.malformed(at, fmt.Sprintf("an element segment of form %d", form), "0 to 7")
		}
		active, explicit, exprs := form&1 == 0, form&2 != 0, form&4 != 0
		if active {
			if explicit {
				m.onlyTable(r)
			}
			m.constant(r, len(m.globals))
		}
		if form&3 != 0 {
			if exprs {
				r.refType()
			} else if kind := r.byte(); r.err == nil && kind != 0 {
				r.malformed(at, fmt.Sprintf("elements of kind %d", kind), "functions (0)")
			}
		}
		m.elements(r, exprs)
	}
}

func (m *module) onlyTable(r *reader) {
	at := r.pos
	if t := r.u32(); r.err == nil && t != 0 {
		r.fail(Limit, at, fmt.Sprintf("table %d", t), "table 0: one table a module", "link into one table")
	}
}

func (m *module) elements(r *reader, exprs bool) {
	at := r.pos
	n := r.count("entries of element segments", m.o.MaxElements)
	if m.elems += n; r.err == nil && m.elems > m.o.MaxElements {
		r.tooMany(at, int64(m.elems), "entries of element segments", m.o.MaxElements)
	}
	for i := 0; i < n && r.err == nil; i++ {
		if !exprs {
			m.indirect = append(m.indirect, r.u32())
		} else if f := m.constant(r, len(m.globals)); f >= 0 {
			m.indirect = append(m.indirect, uint32(f))
		}
	}
}

func (m *module) codeSection(r *reader) {
	if size := r.end - r.pos; size > m.o.MaxCode {
		r.tooMany(r.pos, int64(size), "bytes of code", m.o.MaxCode)
	}
	n := r.count("function bodies", m.o.MaxFunctions)
	m.bodies = make([]span, 0, n)
	for i := 0; i < n && r.err == nil; i++ {
		r.fn = len(m.imports) + i
		at := r.pos
		size := r.count("bytes of a function body", m.o.MaxModule)
		if r.err == nil && size > m.o.MaxBody {
			r.tooLong(at, int64(size), "bytes of a function body", m.o.MaxBody)
		}
		r.bytes(size)
		if r.err == nil && size < 2 {
			r.malformed(at, fmt.Sprintf("a function body of %d bytes", size), "at least 2")
		}
		m.bodies = append(m.bodies, span{r.pos - size, r.pos})
	}
	r.fn = -1
}

func (m *module) dataSection(r *reader) {
	n := r.count("data segments", m.o.MaxSegments)
	m.data = n
	for i := 0; i < n && r.err == nil; i++ {
		at := r.pos
		form := r.u32()
		if r.err == nil && form > 2 {
			r.malformed(at, fmt.Sprintf("a data segment of form %d", form), "0 to 2")
		}
		if form == 2 {
			if mem := r.u32(); r.err == nil && mem != 0 {
				r.fail(Feature, at, fmt.Sprintf("memory %d (multi-memory)", mem), "memory 0", "link into one memory")
			}
		}
		if form != 1 {
			m.constant(r, len(m.globals))
		}
		r.bytes(r.count("bytes of a data segment", m.o.MaxModule))
	}
}

// customSection keeps the name section: backtraces and errors name functions by it. Its counts are checked, for readers of it
// may allocate what it claims.
func (m *module) customSection(r *reader) {
	at := r.pos
	if r.name() != "name" || r.err != nil {
		r.pos = r.end
		return
	}
	if m.names.to > 0 {
		r.malformed(at, "a second name section", "one")
		return
	}
	m.names = span{r.pos, r.end}
	for r.more() {
		id := r.byte()
		size := r.count("bytes of names", m.o.MaxModule)
		in := &reader{b: r.b, pos: r.pos, end: r.pos + size, fn: -1}
		r.bytes(size)
		if r.err != nil {
			return
		}
		switch id {
		case 0:
			in.name()
		case 1:
			m.funcName = map[int]string{}
			m.nameMap(in, m.funcName)
		case 2:
			for n := in.count("functions with names of locals", math.MaxInt32); n > 0 && in.err == nil; n-- {
				in.u32()
				m.nameMap(in, nil)
			}
		default:
			in.pos = in.end
		}
		if in.err == nil && in.pos != in.end {
			in.malformed(in.pos, "more bytes than the names need", "none")
		}
		r.err = in.err
	}
}

// nameMap reads names by index and keeps them, unless out is nil.
func (m *module) nameMap(r *reader, out map[int]string) {
	at := r.pos
	n := r.count("names", math.MaxInt32)
	if m.named += n; m.named > m.o.MaxNames {
		r.tooMany(at, int64(m.named), "names of functions and locals", m.o.MaxNames)
	}
	for ; n > 0 && r.err == nil; n-- {
		i := int(r.u32())
		if name := r.name(); out != nil {
			out[i] = name
		}
	}
}
