package rewrite

import (
	"encoding/binary"
	"slices"
)

func appendU32(b []byte, v uint32) []byte { return binary.AppendUvarint(b, uint64(v)) }

func appendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

// emitter writes rewritten bodies.
type emitter struct {
	s           *scanner
	out         []byte
	fuel, depth uint32 // indexes of the counters
	temp        [5]int // scratch locals: i32 at exact, and one for each kind of float
	added       []byte
	checkpoints int
}

// body gives the scanned body, rewritten. slots is the size of its frame, or 0 where that is not counted. A body that counts
// stands in a block, which return and branches to the function leave.
func (e *emitter) body(slots int64) []byte {
	s := e.s
	entry := s.plan()
	e.out = e.out[:0]
	e.locals()
	e.pay(entry)
	if slots > 0 {
		e.enter(slots)
		e.out = append(append(e.out, opBlock), s.m.resultType(s.m.signature(s.fn).Results)...)
	}
	for i := range s.code {
		in := &s.code[i]
		next := uint32(s.end)
		if i+1 < len(s.code) {
			next = s.code[i+1].off
		}
		if in.charge > 0 {
			e.pay(in.charge)
		}
		e.before(in)
		if in.op == opReturn && slots > 0 {
			e.out = appendU32(append(e.out, opBr), in.arg)
		} else {
			e.out = append(e.out, s.b[in.off:next]...)
		}
		if in.op == opLoop {
			e.pay(in.header)
		}
		if in.raw && !s.m.o.keepNaN {
			e.canonical(makes(in.op))
		}
	}
	if slots > 0 {
		e.leave(slots)
		e.out = append(e.out, opEnd)
	}
	return slices.Clone(e.out)
}

func makes(op uint16) float {
	if op < 0x100 {
		return plain[op].makes
	}
	return vector[op&0xff].makes
}

// locals declares the body's own and then the scratch ones, so that no index moves.
func (e *emitter) locals() {
	s := e.s
	var need [5]bool // exact stands for i32
	for i := range s.code {
		switch in := &s.code[i]; {
		case in.raw:
			need[makes(in.op)] = true
		case in.op == opMemoryGrow || in.op == opMemoryInit || in.op == opMemoryCopy || in.op == opMemoryFill:
			need[exact] = true
		}
	}
	need[rawF32x4] = need[rawF32x4] || need[rawF64x2]
	types := [...]ValueType{exact: I32, rawF32: F32, rawF64: F64, rawF32x4: V128}
	groups, at := s.nGroups, s.params+s.locals
	for f, t := range types {
		if need[f] {
			e.temp[f] = at
			groups, at = groups+1, at+1
			e.added = append(e.added, 1, byte(t))
		}
	}
	e.temp[rawF64x2] = e.temp[rawF32x4]
	e.out = appendU32(e.out, uint32(groups))
	e.out = append(e.out, s.b[s.groups.from:s.groups.to]...)
	e.out = append(e.out, e.added...)
	e.added = e.added[:0]
}

// pay takes fuel and traps if none is left. The counter is stored first: who finds it below 0 knows why the call trapped.
func (e *emitter) pay(fuel uint32) {
	e.checkpoints++
	e.get(e.fuel)
	e.i64(-int64(fuel))
	e.out = append(e.out, opI64Add)
	e.spend()
}

// spend stores what is left of the fuel, from the operand stack, and traps below 0.
func (e *emitter) spend() {
	e.set(e.fuel)
	e.get(e.fuel)
	e.i64(0)
	e.orTrap(opI64GeS)
}

// orTrap goes on if a comparison holds. The trap stands in the else, where the compiler lays it out of the way of what goes on.
func (e *emitter) orTrap(compare byte) {
	e.out = append(e.out, compare, opIf, 0x40, opElse, opUnreachable, opEnd)
}

func (e *emitter) enter(slots int64) {
	e.get(e.depth)
	e.i64(slots)
	e.out = append(e.out, opI64Add)
	e.set(e.depth)
	e.get(e.depth)
	e.i64(e.s.m.o.MaxDepth)
	e.orTrap(opI64LeS)
}

func (e *emitter) leave(slots int64) {
	e.get(e.depth)
	e.i64(slots)
	e.out = append(e.out, opI64Sub)
	e.set(e.depth)
}

func (e *emitter) get(g uint32)         { e.out = appendU32(append(e.out, opGlobalGet), g) }
func (e *emitter) set(g uint32)         { e.out = appendU32(append(e.out, opGlobalSet), g) }
func (e *emitter) i64(v int64)          { e.out = appendS64(append(e.out, opI64Const), v) }
func (e *emitter) local(op byte, l int) { e.out = appendU32(append(e.out, op), uint32(l)) }

// before charges what depends on the length on top of the operand stack.
func (e *emitter) before(in *instr) {
	length := e.temp[exact]
	switch in.op {
	case opMemoryInit, opMemoryCopy, opMemoryFill: // half the bytes
		e.local(opLocalSet, length)
		e.get(e.fuel)
		e.local(opLocalGet, length)
		e.out = append(e.out, opI64ExtendU)
		e.i64(1)
		e.out = append(e.out, opI64ShrU, opI64Sub)
		e.spend()
		e.local(opLocalGet, length)
	case opMemoryGrow: // the pages, if there can be so many; else it fails and costs nothing more
		e.local(opLocalSet, length)
		e.get(e.fuel)
		e.local(opLocalGet, length)
		e.out = append(e.out, opI64ExtendU)
		e.i64(weightPageLog2)
		e.out = append(e.out, opI64Shl)
		e.i64(0)
		e.local(opLocalGet, length)
		e.out = append(e.out, opI32Const)
		e.out = appendS64(e.out, int64(e.s.m.memory.Max))
		e.out = append(e.out, opMemorySize, 0, opI32Sub, opI32LeU, opSelect, opI64Sub)
		e.spend()
		e.local(opLocalGet, length)
	}
}

// canonical turns every NaN of the value on top of the operand stack into the positive quiet one without payload.
func (e *emitter) canonical(f float) {
	t := e.temp[f]
	e.local(opLocalTee, t)
	switch f {
	case rawF32:
		e.out = append(e.out, opF32Const, 0, 0, 0xc0, 0x7f)
	case rawF64:
		e.out = append(e.out, opF64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f)
	case rawF32x4:
		e.out = append(e.out, opV128Const>>8, opV128Const&0xff, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f, 0, 0, 0xc0, 0x7f)
	case rawF64x2:
		e.out = append(e.out, opV128Const>>8, opV128Const&0xff, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f)
	}
	e.local(opLocalGet, t)
	e.local(opLocalGet, t)
	switch f {
	case rawF32:
		e.out = append(e.out, opF32Eq, opSelect)
	case rawF64:
		e.out = append(e.out, opF64Eq, opSelect)
	case rawF32x4:
		e.out = append(e.out, opF32x4Eq>>8, opF32x4Eq&0xff, opBitselect>>8, opBitselect&0xff)
	case rawF64x2:
		e.out = append(e.out, opF64x2Eq>>8, opF64x2Eq&0xff, opBitselect>>8, opBitselect&0xff)
	}
}
