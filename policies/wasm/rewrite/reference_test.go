package rewrite

import (
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// machine runs a scanned body of i32 and control instructions one by one. It takes fuel where the plan says so, and checks that
// no instruction runs that the last checkpoint did not pay for, and that no checkpoint takes more than it may.
type machine struct {
	t       rapid.TB
	s       *scanner
	ends    map[int]int // of blocks, by opener
	elses   map[int]int
	locals  []int32
	stack   []int32
	open    []frame
	fuel    int64 // taken
	paid    int64 // what is left of the last checkpoint's
	at      int
	running bool
}

type frame struct{ opener, end, height, arity int }

func newMachine(t rapid.TB, s *scanner, args []int32) *machine {
	m := &machine{t: t, s: s, ends: map[int]int{}, elses: map[int]int{}, running: true}
	m.locals = append(slices.Clone(args), make([]int32, s.locals)...)
	for i, in := range s.code {
		switch in.op {
		case opEnd:
			m.ends[int(int32(in.arg))] = i
		case opElse:
			m.elses[int(in.arg)] = i
		}
	}
	return m
}

func (m *machine) take(fuel uint32) {
	if m.paid > stretch+weightHost {
		m.t.Fatalf("instruction %d: %d units were paid for and not used", m.at, m.paid)
	}
	m.fuel += int64(fuel)
	m.paid = int64(fuel)
}

// run gives the results and whether the function ended within so many steps.
func (m *machine) run(entry uint32, results, steps int) bool {
	m.take(entry)
	m.paid -= 1 + int64(m.s.locals)
	m.open = []frame{{opener: -1, end: m.ends[-1], arity: results}}
	for ; m.running; m.at++ {
		if steps--; steps < 0 {
			return false
		}
		in := m.s.code[m.at]
		if in.charge > 0 {
			m.take(in.charge)
		}
		if m.paid -= int64(in.weight); m.paid < 0 {
			m.t.Fatalf("instruction %d (opcode 0x%x) runs unpaid", m.at, in.op)
		}
		m.step(in)
	}
	return true
}

func (m *machine) pop() int32 {
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v
}

func (m *machine) push(v int32) { m.stack = append(m.stack, v) }

func (m *machine) loop() {
	m.take(m.s.code[m.at].header)
	m.paid--
}

func (m *machine) enter(in instr) {
	f := frame{opener: m.at, end: m.ends[m.at], height: len(m.stack)}
	if m.s.b[in.off+1] != 0x40 {
		f.arity = 1
	}
	if in.op == opLoop {
		f.arity = 0 // of a branch to it
		m.loop()
	}
	m.open = append(m.open, f)
}

func (m *machine) branch(label int) {
	f := m.open[len(m.open)-1-label]
	kept := slices.Clone(m.stack[len(m.stack)-f.arity:])
	m.stack = append(m.stack[:f.height], kept...)
	if f.opener >= 0 && m.s.code[f.opener].op == opLoop {
		m.open = m.open[:len(m.open)-label]
		m.at = f.opener
		m.loop()
		return
	}
	m.open = m.open[:len(m.open)-1-label]
	m.at = f.end
	m.running = len(m.open) > 0
}

func (m *machine) step(in instr) {
	r := reader{b: m.s.b, pos: int(in.off) + 1, end: m.s.end}
	switch in.op {
	case opNop:
	case opBlock, opLoop:
		m.enter(in)
	case opIf:
		c := m.pop()
		m.enter(in)
		if e, ok := m.elses[m.at]; c == 0 && ok {
			m.at = e
		} else if c == 0 {
			m.at = m.ends[m.at] - 1
		}
	case opElse:
		m.branch(0)
	case opEnd:
		m.open = m.open[:len(m.open)-1]
		m.running = len(m.open) > 0
	case opBr:
		m.branch(int(r.u32()))
	case opBrIf:
		if m.pop() != 0 {
			m.branch(int(r.u32()))
		}
	case opBrTable:
		n := int(r.u32())
		labels := make([]int, n+1)
		for i := range labels {
			labels[i] = int(r.u32())
		}
		m.branch(labels[min(uint32(m.pop()), uint32(n))])
	case opReturn:
		m.branch(len(m.open) - 1)
	case 0x1a:
		m.pop()
	case opSelect:
		if c, b, a := m.pop(), m.pop(), m.pop(); c != 0 {
			m.push(a)
		} else {
			m.push(b)
		}
	case opLocalGet:
		m.push(m.locals[r.u32()])
	case opLocalSet:
		m.locals[r.u32()] = m.pop()
	case opI32Const:
		m.push(int32(r.signed(32)))
	default:
		m.binary(in.op)
	}
}

func (m *machine) binary(op uint16) {
	b, a := m.pop(), m.pop()
	truth := map[bool]int32{true: 1}
	switch op {
	case 0x6a:
		m.push(a + b)
	case 0x6b:
		m.push(a - b)
	case 0x71:
		m.push(a & b)
	case 0x46:
		m.push(truth[a == b])
	case 0x48:
		m.push(truth[a < b])
	default:
		m.t.Fatalf("the machine does not know opcode 0x%x", op)
	}
}

// TestFuelIsPaidInAdvance runs generated functions on the machine and, rewritten, on wazero: the results are the same, and so is
// the fuel, to the unit.
func TestFuelIsPaidInAdvance(t *testing.T) {
	ended := 0
	rapid.Check(t, func(t *rapid.T) {
		g := generator{choices: rapid.SliceOfN(rapid.Byte(), 20, 1500).Draw(t, "choices"), intOnly: true}
		b := g.module()
		o := Default()
		r, err := Rewrite(b, o)
		if err != nil {
			t.Fatal(err)
		}
		mod, parseErr := parse(b, &o)
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		real, err := load(r.Module, interpreter)
		if err != nil {
			t.Fatal(err)
		}
		defer real.close()
		for i, f := range r.Exports {
			s := &scanner{m: mod}
			if err := s.scan(i); err != nil {
				t.Fatal(err)
			}
			entry := s.plan()
			m := newMachine(t, s, []int32{3, 4}[:len(f.Params)])
			if !m.run(entry, len(f.Results), 20_000) {
				continue
			}
			ended++
			got := real.call(f.Name, 1<<40, []uint64{3, 4}[:len(f.Params)]...)
			got.mask(f.Results)
			if got.trap != "" || got.fuel != m.fuel {
				t.Fatalf("%s: fuel %d %q, the machine took %d", f.Name, got.fuel, got.trap, m.fuel)
			}
			for k, v := range got.results {
				if want := m.stack[len(m.stack)-len(f.Results)+k]; int32(v) != want {
					t.Fatalf("%s: result %d is %d, wanted %d", f.Name, k, int32(v), want)
				}
			}
		}
	})
	if ended < 50 {
		t.Errorf("only %d functions ended: the test tests nothing", ended)
	}
}

// TestLEB128 reads what the encoders write, and what encoding/binary writes.
func TestLEB128(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, u, n := rapid.Int64().Draw(t, "signed"), rapid.Uint32().Draw(t, "unsigned"), rapid.Int32().Draw(t, "int32")
		read := func(b []byte) *reader { return &reader{b: b, end: len(b)} }
		if r := read(appendS64(nil, s)); r.signed(64) != s || r.err != nil || r.more() {
			t.Fatalf("%d: %v", s, r.err)
		}
		if r := read(appendS64(nil, int64(n))); r.signed(32) != int64(n) || r.err != nil || r.more() {
			t.Fatalf("%d: %v", n, r.err)
		}
		if r := read(binary.AppendUvarint(nil, uint64(u))); r.u32() != u || r.err != nil || r.more() {
			t.Fatalf("%d: %v", u, r.err)
		}
		if wide := appendS64(nil, s); int64(int32(s)) != s {
			if r := read(wide); r.signed(32) != 0 || r.err == nil {
				t.Fatalf("%d passed for 32 bits", s)
			}
		}
	})
}
