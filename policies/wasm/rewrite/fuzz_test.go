package rewrite

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// small are limits under which anything compiles and runs in no time.
func small() Options {
	o := Default()
	o.MaxModule, o.MaxBody, o.MaxFunctions, o.MaxLocals, o.MaxTable, o.MaxNesting = 1<<16, 1<<13, 200, 200, 2000, 100
	o.MaxBranches, o.MaxLoops, o.MaxMerges, o.MaxMemoryPages, o.InitialFuel, o.MaxDepth = 500, 50, 4000, 8, 20_000, 4_000
	return o
}

func smallInterpreter() wazero.RuntimeConfig {
	return wazero.NewRuntimeConfigInterpreter().WithMemoryLimitPages(8)
}
func smallCompiler() wazero.RuntimeConfig {
	return wazero.NewRuntimeConfigCompiler().WithMemoryLimitPages(8)
}

// compare holds what a rewritten module must be to its original: refused with an Error or, where the original is valid, valid too, with
// the same results, traps and memory, on both engines, for the same fuel.
func compare(t *testing.T, b []byte) {
	o := small()
	r, err := Rewrite(b, o)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Got == "" || e.Want == "" {
			t.Fatalf("refused with %#v", err)
		}
		return
	}
	if again, err := Rewrite(b, o); err != nil || !bytes.Equal(again.Module, r.Module) {
		t.Fatalf("a second time: %v", err)
	}
	if !valid(b) {
		return
	}
	if !valid(r.Module) {
		t.Fatal("the original is valid, the rewritten module is not")
	}
	o.keepNaN = true
	same(t, b, rewritten(t, b, o))
	engines(t, r)
}

func valid(b []byte) bool {
	run := wazero.NewRuntimeWithConfig(context.Background(), smallInterpreter())
	defer run.Close(context.Background())
	_, err := run.CompileModule(context.Background(), b)
	return err == nil
}

// same calls the exports of the original and of the rewritten module, as long as the latter has fuel and depth.
func same(t *testing.T, b []byte, r *Result) {
	mine, err := load(r.Module, smallInterpreter)
	failed := err != nil
	if !failed {
		defer mine.close()
		if r.Start {
			out := mine.call(StartExport, 20_000)
			if out.exhausted() {
				return
			}
			failed = out.trap != ""
		}
	}
	orig, err := load(b, smallInterpreter)
	if failed != (err != nil) {
		t.Fatalf("instantiated: rewritten %v, original %v", !failed, err)
	}
	if failed {
		return
	}
	defer orig.close()
	for _, f := range r.Exports {
		args := arguments(f.Signature)
		if args == nil {
			continue
		}
		got := mine.call(f.Name, 20_000, args...)
		if got.exhausted() {
			return
		}
		want := orig.call(f.Name, 0, args...)
		got.mask(f.Results)
		want.mask(f.Results)
		if got.trap != want.trap || !slices.Equal(got.results, want.results) {
			t.Fatalf("%s%v: rewritten %x %q, original %x %q", f.Name, args, got.results, got.trap, want.results, want.trap)
		}
		if mine.state(&Result{Memory: r.Memory}) != orig.state(&Result{Memory: r.Memory}) {
			t.Fatalf("%s%v: memory differs", f.Name, args)
		}
		if got.trap == "" && got.depth != 0 {
			t.Fatalf("%s%v: depth is %d after the call", f.Name, args, got.depth)
		}
	}
}

// engines calls the exports on the compiler and on the interpreter.
func engines(t *testing.T, r *Result) {
	a, errA := load(r.Module, smallInterpreter)
	b, errB := load(r.Module, smallCompiler)
	if (errA == nil) != (errB == nil) {
		t.Fatalf("interpreter: %v; compiler: %v", errA, errB)
	}
	if errA != nil {
		return
	}
	defer a.close()
	defer b.close()
	for _, f := range r.Exports {
		args := arguments(f.Signature)
		if args == nil {
			continue
		}
		x, y := a.call(f.Name, 20_000, args...), b.call(f.Name, 20_000, args...)
		x.mask(f.Results)
		y.mask(f.Results)
		if x.trap != y.trap || !slices.Equal(x.results, y.results) || x.fuel != y.fuel || x.depth != y.depth {
			t.Fatalf("%s%v: interpreter %+v, compiler %+v", f.Name, args, x, y)
		}
		if a.state(r) != b.state(r) {
			t.Fatalf("%s%v: memory or globals differ", f.Name, args)
		}
		if x.trap != "" {
			return
		}
	}
}

func (o outcome) exhausted() bool { return o.fuel > 20_000 || o.depth > small().MaxDepth }

// arguments makes some up; nil where a type has none that can be passed.
func arguments(s Signature) []uint64 {
	out := []uint64{}
	for _, list := range [][]ValueType{s.Params, s.Results} {
		for _, t := range list {
			if t == FuncRef || t == ExternRef {
				return nil
			}
		}
	}
	for i, t := range s.Params {
		switch t {
		case V128:
			out = append(out, 0x7fc000003f800000, uint64(i))
		case F32:
			out = append(out, api.EncodeF32(float32(i)+1.5))
		case F64:
			out = append(out, api.EncodeF64(float64(i)-1.5))
		default:
			out = append(out, uint64(i)+3)
		}
	}
	return out
}

// FuzzRewrite feeds arbitrary bytes.
func FuzzRewrite(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(program(seed, 400, false))
	}
	for _, text := range fixtures {
		f.Add(wat(f, text))
	}
	f.Fuzz(compare)
}

// FuzzPrograms makes valid modules of what it gets.
func FuzzPrograms(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(noise(seed, 500))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		g := generator{choices: choices}
		b := g.module()
		if !valid(b) {
			t.Fatalf("the generator made an invalid module: %x", b)
		}
		compare(t, b)
	})
}

func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

func program(seed uint64, n int, intOnly bool) []byte {
	g := generator{choices: noise(seed, n), intOnly: intOnly}
	return g.module()
}

// fixtures are the seeds for what the generator does not make.
var fixtures = []string{
	`(module)`,
	`(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 7))) (start $s)
		(func (export "f") (result i32) (global.get $g)))`,
	`(module (import "env" "zero" (func $zero (param i32) (result i64))) (func (export "f") (result i64) (call $zero (i32.const 1))))`,
	`(module (table 3 funcref) (elem (i32.const 0) $a $b) (type $t (func (param i32) (result i32)))
		(func $a (export "a") (param i32) (result i32) (call_indirect (type $t) (local.get 0) (i32.const 1)))
		(func $b (param i32) (result i32) (if (result i32) (local.get 0) (then (call $a (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 5))))
		(func (export "null") (result i32) (ref.is_null (table.get 0 (i32.const 2)))) (func (export "size") (result i32) (table.size 0)))`,
	`(module (memory 1) (func $r (export "r") (param i32) (result i32 i64) (if (local.get 0) (then (return (i32.const 1) (i64.const 2))))
		(call $r (i32.const 1))))`,
	`(module (memory 1 2) (data (i32.const 3) "abc") (data $p "xyz") (func (export "f") (result i32) (local $i i32)
		(memory.init $p (i32.const 0) (i32.const 0) (i32.const 3)) (memory.copy (i32.const 100) (i32.const 0) (i32.const 90))
		(loop $l (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 10))))
		(i32.add (memory.grow (i32.const 1)) (memory.grow (i32.const 1)))))`,
}
