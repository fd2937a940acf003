package rewrite

import (
	"strings"
	"testing"
)

// TestCharges holds the fuel schedule: the fuel of a call, summed by hand.
func TestCharges(t *testing.T) {
	nops := func(n int) string { return strings.Repeat("(drop (i32.const 0)) ", n) } // 2 each
	for name, c := range map[string]struct {
		body string // of a function with the parameter p
		arg  uint64
		want int64
	}{
		"empty":                        {"", 0, 1},
		"locals":                       {"(local i32 i64 f32 f64 v128)", 0, 1 + 5},
		"blocks and nops are free":     {"(block (nop) (block))", 0, 1},
		"constant and drop":            {"(drop (i32.const 1))", 0, 1 + 2},
		"load":                         {"(drop (i32.load (local.get $p)))", 0, 1 + 1 + 2 + 1},
		"store":                        {"(i64.store (i32.const 0) (i64.const 0))", 0, 1 + 2 + 2},
		"vector load":                  {"(drop (v128.load (i32.const 0)))", 0, 1 + 1 + 2 + 1},
		"lane store":                   {"(v128.store16_lane 1 (i32.const 0) (v128.const i64x2 0 0))", 0, 1 + 2 + 2},
		"div":                          {"(drop (i32.div_u (i32.const 1) (i32.const 1)))", 0, 1 + 2 + 10 + 1},
		"rem":                          {"(drop (i64.rem_s (i64.const 1) (i64.const 1)))", 0, 1 + 2 + 10 + 1},
		"float div":                    {"(drop (f64.div (f64.const 1) (f64.const 1)))", 0, 1 + 2 + 10 + 1},
		"sqrt":                         {"(drop (f32.sqrt (f32.const 1)))", 0, 1 + 1 + 10 + 1},
		"vector div":                   {"(drop (f32x4.div (v128.const i64x2 0 0) (v128.const i64x2 0 0)))", 0, 1 + 2 + 10 + 1},
		"vector mul":                   {"(drop (f32x4.mul (v128.const i64x2 0 0) (v128.const i64x2 0 0)))", 0, 1 + 2 + 1 + 1},
		"call":                         {"(call $empty)", 0, 1 + 1 + 1},
		"call through the table":       {"(call_indirect (type $t) (i32.const 0))", 0, 1 + 1 + 10 + 1},
		"ref.func":                     {"(drop (ref.func $empty))", 0, 1 + 200 + 1},
		"table.get":                    {"(drop (table.get 0 (i32.const 0)))", 0, 1 + 1 + 2 + 1},
		"fill of 100":                  {"(memory.fill (i32.const 0) (i32.const 0) (i32.const 100))", 0, 1 + 3 + 20 + 50},
		"copy of 101":                  {"(memory.copy (i32.const 0) (i32.const 0) (i32.const 101))", 0, 1 + 3 + 20 + 50},
		"init of 4":                    {"(memory.init $d (i32.const 0) (i32.const 0) (i32.const 4))", 0, 1 + 3 + 20 + 2},
		"growth by 3":                  {"(drop (memory.grow (i32.const 3)))", 0, 1 + 1 + 200 + 1 + 3*16_384},
		"growth to the limit":          {"(drop (memory.grow (i32.const 1023)))", 0, 1 + 1 + 200 + 1 + 1023*16_384},
		"growth past the limit":        {"(drop (memory.grow (i32.const 1024)))", 0, 1 + 1 + 200 + 1},
		"growth of -1":                 {"(drop (memory.grow (i32.const -1)))", 0, 1 + 1 + 200 + 1},
		"the longer arm is paid":       {"(if (local.get $p) (then " + nops(3) + ") (else " + nops(5) + "))", 1, 1 + 2 + 10},
		"the longer arm is run":        {"(if (local.get $p) (then " + nops(3) + ") (else " + nops(5) + "))", 0, 1 + 2 + 10},
		"an if without else":           {"(if (local.get $p) (then " + nops(3) + "))", 0, 1 + 2 + 6},
		"a branch to the longer path":  {"(block (br_if 0 (local.get $p)) (return)) " + nops(9), 1, 1 + 2 + 18},
		"a branch from the longer one": {"(block (br_if 0 (local.get $p)) " + nops(9) + ")", 1, 1 + 2 + 18},
		"a table pays for its longest": {"(block $a (block $b (br_table $a $b (local.get $p))) " + nops(4) + ") " + nops(2), 0, 1 + 2 + 12},
		"a branch skips":               {"(block (br 0) " + nops(9) + ")", 0, 1 + 1},
		"unreachable ends":             {"(if (local.get $p) (then " + nops(9) + " (unreachable)))", 0, 1 + 2 + 19},
		"a loop of ten": {"(loop (br_if 0 (local.tee $p (i32.sub (local.get $p) (i32.const 1)))))", 10,
			1 + 10*(1+5)},
		"what is behind a loop": {"(loop (br_if 0 (local.tee $p (i32.sub (local.get $p) (i32.const 1))))) " + nops(7), 10,
			1 + 10*(1+5) + 14},
		"little behind a loop": {"(loop (br_if 0 (local.tee $p (i32.sub (local.get $p) (i32.const 1))))) " + nops(4), 10,
			1 + 10*(1+5+8)}, // each iteration may be the last, and pays for it
		"a branch out of a loop": {"(block (loop (br_if 1 (i32.eqz (local.tee $p (i32.sub (local.get $p) (i32.const 1))))) (br 0))) " + nops(7), 10,
			1 + 10*(1+6+1) + 14},
		"a branch out of two loops": {"(block (loop (loop (br_if 2 (i32.eqz (local.tee $p (i32.sub (local.get $p) (i32.const 1))))) (br 0)) )) " + nops(7), 10,
			1 + 1 + 10*(1+6+1) + 14},
		"a loop that returns": {"(loop (br_if 0 (local.tee $p (i32.sub (local.get $p) (i32.const 1)))) (return)) " + nops(4), 10,
			1 + 10*(1+5+1)},
		"a branch within a loop": {"(loop (block (br_if 0 (local.get $p))) " + nops(7) + ")", 10, 1 + 1 + 2 + 14},
		"what is before a loop": {nops(7) + "(loop (br_if 0 (local.tee $p (i32.sub (local.get $p) (i32.const 1)))))", 10,
			1 + 14 + 10*(1+5)},
		"a branch to a loop":      {"(loop (if (local.tee $p (i32.sub (local.get $p) (i32.const 1))) (then (br 1)))) ", 3, 1 + 3*(1+6)},
		"straight code in pieces": {nops(200), 0, 1 + 400},
		"a piece is lost on leaving": {"(block (br_if 0 (local.get $p)) " + nops(200) + ")", 1,
			1 + 2 + 400%129}, // pieces of 129 or 130 from the end: the first is what is over
	} {
		t.Run(name, func(t *testing.T) {
			r := rewritten(t, wat(t, `(module (memory 1) (table 1 funcref) (elem (i32.const 0) $empty) (data $d "1234") (type $t (func)) (func $empty)
				(func (export "f") (param $p i32) `+c.body+`))`), Default())
			out := mustLoad(t, r.Module, compiler).call("f", 1<<40, c.arg)
			if out.trap != "" || out.fuel != c.want {
				t.Errorf("took %d %q, wanted %d", out.fuel, out.trap, c.want)
			}
		})
	}
}

