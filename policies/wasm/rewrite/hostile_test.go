package rewrite

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostileModulesTrap runs what never ends, or grows without end, and wants it to trap for the right reason, within its fuel.
func TestHostileModulesTrap(t *testing.T) {
	const fuel = 10_000_000
	manyLocals := strings.Repeat("(local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)", 100)
	useLocals := ""
	for i := range 1000 {
		useLocals += fmt.Sprintf("(local.set %d (call $get))", i+1)
	}
	for i := range 1000 {
		useLocals += fmt.Sprintf("(global.set $g (i64.add (global.get $g) (local.get %d)))", i+1)
	}
	tree := ""
	for i := range 40 {
		tree += fmt.Sprintf("(func $f%d (call $f%d) (call $f%d))", i, i+1, i+1)
	}
	for name, c := range map[string]struct {
		text  string
		depth bool // it runs out of depth, not of fuel
		slack int64
	}{
		"endless loop":              {text: `(module (func (export "f") (loop (br 0))))`},
		"endless loop with a value": {text: `(module (func (export "f") (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.const 1)))))`},
		"loop of a br_table":        {text: `(module (func (export "f") (loop (br_table 0 0 0 (i32.const 7)))))`},
		"nested loops":              {text: `(module (func (export "f") (loop $a (loop $b (loop $c (br_if $c (i32.const 0))) (br_if $b (i32.const 0)) (br $a)))))`},
		"call tree without loops":   {text: "(module " + tree + `(func $f40) (export "f" (func $f0)))`},
		"recursive call tree": {text: `(module (func $f (export "f") (param i32) (if (local.get 0)
			(then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1)))))))`},
		"deep recursion":          {text: `(module (func $f (export "f") (call $f)))`, depth: true},
		"deep mutual recursion":   {text: `(module (func $f (export "f") (call $g)) (func $g (call $f)))`, depth: true},
		"deep indirect recursion": {text: `(module (table 1 funcref) (elem (i32.const 0) $f) (func $f (export "f") (call_indirect (i32.const 0))))`, depth: true},
		"deep recursion with early returns": {text: `(module (func $f (export "f") (param i32) (if (i32.const 0) (then (return)))
			(block (br_if 1 (i32.const 0))) (call $f (i32.const 1)) (return)))`, depth: true},
		"deep recursion with many locals": {text: `(module (global $g (mut i64) (i64.const 0)) (func $get (result i64) (global.get $g))
			(func $f (export "f") (param i32) ` + manyLocals + `(call $f (i32.const 1)) ` + useLocals + `))`, depth: true},
		"deep recursion with a high stack": {text: `(module (func $f (export "f") (result i32)` + strings.Repeat("(call $f)", 300) +
			strings.Repeat("(i32.add)", 299) + `))`, depth: true},
		"fill": {text: `(module (memory 1000) (func (export "f") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000)) (br 0))))`,
			slack: 65536000 / 2},
		"copy": {text: `(module (memory 1000) (func (export "f") (loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 32768000)) (br 0))))`,
			slack: 32768000 / 2},
		"init":              {text: `(module (memory 1) (data $d "0123456789abcdef") (func (export "f") (loop (memory.init $d (i32.const 0) (i32.const 0) (i32.const 16)) (br 0))))`},
		"a length of 4 GiB": {text: `(module (memory 1) (func (export "f") (memory.fill (i32.const 0) (i32.const 0) (i32.const -1))))`, slack: 1 << 31},
		"memory bomb":       {text: `(module (memory 1) (func (export "f") (loop (drop (memory.grow (i32.const 1))) (br 0))))`, slack: 1 << 14},
		"memory bomb at once": {text: `(module (memory 1) (func (export "f") (drop (memory.grow (i32.const 1000))) (loop (br 0))))`,
			slack: 1000 << 14},
		"failing growth": {text: `(module (memory 1) (func (export "f") (loop (drop (memory.grow (i32.const -1))) (br 0))))`},
		"references":     {text: `(module (func $f (export "f") (loop (drop (ref.func $f)) (br 0))))`},
		"divisions":      {text: `(module (func (export "f") (loop (drop (i64.div_u (i64.const -1) (i64.const 3))) (br 0))))`},
	} {
		t.Run(name, func(t *testing.T) {
			b := wat(t, c.text)
			r := rewritten(t, b, Default())
			var first outcome
			for run := range 2 {
				g := mustLoad(t, r.Module, compiler)
				args := make([]uint64, len(r.Exports[0].Params))
				for i := range args {
					args[i] = 60
				}
				out := g.call("f", fuel, args...)
				if !strings.Contains(out.trap, "unreachable") {
					t.Fatalf("trap %q, wanted unreachable (and not wazero's own stack overflow)", out.trap)
				}
				if tooDeep := out.depth > Default().MaxDepth; tooDeep != c.depth || (out.fuel > fuel) == c.depth {
					t.Fatalf("fuel taken %d, depth %d; wanted depth to run out: %v", out.fuel, out.depth, c.depth)
				}
				if out.fuel > fuel+c.slack+2*stretch+1_100 {
					t.Errorf("took %d fuel of %d", out.fuel, fuel)
				}
				if run == 0 {
					first = out
				} else if out.fuel != first.fuel || out.depth != first.depth {
					t.Errorf("the second run took %d and %d, the first %d and %d", out.fuel, out.depth, first.fuel, first.depth)
				}
			}
		})
	}
}

