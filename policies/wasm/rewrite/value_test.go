package rewrite

import "math"

// rule is an instruction that makes a value of a type from others.
type rule struct {
	op   []byte
	from []ValueType
}

var rules = valueRules()

func valueRules() map[ValueType][]rule {
	out := map[ValueType][]rule{}
	add := func(to ValueType, from []ValueType, lo, hi int) {
		for op := lo; op <= hi; op++ {
			out[to] = append(out[to], rule{[]byte{byte(op)}, from})
		}
	}
	one := func(t ValueType) []ValueType { return []ValueType{t} }
	two := func(t ValueType) []ValueType { return []ValueType{t, t} }
	add(I32, one(I32), 0x45, 0x45)
	add(I32, two(I32), 0x46, 0x4f)
	add(I32, one(I64), 0x50, 0x50)
	add(I32, two(I64), 0x51, 0x5a)
	add(I32, two(F32), 0x5b, 0x60)
	add(I32, two(F64), 0x61, 0x66)
	add(I32, one(I32), 0x67, 0x69)
	add(I32, two(I32), 0x6a, 0x78)
	add(I64, one(I64), 0x79, 0x7b)
	add(I64, two(I64), 0x7c, 0x8a)
	for i, f := range []ValueType{F32, F64} {
		add(f, one(f), 0x8b+14*i, 0x91+14*i)
		add(f, two(f), 0x92+14*i, 0x98+14*i)
	}
	for i, c := range []struct{ to, from ValueType }{{I32, I64}, {I32, F32}, {I32, F32}, {I32, F64}, {I32, F64}, {I64, I32}, {I64, I32},
		{I64, F32}, {I64, F32}, {I64, F64}, {I64, F64}, {F32, I32}, {F32, I32}, {F32, I64}, {F32, I64}, {F32, F64}, {F64, I32}, {F64, I32},
		{F64, I64}, {F64, I64}, {F64, F32}, {I32, F32}, {I64, F64}, {F32, I32}, {F64, I64}, {I32, I32}, {I32, I32}, {I64, I64}, {I64, I64}, {I64, I64}} {
		add(c.to, one(c.from), 0xa7+i, 0xa7+i)
	}
	for i, c := range []struct{ to, from ValueType }{{I32, F32}, {I32, F32}, {I32, F64}, {I32, F64}, {I64, F32}, {I64, F32}, {I64, F64}, {I64, F64}} {
		out[c.to] = append(out[c.to], rule{[]byte{0xfc, byte(i)}, one(c.from)})
	}
	out[I32] = append(out[I32], rule{[]byte{0x28, 0, 4}, one(I32)}, rule{[]byte{opMemorySize, 0}, nil}, rule{[]byte{opMemoryGrow, 0}, one(I32)})
	out[F64] = append(out[F64], rule{[]byte{0x2b, 0, 4}, one(I32)})
	vectorRules(out)
	return out
}

func vectorRules(out map[ValueType][]rule) {
	reduce := map[int]bool{0x53: true, 0x63: true, 0x64: true, 0x83: true, 0x84: true, 0xa3: true, 0xa4: true, 0xc3: true, 0xc4: true}
	for op, s := range vector {
		if s.imm != immNone {
			continue
		}
		code := appendU32([]byte{0xfd}, uint32(op))
		from := []ValueType{V128, V128, V128}[:s.pop]
		switch {
		case reduce[op]:
			out[I32] = append(out[I32], rule{code, from})
		case op >= 0x0f && op <= 0x14:
			out[V128] = append(out[V128], rule{code, []ValueType{[]ValueType{I32, I32, I32, I64, F32, F64}[op-0x0f]}})
		case op >= 0x6b && op <= 0x6d || op >= 0x8b && op <= 0x8d || op >= 0xab && op <= 0xad || op >= 0xcb && op <= 0xcd:
			out[V128] = append(out[V128], rule{code, []ValueType{V128, I32}})
		default:
			out[V128] = append(out[V128], rule{code, from})
		}
	}
	out[F32] = append(out[F32], rule{[]byte{0xfd, 0x1f, 1}, []ValueType{V128}})
	out[F64] = append(out[F64], rule{[]byte{0xfd, 0x21, 1}, []ValueType{V128}})
	out[I64] = append(out[I64], rule{[]byte{0xfd, 0x1d, 0}, []ValueType{V128}})
}

// value makes one value of a type.
func (g *generator) value(t ValueType, depth int) {
	g.left--
	kind := g.choose(6)
	if depth <= 0 || g.left < 0 {
		kind = min(kind, 1)
	}
	switch kind {
	case 0:
		g.constant(t)
	case 1:
		for i, l := range g.locals {
			if l == t {
				g.op(opLocalGet, byte(i))
				return
			}
		}
		g.constant(t)
	case 2: // an if with a result
		g.value(I32, depth-1)
		g.op(opIf, byte(t))
		g.labels = append(g.labels, []ValueType{t})
		g.value(t, depth-1)
		g.op(opElse)
		g.value(t, depth-1)
		g.labels = g.labels[:len(g.labels)-1]
		g.op(opEnd)
	case 3:
		g.value(t, depth-1)
		g.value(t, depth-1)
		g.value(I32, depth-1)
		g.op(opSelect)
	default:
		if g.intOnly {
			g.value(I32, depth-1)
			g.value(I32, depth-1)
			g.op([]byte{0x6a, 0x6b, 0x71, 0x46, 0x48}[g.choose(5)])
			return
		}
		r := rules[t][(g.choose(256)*7+g.choose(7))%len(rules[t])]
		g.values(r.from, depth-1)
		g.op(r.op...)
	}
}

func (g *generator) constant(t ValueType) {
	c := g.choose(12)
	switch t {
	case I32:
		g.op(opI32Const)
		g.out = appendS64(g.out, []int64{0, 1, 2, 3, -1, 8, 100, 65530, math.MaxInt32, math.MinInt32, 5, 4}[c])
	case I64:
		g.op(opI64Const)
		g.out = appendS64(g.out, []int64{0, 1, 2, 3, -1, 8, 100, 1 << 40, math.MaxInt64, math.MinInt64, 5, 4}[c])
	case F32:
		v := []uint32{0, 0x3f800000, 0xbf800000, 0x7fc00000, 0xffc00000, 0x7fa00000, 0x7f800000, 0xff800000, 0x80000000, 1, 0x40490fdb, 0x4f000000}[c]
		g.op(opF32Const, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	case F64:
		v := []uint64{0, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff8000000000000, 0xfff8000000000000, 0x7ff4000000000000, 0x7ff0000000000000,
			0xfff0000000000000, 1 << 63, 1, 0x400921fb54442d18, 0x41e0000000000000}[c]
		g.op(opF64Const)
		for i := range 8 {
			g.op(byte(v >> (8 * i)))
		}
	case V128:
		g.op(0xfd, 0x0c)
		for i := range 4 {
			v := []uint32{0, 0x3f800000, 0x7fc00000, 0xffc00000, 0x7ff80000, 0xfff80000, 1, 0xffffffff, 0x7fa00000, 0x7f800000, 7, 0x80000000}[(c+i*g.choose(5))%12]
			g.op(byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
		}
	}
}