// TestFuelRunsOutExactly gives one unit less than a call needs, and just as much.
func TestFuelRunsOutExactly(t *testing.T) {
	r := rewritten(t, wat(t, `(module (func (export "f") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`), Default())
	g := mustLoad(t, r.Module, compiler)
	if out := g.call("f", 61, 10); out.trap != "" || out.fuel != 61 {
		t.Errorf("with all it needs: %+v", out)
	}
	if out := g.call("f", 60, 10); !strings.Contains(out.trap, "unreachable") || out.fuel != 61 {
		t.Errorf("with one less: %+v", out)
	}
}

// TestFrames holds the size of a frame.
func TestFrames(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want int64
	}{
		"empty":             {"", 4},
		"parameter, locals": {"(param i32) (local i64 f32)", 4 + 3},
		"a vector local":    {"(local i64 v128)", 4 + 3},
		"operand stack":     {"(drop (i32.add (i32.const 1) (i32.add (i32.const 2) (i32.const 3))))", 4 + 3},
		"with vectors":      {"(drop (v128.and (v128.const i64x2 0 0) (v128.const i64x2 0 0)))", 4 + 2*2},
		"long":              {strings.Repeat("(nop)", 319), 4 + 10},
	} {
		t.Run(name, func(t *testing.T) {
			r := rewritten(t, wat(t, "(module (func $f "+c.text+"))"), Default())
			if r.Stats.Frame != c.want {
				t.Errorf("%d slots, wanted %d", r.Stats.Frame, c.want)
			}
		})
	}
}

