package rewrite

import "slices"

// generator makes valid modules from bytes: each byte is a choice, and when they run out every choice is the simplest one.
type generator struct {
	choices []byte
	intOnly bool // i32 and control only, for the reference interpreter
	sigs    []Signature
	out     []byte
	fn      int
	locals  []ValueType
	labels  [][]ValueType // what a branch to each open block takes, innermost last
	left    int           // instructions that may still be made
}

func (g *generator) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return c % n
}

func (g *generator) valueType() ValueType {
	if g.intOnly {
		return I32
	}
	return []ValueType{I32, I64, F32, F64, V128}[g.choose(5)]
}

func (g *generator) typeList(n int) (out []ValueType) {
	for range g.choose(n + 1) {
		out = append(out, g.valueType())
	}
	return out
}

func (g *generator) op(ops ...byte) { g.out = append(g.out, ops...) }
func (g *generator) u32(v int)      { g.out = appendU32(g.out, uint32(v)) }

// module gives a module that exports its functions as f0, f1 ...
func (g *generator) module() []byte {
	n := 1 + g.choose(4)
	types := []byte{byte(n)}
	functions, exports, table := []byte{byte(n)}, []byte{byte(n)}, []byte{1, 0, opI32Const, 0, opEnd, byte(n)}
	for i := range n {
		s := Signature{Params: g.typeList(2), Results: g.typeList(2)}
		g.sigs = append(g.sigs, s)
		types = appendSignature(types, s)
		functions, table = append(functions, byte(i)), append(table, byte(i))
		exports = append(exports, 2, 'f', '0'+byte(i), 0, byte(i))
	}
	code := []byte{byte(n)}
	for g.fn = range n {
		g.function()
		code = append(appendU32(code, uint32(len(g.out))), g.out...)
	}
	out := []byte("\x00asm\x01\x00\x00\x00")
	for id, contents := range [][]byte{
		secType: types, secFunction: functions, secTable: {1, 0x70, 0, byte(n + 1)}, secMemory: {1, 1, 1, 4},
		secGlobal: {4, 0x7f, 1, 0x41, 5, 0x0b, 0x7e, 1, 0x42, 7, 0x0b, 0x7d, 1, 0x43, 0, 0, 0xc0, 0x7f, 0x0b, 0x7c, 1, 0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0x0b},
		secExport: exports, secElement: table, secCode: code, secData: {1, 1, 4, 1, 2, 3, 4},
	} {
		if id == secCode {
			out = section(out, secDataCount, []byte{1})
		}
		out = section(out, id, contents)
	}
	return out
}

func appendSignature(out []byte, s Signature) []byte {
	out = append(out, 0x60)
	for _, ts := range [][]ValueType{s.Params, s.Results} {
		out = append(out, byte(len(ts)))
		for _, t := range ts {
			out = append(out, byte(t))
		}
	}
	return out
}

func (g *generator) function() {
	s := g.sigs[g.fn]
	extra := g.typeList(4)
	g.locals = append(slices.Clone(s.Params), extra...)
	g.labels = [][]ValueType{s.Results}
	g.out, g.left = []byte{byte(len(extra))}, 60
	for _, t := range extra {
		g.op(1, byte(t))
	}
	g.statements()
	g.values(s.Results, 2)
	g.op(opEnd)
}

func (g *generator) statements() {
	for range g.choose(6) {
		if g.left--; g.left < 0 {
			return
		}
		g.statement()
	}
}

func (g *generator) values(ts []ValueType, depth int) {
	for _, t := range ts {
		g.value(t, depth)
	}
}

// block opens a block of an op without parameters or results and fills it.
func (g *generator) block(op byte, fill func()) {
	g.op(op, 0x40)
	g.labels = append(g.labels, nil)
	fill()
	g.labels = g.labels[:len(g.labels)-1]
	g.op(opEnd)
}

