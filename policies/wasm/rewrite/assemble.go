package rewrite

// assemble puts the module together: sections as they were, with what is appended; the start section is left out, and so are
// custom sections but the names, for what they say of code (debugging, relocation) would no longer be so.
func (m *module) assemble(code []byte) []byte {
	out := make([]byte, 0, len(m.b)+len(code)-m.stats.Code+len(m.globals)*20+256)
	out = append(out, m.b[:8]...)
	for _, id := range []int{secType, secImport, secFunction, secTable, secMemory, secGlobal, secExport, secElement, secDataCount, secCode, secData} {
		old := m.b[m.sections[id].from:m.sections[id].to]
		switch id {
		case secType:
			out = section(out, id, m.extend(old, len(m.added), m.moreTypes()))
		case secFunction:
			out = section(out, id, m.extend(old, len(m.entries), m.entryTypes()))
		case secTable:
			if m.hasTable { // it cannot grow: its maximum is no more than it has
				out = section(out, id, appendLimits([]byte{1, m.tableType}, m.table, m.table))
			}
		case secMemory:
			if m.memory != nil {
				out = section(out, id, appendLimits([]byte{1}, m.memory.Min, m.memory.Max))
			}
		case secGlobal:
			out = section(out, id, m.extend(old, 2, m.counters()))
		case secExport:
			n, more := m.moreExports()
			out = section(out, id, m.extend(old, n, more))
		case secCode:
			if m.sections[id].to > 0 || len(m.entries) > 0 {
				out = section(out, id, code)
			}
		default:
			if m.sections[id].to > 0 {
				out = section(out, id, old)
			}
		}
	}
	if m.names.to > 0 {
		out = section(out, secCustom, append([]byte("\x04name"), m.b[m.names.from:m.names.to]...))
	}
	return out
}

func section(out []byte, id int, contents []byte) []byte {
	if len(contents) == 0 {
		return out
	}
	out = appendU32(append(out, byte(id)), uint32(len(contents)))
	return append(out, contents...)
}

// extend appends n entries to a section that is a vector; it may be absent.
func (m *module) extend(old []byte, n int, more []byte) []byte {
	if n == 0 {
		return old
	}
	r := &reader{b: old, end: len(old), fn: -1}
	had := uint32(0)
	if len(old) > 0 {
		had = r.u32()
	}
	out := appendU32(make([]byte, 0, len(old)+len(more)+5), had+uint32(n))
	out = append(out, old[r.pos:]...)
	return append(out, more...)
}

func appendLimits(out []byte, lo, hi uint32) []byte {
	return appendU32(appendU32(append(out, 1), lo), hi)
}

func (m *module) moreTypes() []byte {
	var out []byte
	for _, t := range m.added {
		out = append(out, 0x60)
		for _, values := range [][]ValueType{t.Params, t.Results} {
			out = appendU32(out, uint32(len(values)))
			for _, v := range values {
				out = append(out, byte(v))
			}
		}
	}
	return out
}

// counters are the globals fuel and depth.
func (m *module) counters() []byte {
	out := appendS64([]byte{byte(I64), 1, opI64Const}, m.o.InitialFuel)
	return append(out, opEnd, byte(I64), 1, opI64Const, 0, opEnd)
}

func (m *module) moreExports() (n int, out []byte) {
	add := func(name string, kind byte, index int) {
		n++
		out = append(appendU32(out, uint32(len(name))), name...)
		out = appendU32(append(out, kind), uint32(index))
	}
	add(FuelExport, 3, len(m.globals))
	add(DepthExport, 3, len(m.globals)+1)
	for _, g := range m.mutable() {
		add(g.Export, 3, g.Index)
	}
	if m.start >= 0 {
		add(StartExport, 0, m.start)
	}
	for i, e := range m.entries {
		add(EntryExport+e.name, 0, len(m.funcs)+i)
	}
	return n, out
}
