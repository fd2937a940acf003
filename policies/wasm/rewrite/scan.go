package rewrite

import "fmt"

// instr is one instruction of a body. The scanner fills it, plan adds the charges, the emitter reads it.
type instr struct {
	off    uint32 // of its first byte in the module; the next instruction's is its end
	op     uint16
	weight uint16
	arg    uint32 // br, br_if: label; return, br to the frame of the function: blocks around it; end, else: index of the opener
	charge uint32 // fuel charged before it
	header uint32 // loop: fuel charged at each iteration
	raw    bool   // it makes a NaN whose bits can be seen
	exit   bool   // block, if: a branch to its end leaves a loop
}

// block is an open block, loop or if, or the function itself.
type block struct {
	op              byte
	dead            bool // behind an unconditional branch
	height          int  // of the operand stack below it
	params, results int
	opener          int
	loops           int // around what is in it
}

// scanner reads one body after another into the same buffers.
type scanner struct {
	m *module
	reader
	code   []instr
	blocks []block
	stack  []int32 // the operand stack: which instruction made a value whose NaN bits are open, or -1
	labels []label
	calls  []int32 // callees, or ^class for a call through the table
	types  []ValueType
	groups span // the declarations of locals: their entries, without the count

	params, locals int // declared
	nGroups        int
	wide           bool // uses v128
	high           int  // of the operand stack
	nest           int
	loops, merges  int
	branches       int
}

// scan reads the body of the i-th own function.
func (s *scanner) scan(i int) *Error {
	m := s.m
	body := m.bodies[i]
	f := len(m.imports) + i
	sig := m.signature(f)
	s.reader = reader{b: m.b, pos: body.from, end: body.to, fn: f}
	s.code, s.blocks, s.stack, s.calls = s.code[:0], s.blocks[:0], s.stack[:0], s.calls[:0]
	s.wide, s.high, s.nest, s.loops, s.merges, s.branches = false, 0, 0, 0, 0, 0
	s.readLocals(sig)
	s.blocks = append(s.blocks, block{results: len(sig.Results), opener: -1})
	for s.err == nil && len(s.blocks) > 0 {
		at := s.pos
		if s.next(); s.high > m.o.MaxStack && s.err == nil {
			s.tooLong(at, int64(s.high), "values on the operand stack", m.o.MaxStack)
		}
	}
	if s.err == nil && s.pos != s.end {
		s.malformed(s.pos, fmt.Sprintf("%d bytes after the end of the body", s.end-s.pos), "none")
	}
	if s.err != nil {
		s.err.Name = m.funcName[f]
	}
	return s.err
}

func (s *scanner) readLocals(sig Signature) {
	s.params, s.locals = len(sig.Params), 0
	s.types = append(s.types[:0], sig.Params...)
	s.nGroups = s.count("groups of locals", s.end-s.pos)
	from := s.pos
	for i := 0; i < s.nGroups && s.err == nil; i++ {
		at := s.pos
		n := s.u32()
		t := s.valueType()
		if s.err == nil && int64(n)+int64(len(s.types)) > int64(s.m.o.MaxLocals) {
			s.tooLong(at, int64(n)+int64(len(s.types)), "parameters and locals", s.m.o.MaxLocals)
		}
		for ; n > 0 && s.err == nil; n-- {
			s.types = append(s.types, t)
		}
	}
	s.locals = len(s.types) - s.params
	s.groups = span{from, s.pos}
	for _, t := range s.types {
		s.wide = s.wide || t == V128
	}
}

// next reads one instruction.
func (s *scanner) next() {
	at := s.pos
	op := int(s.byte())
	sub := 0
	if op >= prefixes {
		sub = int(s.u32())
	}
	sh := shapeOf(op, sub)
	if s.err != nil {
		return
	}
	if sh.imm == immRefused {
		rule, got, do := refused(op, sub)
		s.fail(rule, at, got, "an instruction of WebAssembly 2.0 that leaves tables and segments as they are", do)
		return
	}
	if op >= prefixes {
		op = op<<8 | sub
		s.wide = s.wide || op>>8 == 0xfd
	}
	s.code = append(s.code, instr{off: uint32(at), op: uint16(op), weight: sh.weight})
	if sh.imm == immControl {
		s.control(at, op, sh)
		return
	}
	s.immediate(sh.imm)
	s.pop(int(sh.pop), sh.blind)
	s.push(int(sh.push), sh.makes != exact)
}

func (s *scanner) immediate(imm immediate) {
	at := s.pos
	switch imm {
	case immMemory, immMemoryLane:
		if align := s.u32(); s.err == nil && align >= 0x40 {
			s.fail(Feature, at, "an access with a memory index (multi-memory)", "memory 0", "link into one memory")
		}
		s.u32()
		if imm == immMemoryLane {
			s.byte()
		}
		s.needMemory(at)
	case immLane:
		s.byte()
	case immData:
		if d := s.u32(); s.err == nil && int64(d) >= int64(s.m.data) {
			s.malformed(at, fmt.Sprintf("data segment %d", d), below("data segments", s.m.data))
		}
		s.memoryZero()
	case immTwoZero:
		s.memoryZero()
		s.memoryZero()
	case immZero:
		s.memoryZero()
	case immTable:
		s.m.onlyTable(&s.reader)
	case immI32:
		s.signed(32)
	case immI64:
		s.signed(64)
	case imm4:
		s.bytes(4)
	case imm8:
		s.bytes(8)
	case imm16:
		s.bytes(16)
	case immShuffle:
		s.bytes(16)
	}
}

func (s *scanner) memoryZero() {
	at := s.pos
	if s.byte() != 0 && s.err == nil {
		s.fail(Feature, at, "a memory index that is not 0 (multi-memory)", "memory 0, as one byte", "link into one memory")
	}
	s.needMemory(at)
}

func (s *scanner) needMemory(at int) {
	if s.err == nil && s.m.memory == nil {
		s.malformed(at, "an access to memory", "none, for the module has no memory")
	}
}

// pop takes n values. What takes them sees the bits of a NaN unless it is blind.
func (s *scanner) pop(n int, blind bool) {
	low := s.blocks[len(s.blocks)-1].height
	for ; n > 0 && len(s.stack) > low; n-- {
		if by := s.stack[len(s.stack)-1]; by >= 0 && !blind {
			s.code[by].raw = true
		}
		s.stack = s.stack[:len(s.stack)-1]
	}
}

// push leaves n values, made by the last instruction if their NaN bits are open.
func (s *scanner) push(n int, open bool) {
	by := int32(-1)
	if open {
		by = int32(len(s.code) - 1)
	}
	for ; n > 0; n-- {
		s.stack = append(s.stack, by)
	}
	s.high = max(s.high, len(s.stack))
}

// seen says that the n values on top leave by a branch, or the block, and stay here.
func (s *scanner) seen(n int) {
	low := s.blocks[len(s.blocks)-1].height
	for i := len(s.stack) - 1; i >= low && n > 0; i, n = i-1, n-1 {
		if by := s.stack[i]; by >= 0 {
			s.code[by].raw = true
			s.stack[i] = -1
		}
	}
}

// slots is the size of the frame for the count of depth.
func (s *scanner) slots() int64 {
	n := int64(s.high)
	if s.wide {
		n *= 2
	}
	for _, t := range s.types {
		n++
		if t == V128 {
			n++
		}
	}
	return n + int64(len(s.code)/spillShare) + frameSlots
}