func (g *generator) statement() {
	kinds := 16
	if g.intOnly {
		kinds = 9
	}
	switch g.choose(kinds) {
	case 0:
		g.op(opNop)
	case 1:
		g.set()
	case 2:
		g.block(opBlock, g.statements)
	case 3:
		g.block(opLoop, func() {
			g.statements()
			g.value(I32, 2)
			g.op(opBrIf, 0)
		})
	case 4:
		g.value(I32, 2)
		g.block(opIf, func() {
			g.statements()
			if g.choose(2) == 1 {
				g.op(opElse)
				g.statements()
			}
		})
	case 5:
		l := g.choose(len(g.labels))
		g.values(g.labels[len(g.labels)-1-l], 1)
		g.value(I32, 1)
		g.op(opBrIf)
		g.u32(l)
		for range g.labels[len(g.labels)-1-l] {
			g.op(0x1a)
		}
	case 6:
		l := g.choose(len(g.labels))
		g.values(g.labels[len(g.labels)-1-l], 1)
		g.op(opBr)
		g.u32(l)
	case 7:
		g.table()
	case 8:
		g.values(g.labels[0], 1)
		g.op(opReturn)
	case 9:
		g.store()
	case 10:
		i := g.choose(4)
		g.value([]ValueType{I32, I64, F32, F64}[i], 2)
		g.op(opGlobalSet, byte(i))
	case 11:
		g.bulk()
	case 12:
		g.call(g.choose(len(g.sigs)), g.choose(2) == 1)
	case 13:
		g.op(opUnreachable)
	case 14:
		g.loopWithParameter()
	case 15:
		g.value(g.valueType(), 3)
		g.op(0x1a)
	}
}

// loopWithParameter makes a loop of type (i32) -> (i32) where a function has that type.
func (g *generator) loopWithParameter() {
	i32 := []ValueType{I32}
	t := slices.IndexFunc(g.sigs, func(s Signature) bool { return slices.Equal(s.Params, i32) && slices.Equal(s.Results, i32) })
	if t < 0 {
		g.op(opNop)
		return
	}
	g.op(opI32Const, 3, opLoop, byte(t))
	g.labels = append(g.labels, i32)
	g.op(opI32Const, 1, opI32Sub, opGlobalSet, 0)
	g.statements()
	g.op(opGlobalGet, 0, opGlobalGet, 0, opBrIf, 0)
	g.labels = g.labels[:len(g.labels)-1]
	g.op(opEnd, 0x1a)
}

func (g *generator) table() {
	n := 1 + g.choose(3)
	var targets []int
	first := g.choose(len(g.labels))
	want := g.labels[len(g.labels)-1-first]
	for range n {
		if l := g.choose(len(g.labels)); slices.Equal(g.labels[len(g.labels)-1-l], want) {
			targets = append(targets, l)
		}
	}
	g.values(want, 1)
	g.value(I32, 1)
	g.op(opBrTable, byte(len(targets)))
	for _, l := range append(targets, first) {
		g.u32(l)
	}
}

func (g *generator) set() {
	if len(g.locals) == 0 {
		return
	}
	l := g.choose(len(g.locals))
	g.value(g.locals[l], 3)
	g.op(opLocalSet, byte(l))
}

func (g *generator) store() {
	t := g.valueType()
	g.op(opI32Const)
	g.out = appendS64(g.out, int64(g.choose(256))*260)
	g.value(t, 2)
	if t == V128 {
		g.op(0xfd)
	}
	g.op(map[ValueType]byte{I32: 0x36, I64: 0x37, F32: 0x38, F64: 0x39, V128: 0x0b}[t], 0, 1)
}

func (g *generator) bulk() {
	g.value(I32, 1)
	switch g.choose(3) {
	case 0:
		g.op(opI32Const, 7, opI32Const, byte(g.choose(64)), 0xfc, 11, 0)
	case 1:
		g.op(opI32Const, 9, opI32Const, byte(g.choose(64)), 0xfc, 10, 0, 0)
	case 2:
		g.op(opI32Const, 0, opI32Const, byte(g.choose(6)), 0xfc, 8, 0, 0)
	}
}

// call calls a function, at random through the table, and drops what it gives.
func (g *generator) call(f int, indirect bool) {
	s := g.sigs[f]
	g.values(s.Params, 1)
	if indirect {
		g.op(opI32Const, byte(g.choose(len(g.sigs)+2)), opCallIndirect, byte(f), 0)
	} else {
		g.op(opCall, byte(f))
	}
	for range s.Results {
		g.op(0x1a)
	}
}
