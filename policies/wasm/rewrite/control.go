package rewrite

import "fmt"

// control reads the immediates of what branches, calls or names something, and keeps the operand stack.
func (s *scanner) control(at, op int, sh shape) {
	in := len(s.code) - 1
	switch op {
	case opBlock, opLoop, opIf:
		s.open(at, op)
	case opElse, opEnd:
		s.close(at, op)
	case opBr, opBrIf:
		label := s.u32()
		s.code[in].arg = label
		s.branches++
		if op == opBrIf {
			s.pop(1, true)
		}
		s.target(at, label)
		if op == opBr {
			s.dead()
		}
	case opBrTable:
		n := s.count("targets of a br_table", s.m.o.MaxBranches)
		s.branches += n + 1
		s.pop(1, true)
		for ; n >= 0 && s.err == nil; n-- {
			s.target(at, s.u32())
		}
		s.dead()
	case opReturn:
		s.code[in].arg = uint32(len(s.blocks) - 1)
		s.seen(s.blocks[0].results)
		s.dead()
	case opUnreachable:
		s.dead()
	case opCall:
		f := s.funcIndex(at)
		if s.err == nil {
			s.calls = append(s.calls, int32(f))
			s.apply(s.m.signature(f))
		}
	case opCallIndirect:
		t := s.m.typeIndex(&s.reader)
		s.m.onlyTable(&s.reader)
		if s.err == nil && !s.m.hasTable {
			s.malformed(at, "a call through the table", "none, for the module has no table")
		}
		if s.err == nil {
			s.calls = append(s.calls, ^int32(s.m.typeClass[t]))
			s.pop(1, true)
			s.apply(s.m.types[t])
		}
	case opRefFunc:
		s.funcIndex(at)
		s.push(1, false)
	case opRefNull:
		s.refType()
		s.push(1, false)
	case opSelectType:
		if n := s.byte(); s.err == nil && n != 1 {
			s.malformed(at, fmt.Sprintf("a select of %d types", n), "1")
		}
		s.valueType()
		s.pop(int(sh.pop), false)
		s.push(1, false)
	default:
		s.variable(at, op)
	}
	if s.branches > s.m.o.MaxBranches && s.err == nil {
		s.tooLong(at, int64(s.branches), "branches in a function (targets of br_table count)", s.m.o.MaxBranches)
	}
}

func (s *scanner) variable(at, op int) {
	v := int(s.u32())
	if op == opGlobalGet || op == opGlobalSet {
		s.m.ownGlobal(&s.reader, at, v)
		if s.err == nil && op == opGlobalSet && !s.m.globals[v].mutable {
			s.malformed(at, fmt.Sprintf("a write to global %d, which is constant", v), "writes to mutable globals")
		}
	} else if s.err == nil && v >= len(s.types) {
		s.malformed(at, fmt.Sprintf("local %d", v), below("parameters and locals", len(s.types)))
	}
	switch op {
	case opLocalGet, opGlobalGet:
		s.push(1, false)
	case opLocalTee:
		s.seen(1)
	default:
		s.pop(1, false)
	}
}

func (s *scanner) funcIndex(at int) int {
	f := s.u32()
	if s.err == nil && int64(f) >= int64(len(s.m.funcs)) {
		s.malformed(at, fmt.Sprintf("function %d", f), below("functions", len(s.m.funcs)))
		return 0
	}
	return int(f)
}

func (s *scanner) apply(t Signature) {
	s.pop(len(t.Params), false)
	s.push(len(t.Results), false)
}

func (s *scanner) open(at, op int) {
	params, results := s.blockType(at)
	if op == opIf {
		s.pop(1, true)
		s.branches++
	}
	s.merges++
	if op == opLoop {
		if s.loops++; s.loops > s.m.o.MaxLoops && s.err == nil {
			s.tooLong(at, int64(s.loops), "loops in a function", s.m.o.MaxLoops)
		}
	}
	if s.nest = max(s.nest, len(s.blocks)); s.nest > s.m.o.MaxNesting && s.err == nil {
		s.tooLong(at, int64(s.nest), "blocks around each other", s.m.o.MaxNesting)
	}
	s.seen(params)
	s.pop(params, true)
	loops := s.blocks[len(s.blocks)-1].loops
	if op == opLoop {
		loops++
	}
	s.blocks = append(s.blocks, block{op: byte(op), loops: loops, height: len(s.stack), params: params, results: results, opener: len(s.code) - 1})
	s.push(params, false)
}

func (s *scanner) blockType(at int) (params, results int) {
	if s.pos < s.end {
		switch c := s.b[s.pos]; {
		case c == 0x40:
			s.pos++
			return 0, 0
		case c < 0x80 && c&0x40 != 0: // negative, of one byte
			s.valueType()
			return 0, 1
		}
	}
	t := s.signed(33)
	if s.err == nil && (t < 0 || t >= int64(len(s.m.types))) {
		s.malformed(at, fmt.Sprintf("block type %d", t), below("types", len(s.m.types)))
	}
	if s.err != nil {
		return 0, 0
	}
	return len(s.m.types[t].Params), len(s.m.types[t].Results)
}

func (s *scanner) close(at, op int) {
	in := len(s.code) - 1
	b := &s.blocks[len(s.blocks)-1]
	s.code[in].arg = uint32(int32(b.opener))
	s.seen(b.results)
	s.stack = s.stack[:b.height]
	if op == opElse {
		if b.op != opIf {
			s.malformed(at, "an else", "an open if")
			return
		}
		b.op, b.dead = opElse, false
		s.push(b.params, false)
		return
	}
	results := b.results
	s.blocks = s.blocks[:len(s.blocks)-1]
	if len(s.blocks) > 0 {
		s.push(results, false)
	}
}

// target checks a label and lets the values that go with the branch be seen.
func (s *scanner) target(at int, label uint32) {
	if s.err != nil {
		return
	}
	if int64(label) >= int64(len(s.blocks)) {
		s.malformed(at, fmt.Sprintf("a branch to label %d", label), below("blocks around it, with the function itself", len(s.blocks)))
		return
	}
	b := &s.blocks[len(s.blocks)-1-int(label)]
	if b.op == opLoop {
		s.seen(b.params)
		return
	}
	s.seen(b.results)
	if b.opener >= 0 && b.loops < s.blocks[len(s.blocks)-1].loops {
		s.code[b.opener].exit = true
	}
}

// dead says that what follows in this block cannot be reached.
func (s *scanner) dead() {
	b := &s.blocks[len(s.blocks)-1]
	b.dead = true
	s.stack = s.stack[:b.height]
}
