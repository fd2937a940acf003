package rewrite

import "fmt"

// Opcodes that the code below names. An opcode of a prefix is prefix<<8 | its number.
const (
	opUnreachable  = 0x00
	opNop          = 0x01
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opSelect       = 0x1b
	opSelectType   = 0x1c
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opF32Const     = 0x43
	opF64Const     = 0x44
	opI64LeS       = 0x57
	opI64GeS       = 0x59
	opF32Eq        = 0x5b
	opF64Eq        = 0x61
	opI32Sub       = 0x6b
	opI32LeU       = 0x4d
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Shl       = 0x86
	opI64ShrU      = 0x88
	opI64ExtendU   = 0xad
	opRefNull      = 0xd0
	opRefFunc      = 0xd2
	opMemoryInit   = 0xfc08
	opMemoryCopy   = 0xfc0a
	opMemoryFill   = 0xfc0b
	opV128Const    = 0xfd0c
	opF32x4Eq      = 0xfd41
	opF64x2Eq      = 0xfd47
	opBitselect    = 0xfd52
)

// immediate is what follows an opcode.
type immediate uint8

const (
	immRefused immediate = iota // the zero value: an opcode without a shape is refused
	immNone
	immControl // read by the scanner itself
	immMemory  // alignment and offset
	immLane
	immMemoryLane
	immZero    // a memory, always the byte 0
	immTable   // a table, always 0
	immTwoZero // two of them
	immData    // a data segment and a memory
	immI32
	immI64
	imm4
	imm8
	imm16
	immShuffle
)

// float says in which shape an instruction makes a NaN whose bits the specification leaves open.
type float uint8

const (
	exact float = iota
	rawF32
	rawF64
	rawF32x4
	rawF64x2
)

// shape is what the rewriter knows of an instruction: what it takes from and leaves on the operand stack, its weight in fuel,
// and whether it is blind to the bits of a NaN among its operands (it makes a NaN, a truth value or nothing of any of them).
type shape struct {
	imm       immediate
	pop, push int8
	weight    uint16
	makes     float
	blind     bool
}

// Weights of the fuel schedule that are not 1.
const (
	weightMemory   = 2   // load, store, table.get
	weightSlow     = 10  // division, remainder, square root, call_indirect
	weightBulk     = 20  // memory.copy, fill and init, beside their lengths
	weightHost     = 200 // memory.grow and ref.func leave machine code
	weightPageLog2 = 14  // a page that memory.grow asks for and can get costs 1<<14
)

var (
	plain  = plainShapes()
	vector = vectorShapes()
	bulk   = [...]shape{
		8: {imm: immData, pop: 3, weight: weightBulk}, 10: {imm: immTwoZero, pop: 3, weight: weightBulk},
		11: {imm: immZero, pop: 3, weight: weightBulk}, 16: {imm: immTable, push: 1, weight: 1},
	}
)

type shapes [256]shape

func (t *shapes) set(s shape, from, to int) {
	for i := from; i <= to; i++ {
		t[i] = s
	}
}

func plainShapes() *shapes {
	var t shapes
	t.set(shape{imm: immControl}, opUnreachable, opElse)
	t[opEnd] = shape{imm: immControl}
	t.set(shape{imm: immControl, weight: 1}, opBr, opCall)
	t[opUnreachable].weight, t[opIf].weight = 1, 1
	t.set(shape{}, 0x06, 0x0a) // exceptions
	t[opNop] = shape{imm: immNone}
	t[opCallIndirect] = shape{imm: immControl, weight: weightSlow}
	t[0x1a] = shape{imm: immNone, pop: 1, weight: 1, blind: true}
	t[opSelect] = shape{imm: immNone, pop: 3, push: 1, weight: 1}
	t[opSelectType] = shape{imm: immControl, pop: 3, push: 1, weight: 1}
	t.set(shape{imm: immControl, weight: 1}, opLocalGet, opGlobalSet)
	t[0x25] = shape{imm: immTable, pop: 1, push: 1, weight: weightMemory}
	t.set(shape{imm: immMemory, pop: 1, push: 1, weight: weightMemory}, 0x28, 0x35)
	t.set(shape{imm: immMemory, pop: 2, weight: weightMemory}, 0x36, 0x3e)
	t[opMemorySize] = shape{imm: immZero, push: 1, weight: 1}
	t[opMemoryGrow] = shape{imm: immZero, pop: 1, push: 1, weight: weightHost}
	t[opI32Const] = shape{imm: immI32, push: 1, weight: 1}
	t[opI64Const] = shape{imm: immI64, push: 1, weight: 1}
	t[opF32Const] = shape{imm: imm4, push: 1, weight: 1}
	t[opF64Const] = shape{imm: imm8, push: 1, weight: 1}
	t.numeric()
	t[opRefNull] = shape{imm: immControl, push: 1, weight: 1}
	t[0xd1] = shape{imm: immNone, pop: 1, push: 1, weight: 1}
	t[opRefFunc] = shape{imm: immControl, push: 1, weight: weightHost}
	return &t
}