// TestStartLoops has the start function end by the fuel that it is given, not by that of the instantiation, for it no longer
// runs there.
func TestStartLoops(t *testing.T) {
	r := rewritten(t, wat(t, `(module (func $s (loop (br 0))) (start $s) (func (export "f") (result i32) (i32.const 1)))`), Default())
	if !r.Start {
		t.Fatal("Start is false")
	}
	g := mustLoad(t, r.Module, compiler)
	if out := g.call(StartExport, 1000); out.fuel <= 1000 || !strings.Contains(out.trap, "unreachable") {
		t.Errorf("start: fuel %d, trap %q", out.fuel, out.trap)
	}
	if out := g.call("f", 1000); len(out.results) != 1 || out.results[0] != 1 {
		t.Errorf("f gives %v %q", out.results, out.trap)
	}
}

// TestBombsAreRefused holds the shapes on which the compiler takes minutes, and sizes that take memory before anything runs.
func TestBombsAreRefused(t *testing.T) {
	repeat := strings.Repeat
	for name, c := range map[string]struct {
		module []byte
		want   string
	}{
		"giant module":     {make([]byte, 16<<20+1), "16777217 bytes"},
		"table bomb":       {wat(t, `(module (table 134217728 funcref))`), "134217728 table entries"},
		"growing table":    {wat(t, `(module (table 10 4294967295 funcref) (func $f))`), ""},
		"sequential loops": {wat(t, "(module (func $f "+repeat("(loop)", 2_001)+"))"), "2001 loops"},
		"br_table":         {wat(t, "(module (func $f (block (br_table "+repeat("0 ", 8_001)+"(i32.const 0)))))"), "8001 branches"},
		"deep nesting":     {wat(t, "(module (func $f "+repeat("(block ", 1_025)+repeat(")", 1_025)+"))"), "1025 blocks"},
		"body":             {wat(t, "(module (func $f "+repeat("(nop)", 256<<10)+"))"), "262146 bytes"},
		"functions":        {wat(t, "(module "+repeat("(func)", 50_001)+")"), "50001 functions"},
		"locals":           {wat(t, "(module (func $f (local i32)))"), ""},
		"billions of locals": {raw([]byte{secType, 1, 0x60, 0, 0}, []byte{secFunction, 1, 0},
			[]byte{secCode, 1, 8, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b}), "4294967295 parameters and locals"},
		"locals and loops": {wat(t, "(module (func $f (local "+repeat("i32 ", 1_000)+")"+repeat("(loop ", 300)+repeat(")", 300)+"))"), "300000 merges"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Rewrite(c.module, Default())
			if c.want == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if e, ok := err.(*Error); !ok || e.Rule != Limit || !strings.Contains(e.Got, c.want) {
				t.Errorf("got %v, wanted a limit of %s", err, c.want)
			}
		})
	}
}