// TestWhichFramesCount finds the functions that can be on the stack twice, and all of them where even a chain could be too deep.
func TestWhichFramesCount(t *testing.T) {
	chain := "(func $a (call $b)) (func $b (call $c)) (func $c)"
	for name, c := range map[string]struct {
		text  string
		depth int64
		want  int
	}{
		"chain":                {chain, 100, 0},
		"chain past the limit": {chain, 11, 3},
		"chain at the limit":   {chain, 12, 0},
		"itself":               {"(func $a (call $a)) (func $b (call $a))", 100, 1},
		"two on a cycle":       {"(func $a (call $b)) (func $b (call $a)) (func $c (call $a))", 100, 2},
		"two cycles":           {"(func $a (call $b)) (func $b (call $a) (call $c)) (func $c (call $d)) (func $d (call $c) (call $e)) (func $e)", 100, 4},
		"through the table": {`(table 1 funcref) (elem (i32.const 0) $b) (type $t (func (param i32)))
			(func $a (call_indirect (type $t) (i32.const 1) (i32.const 0))) (func $b (param i32) (call $a))`, 100, 2},
		"of another type": {`(table 1 funcref) (elem (i32.const 0) $b) (type $t (func (param i64)))
			(func $a (call_indirect (type $t) (i64.const 1) (i32.const 0))) (func $b (param i32) (call $a))`, 100, 0},
		"not in the table": {`(table 1 funcref) (type $t (func)) (func $a (call_indirect (type $t) (i32.const 0)))`, 100, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := Default()
			o.MaxDepth = c.depth
			if r := rewritten(t, wat(t, "(module "+c.text+")"), o); r.Stats.Counted != c.want {
				t.Errorf("%d functions count their frames, wanted %d", r.Stats.Counted, c.want)
			}
		})
	}
}

// TestOptions refuses what no limit can be.
func TestOptions(t *testing.T) {
	for name, set := range map[string]func(o *Options){
		"MaxNesting": func(o *Options) { o.MaxNesting = 0 }, "MaxBody": func(o *Options) { o.MaxBody = 1<<28 + 1 },
		"MaxMemoryPages": func(o *Options) { o.MaxMemoryPages = 1<<16 + 1 }, "InitialFuel": func(o *Options) { o.InitialFuel = -1 },
		"MaxDepth": func(o *Options) { o.MaxDepth = 0 },
	} {
		o := Default()
		set(&o)
		if _, err := Rewrite(raw(), o); err == nil || !strings.Contains(err.Error(), "option "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Rewrite(raw(), Options{}); err == nil {
		t.Error("the zero value passed")
	}
	if _, err := Rewrite(raw(), Default()); err != nil {
		t.Errorf("an empty module: %v", err)
	}
}