// numeric fills 0x45 (i32.eqz) to 0xc4 (i64.extend32_s).
func (t *shapes) numeric() {
	unary := shape{imm: immNone, pop: 1, push: 1, weight: 1}
	binary := shape{imm: immNone, pop: 2, push: 1, weight: 1}
	with := func(s shape, makes float, weight uint16) shape {
		s.makes, s.blind = makes, true
		if weight > 0 {
			s.weight = weight
		}
		return s
	}
	t.set(binary, 0x46, 0xa6)
	t[0x45], t[0x50] = unary, unary
	t.set(with(binary, exact, 0), opF32Eq, 0x66) // comparisons
	t.set(unary, 0x67, 0x69)
	t.set(unary, 0x79, 0x7b)
	for _, op := range []int{0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82} {
		t[op].weight = weightSlow
	}
	for i, raw := range []float{rawF32, rawF64} {
		at := 0x8b + 14*i
		t.set(unary, at, at+1)                         // abs, neg: bits as they are
		t.set(with(unary, raw, 0), at+2, at+5)         // ceil, floor, trunc, nearest
		t[at+6] = with(unary, raw, weightSlow)         // sqrt
		t.set(with(binary, raw, 0), at+7, at+12)       // add, sub, mul, div, min, max
		t[at+10].weight, t[at+13] = weightSlow, binary // div; copysign: bits as they are
	}
	t.set(unary, 0xa7, 0xc4)
	t.set(with(unary, exact, 0), 0xa8, 0xab) // truncations
	t.set(with(unary, exact, 0), 0xae, 0xb1)
	t[0xb6], t[0xbb] = with(unary, rawF32, 0), with(unary, rawF64, 0) // demote, promote
}

func vectorShapes() *shapes {
	var t shapes
	unary := shape{imm: immNone, pop: 1, push: 1, weight: 1}
	binary := shape{imm: immNone, pop: 2, push: 1, weight: 1}
	load := shape{imm: immMemory, pop: 1, push: 1, weight: weightMemory}
	t.set(load, 0x00, 0x0a)
	t[0x0b] = shape{imm: immMemory, pop: 2, weight: weightMemory}
	t[0x0c] = shape{imm: imm16, push: 1, weight: 1}
	t[0x0d] = shape{imm: immShuffle, pop: 2, push: 1, weight: 1}
	t[0x0e] = binary
	t.set(unary, 0x0f, 0x14)
	t.set(shape{imm: immLane, pop: 1, push: 1, weight: 1}, 0x15, 0x22)
	for _, replace := range []int{0x17, 0x1a, 0x1c, 0x1e, 0x20, 0x22} {
		t[replace].pop = 2
	}
	t.set(binary, 0x23, 0x51)
	t[0x4d], t[0x53] = unary, unary
	t[0x52] = shape{imm: immNone, pop: 3, push: 1, weight: 1}
	t.set(shape{imm: immMemoryLane, pop: 2, push: 1, weight: weightMemory}, 0x54, 0x57)
	t.set(shape{imm: immMemoryLane, pop: 2, weight: weightMemory}, 0x58, 0x5b)
	t.set(load, 0x5c, 0x5d)
	for _, span := range [][2]int{{0x60, 0x64}, {0x67, 0x6a}, {0x74, 0x75}, {0x7a, 0x7a}, {0x7c, 0x81}, {0x83, 0x84}, {0x87, 0x8a},
		{0x94, 0x94}, {0xa0, 0xa1}, {0xa3, 0xa4}, {0xa7, 0xaa}, {0xc0, 0xc1}, {0xc3, 0xc4}, {0xc7, 0xca}, {0xe0, 0xe1}, {0xe3, 0xe3},
		{0xec, 0xed}, {0xef, 0xef}, {0xf8, 0xff}, {0x5e, 0x5f}} {
		t.set(unary, span[0], span[1])
	}
	for _, span := range [][2]int{{0x65, 0x66}, {0x6b, 0x73}, {0x76, 0x79}, {0x7b, 0x7b}, {0x82, 0x82}, {0x85, 0x86}, {0x8b, 0x93},
		{0x95, 0x99}, {0x9b, 0x9f}, {0xab, 0xae}, {0xb1, 0xb1}, {0xb5, 0xba}, {0xbc, 0xbf}, {0xcb, 0xce}, {0xd1, 0xd1}, {0xd5, 0xdf},
		{0xe4, 0xeb}, {0xf0, 0xf7}} {
		t.set(binary, span[0], span[1])
	}
	t.vectorFloats()
	return &t
}

