package rewrite

// entry is the function through which the host calls an export of the module: it takes the export's parameters and the fuel of the
// call, and returns the export's results and what is left.
type entry struct {
	name  string // of the export
	index int    // of the function behind it
	t     int    // index of the entry's own type
}

// enter makes an entry for each function that the module exports, and for its start function.
func (m *module) enter() {
	types := map[uint32]int{} // entry types by the function's type
	called := m.exports
	if m.start >= 0 {
		called = append(called[:len(called):len(called)], exported{StartExport, 0, m.start})
	}
	for _, e := range called {
		if e.kind != 0 {
			continue
		}
		of := m.funcs[e.index]
		t, ok := types[of]
		if !ok {
			s := m.types[of]
			t = len(m.types) + len(m.added)
			m.added = append(m.added, Signature{Params: append(s.Params[:len(s.Params):len(s.Params)], I64), Results: append(s.Results[:len(s.Results):len(s.Results)], I64)})
			types[of] = t
		}
		m.entries = append(m.entries, entry{e.name, e.index, t})
	}
}

// entryTypes are the entries' part of the function section.
func (m *module) entryTypes() (out []byte) {
	for _, e := range m.entries {
		out = appendU32(out, uint32(e.t))
	}
	return out
}

// entryBody is an entry's code.
func (m *module) entryBody(e entry) []byte {
	fuel := uint32(len(m.globals))
	params := uint32(len(m.signature(e.index).Params))
	out := appendU32([]byte{0, opLocalGet}, params)
	out = appendU32(append(out, opGlobalSet), fuel)
	for i := range params {
		out = appendU32(append(out, opLocalGet), i)
	}
	out = appendU32(append(out, opCall), uint32(e.index))
	out = appendU32(append(out, opGlobalGet), fuel)
	return append(out, opEnd)
}
