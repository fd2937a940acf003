package rewrite

import (
	"slices"
	"strconv"
)

// Rewrite parses a module, refuses what Options and the package documentation do not allow with an *Error, and gives the
// module with its counters. It reads no more than is there, allocates in proportion to the module and never panics; it does not
// validate: the host has the original validated before it runs the result.
func Rewrite(b []byte, o Options) (*Result, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	m, err := parse(b, &o)
	if err != nil {
		return nil, err
	}
	s := &scanner{m: m}
	e := &emitter{s: s, fuel: uint32(len(m.globals)), depth: uint32(len(m.globals) + 1)}
	g, bodies, err := e.first()
	if err != nil {
		return nil, err
	}
	counted := m.counted(g)
	if err := e.second(counted, bodies); err != nil {
		return nil, err
	}
	m.enter()
	for _, e := range m.entries {
		bodies = append(bodies, m.entryBody(e))
	}
	res := &Result{Module: m.assemble(codeSection(bodies)), Imports: m.imports, Memory: m.memory, Globals: m.mutable(), Start: m.start >= 0}
	for _, e := range m.exports {
		if e.kind == 0 {
			res.Exports = append(res.Exports, Func{Name: e.name, Index: e.index, Signature: m.signature(e.index)})
		}
	}
	for i, c := range counted { // entries count nothing
		if c {
			m.stats.Counted++
		}
		m.stats.Frame = max(m.stats.Frame, g.frames[i])
	}
	res.Stats = m.stats
	return res, nil
}

// first writes all bodies as if each counted its frames, which most do in large modules, and learns what decides that: the size
// of the frames, and who calls whom.
func (e *emitter) first() (*callGraph, [][]byte, *Error) {
	s, m := e.s, e.s.m
	g := &callGraph{callees: make([][]int32, len(m.bodies)), frames: make([]int64, len(m.bodies))}
	bodies := make([][]byte, len(m.bodies))
	m.stats.Functions = len(m.funcs)
	for i, body := range m.bodies {
		if err := s.scan(i); err != nil {
			return nil, nil, err
		}
		slices.Sort(s.calls)
		g.callees[i] = slices.Clone(slices.Compact(s.calls))
		g.frames[i] = s.slots()
		if s.tally(body); s.err != nil {
			s.err.Name = m.funcName[s.fn]
			return nil, nil, s.err
		}
		bodies[i] = e.body(g.frames[i])
	}
	m.stats.Checkpoints = e.checkpoints
	return g, bodies, nil
}

// second writes the bodies again that do not count their frames.
func (e *emitter) second(counted []bool, bodies [][]byte) *Error {
	for i := range bodies {
		if counted[i] {
			continue
		}
		if err := e.s.scan(i); err != nil {
			return err
		}
		bodies[i] = e.body(0)
	}
	return nil
}

// codeSection is the contents of the section.
func codeSection(bodies [][]byte) []byte {
	size := 0
	for _, b := range bodies {
		size += len(b) + 5
	}
	out := appendU32(make([]byte, 0, size+5), uint32(len(bodies)))
	for _, b := range bodies {
		out = append(appendU32(out, uint32(len(b))), b...)
	}
	return out
}

// tally adds a body to the figures of the module. Merges are values that the compiler may have to merge where paths meet, at most
// every local at every block; its time grows with the square of the paths of one function, which work adds up.
func (s *scanner) tally(body span) {
	m, st := s.m, &s.m.stats
	merges := s.merges * len(s.types)
	paths := s.branches + 2*s.loops + len(s.code)/stretch
	st.Code += body.to - body.from
	st.Body = max(st.Body, body.to-body.from)
	st.Instructions += len(s.code)
	st.Nesting = max(st.Nesting, s.nest)
	st.Locals = max(st.Locals, len(s.types))
	st.Branches = max(st.Branches, s.branches)
	st.Loops = max(st.Loops, s.loops)
	st.Merges = max(st.Merges, merges)
	st.TotalBranches += s.branches
	st.TotalLoops += s.loops
	st.TotalMerges += merges
	st.TotalWork += paths * paths
	for _, l := range []struct {
		v, limit int
		what     string
	}{
		{st.TotalBranches, m.o.TotalBranches, "branches in the module (targets of br_table count)"},
		{st.TotalLoops, m.o.TotalLoops, "loops in the module"},
		{st.TotalMerges, m.o.TotalMerges, "merges in the module (locals times blocks of each function)"},
		{st.TotalWork, m.o.TotalWork, "units of compiler work in the module (squares of the paths of each function)"},
	} {
		if l.v > l.limit && s.err == nil {
			s.tooMany(body.from, int64(l.v), l.what, l.limit)
		}
	}
	if merges > m.o.MaxMerges && s.err == nil {
		s.tooLong(body.from, int64(merges), "merges in a function (its locals times its blocks)", m.o.MaxMerges)
	}
}

// resultType is the type of a block that takes nothing and gives results; where it needs a function type, one is appended.
func (m *module) resultType(results []ValueType) []byte {
	switch len(results) {
	case 0:
		return []byte{0x40}
	case 1:
		return []byte{byte(results[0])}
	}
	key := Signature{Results: results}.key()
	if m.blockTypes == nil {
		m.blockTypes = map[string]int{}
	}
	i, ok := m.blockTypes[key]
	if !ok {
		i = len(m.types) + len(m.added)
		m.blockTypes[key] = i
		m.added = append(m.added, Signature{Results: results})
	}
	return appendS64(nil, int64(i))
}

func (m *module) mutable() []Global {
	var out []Global
	for i, g := range m.globals {
		if g.mutable {
			out = append(out, Global{Export: GlobalExport + strconv.Itoa(i), Index: i, Type: g.t})
		}
	}
	return out
}