func (t *shapes) vectorFloats() {
	mark := func(makes float, spans ...int) {
		for i := 0; i < len(spans); i += 2 {
			for op := spans[i]; op <= spans[i+1]; op++ {
				t[op].makes, t[op].blind = makes, true
			}
		}
	}
	mark(exact, opF32x4Eq&0xff, 0x4c, 0xf8, 0xf9, 0xfc, 0xfd) // comparisons, truncations
	// Rounding, sqrt, add to max, demote or promote. pmin and pmax choose an operand bit for bit.
	mark(rawF32x4, 0x67, 0x6a, 0xe3, 0xe9, 0x5e, 0x5e)
	mark(rawF64x2, 0x74, 0x75, 0x7a, 0x7a, 0x94, 0x94, 0xef, 0xf5, 0x5f, 0x5f)
	for _, op := range []int{0xe3, 0xe7, 0xef, 0xf3} {
		t[op].weight = weightSlow
	}
}

// prefixes is the first opcode that a number follows: 0xfb garbage collection, 0xfc bulk memory and saturating conversions,
// 0xfd SIMD, 0xfe threads.
const prefixes = 0xfb

// shapeOf finds an instruction; the zero shape is one that is refused.
func shapeOf(op, sub int) shape {
	switch {
	case op < prefixes:
		return plain[op]
	case op == 0xfd && sub < len(vector):
		return vector[sub]
	case op == 0xfc && sub < 8: // saturating conversions
		return shape{imm: immNone, pop: 1, push: 1, weight: 1, blind: true}
	case op == 0xfc && sub < len(bulk):
		return bulk[sub]
	}
	return shape{}
}

// refused says what an instruction that has no shape belongs to, and what to do about it.
func refused(op, sub int) (rule Rule, got, do string) {
	code := fmt.Sprintf("opcode 0x%02x", op)
	if op >= prefixes {
		code += fmt.Sprintf(" 0x%02x", sub)
	}
	rule, what := Feature, ""
	switch {
	case op == 0xfe:
		what, do = "a threads instruction", "build without -pthread and without atomics"
	case op == 0xfb:
		what, do = "a garbage collection instruction", "compile for linear memory, without WasmGC"
	case op == 0xfd && sub >= 0x100:
		what, do = "a relaxed SIMD instruction", "build without -mrelaxed-simd: its results depend on the CPU"
	case op >= 0x06 && op <= 0x0a || op == 0x18 || op == 0x19 || op == 0x1f:
		what, do = "an exception handling instruction", "build without -fwasm-exceptions"
	case op == 0x12 || op == 0x13 || op == 0x15:
		what, do = "a tail call", "build without -mtail-call"
	case op == 0x14 || op >= 0xd3 && op <= 0xd6:
		what, do = "a typed function reference instruction", "call through the table with call_indirect"
	case op == 0x26 || op == 0xfc && (sub == 0x0c || sub == 0x0e || sub == 0x0f || sub == 0x11):
		rule, what = Unforkable, "an instruction that changes the table"
		do = "fill the table with element segments: a fork could not copy it"
	case op == 0xfc && (sub == 0x09 || sub == 0x0d):
		rule, what = Unforkable, "an instruction that drops a segment"
		do = "leave the segment where it is: a fork could not tell that it is gone"
	default:
		rule, what, do = Malformed, "an unknown instruction", "compile for WebAssembly 2.0 without other proposals"
	}
	return rule, what + " (" + code + ")", do
}
