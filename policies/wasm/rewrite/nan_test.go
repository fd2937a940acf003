package rewrite

import (
	"fmt"
	"strings"
	"testing"
)

// TestNaN makes a NaN in every way and wants the canonical one wherever its bits can be seen, on both engines.
func TestNaN(t *testing.T) {
	const f32, f64 = 0x7fc00000, 0x7ff8000000000000
	const zero32, zero64 = "(f32.div (f32.const 0) (local.get 0))", "(f64.div (f64.const 0) (local.get 0))"
	for name, c := range map[string]struct {
		typ, expr string // of the argument, which is 0; and what makes an i32 or i64
		want      uint64
	}{
		"div":                   {"f32", "(i32.reinterpret_f32 " + zero32 + ")", f32},
		"div 64":                {"f64", "(i64.reinterpret_f64 " + zero64 + ")", f64},
		"sqrt":                  {"f64", "(i64.reinterpret_f64 (f64.sqrt (f64.sub (local.get 0) (f64.const 1))))", f64},
		"chain":                 {"f64", "(i64.reinterpret_f64 (f64.add (f64.mul " + zero64 + " (f64.const 2)) (f64.const 1)))", f64},
		"infinite difference":   {"f32", "(i32.reinterpret_f32 (f32.sub (f32.const inf) (f32.const inf)))", f32},
		"min of a payload":      {"f32", "(i32.reinterpret_f32 (f32.min (f32.const nan:0x200123) (local.get 0)))", f32},
		"ceil of a payload":     {"f32", "(i32.reinterpret_f32 (f32.ceil (f32.const -nan:0x200123)))", f32},
		"demoted":               {"f64", "(i32.reinterpret_f32 (f32.demote_f64 (f64.const -nan:0x4000000000001)))", f32},
		"promoted":              {"f32", "(i64.reinterpret_f64 (f64.promote_f32 " + zero32 + "))", f64},
		"negated":               {"f32", "(i32.reinterpret_f32 (f32.neg " + zero32 + "))", 0xffc00000},
		"absolute":              {"f64", "(i64.reinterpret_f64 (f64.abs (f64.neg " + zero64 + ")))", f64},
		"copysign of a NaN":     {"f32", "(i32.reinterpret_f32 (f32.copysign (f32.const 1) " + zero32 + "))", 0x3f800000},
		"constant as it is":     {"f32", "(i32.reinterpret_f32 (f32.const -nan:0x123))", 0xff800123},
		"through a local":       {"f32", "(local.set 0 " + zero32 + ") (i32.reinterpret_f32 (local.get 0))", f32},
		"through a tee":         {"f32", "(i32.reinterpret_f32 (local.tee 0 " + zero32 + "))", f32},
		"through a dropped tee": {"f32", "(drop (local.tee 0 " + zero32 + ")) (i32.reinterpret_f32 (local.get 0))", f32},
		"returned":              {"f32", "(i32.reinterpret_f32 (call $return (local.get 0)))", f32},
		"the result":            {"f32", "(i32.reinterpret_f32 (call $result (local.get 0)))", f32},
		"pmax 64 of an operand": {"f64", "(i64x2.extract_lane 0 (f64x2.pmax (v128.const i64x2 0xfff8000000000123 0) (f64x2.splat (f64.const 1))))", 0xfff8000000000123},
		"through a global":      {"f64", "(global.set $g " + zero64 + ") (i64.reinterpret_f64 (global.get $g))", f64},
		"through memory":        {"f64", "(f64.store (i32.const 8) " + zero64 + ") (i64.load (i32.const 8))", f64},
		"through select":        {"f32", "(i32.reinterpret_f32 (select " + zero32 + " (f32.const 1) (i32.const 1)))", f32},
		"through a block":       {"f32", "(i32.reinterpret_f32 (block (result f32) " + zero32 + "))", f32},
		"through a branch":      {"f32", "(i32.reinterpret_f32 (block (result f32) (br 0 " + zero32 + ")))", f32},
		"through a branch on":   {"f32", "(i32.reinterpret_f32 (block (result f32) (br_if 0 " + zero32 + " (i32.const 0))))", f32},
		"under a block":         {"f32", "(i32.reinterpret_f32 (f32.copysign (f32.const 2) (f32.neg (f32.copysign " + zero32 + " (block (result f32) (f32.const -1))))))", 0x40000000},
		"through a call":        {"f32", "(i32.reinterpret_f32 (call $id " + zero32 + "))", f32},
		"through a loop":        {"f32", "(i32.reinterpret_f32 " + zero32 + " (loop (param f32) (result f32)))", f32},
		"compared":              {"f32", "(f32.ne " + zero32 + " " + zero32 + ")", 1},
		"truncated":             {"f32", "(i32.trunc_sat_f32_s " + zero32 + ")", 0},
		"lanes 32":              {"f32", "(i32x4.extract_lane 2 (f32x4.div (f32x4.splat (local.get 0)) (f32x4.splat (local.get 0))))", f32},
		"lanes 64":              {"f64", "(i64x2.extract_lane 1 (f64x2.mul (f64x2.splat (local.get 0)) (f64x2.splat (f64.const inf))))", f64},
		"lanes sqrt":            {"f32", "(i32x4.extract_lane 0 (f32x4.sqrt (f32x4.splat (f32.const -1))))", f32},
		"lanes demoted":         {"f32", "(i32x4.extract_lane 1 (f32x4.demote_f64x2_zero (v128.const i64x2 1 0xfff8000000000001)))", f32},
		"lanes promoted":        {"f32", "(i64x2.extract_lane 1 (f64x2.promote_low_f32x4 (v128.const i32x4 0 0xffc00001 0 0)))", f64},
		"one lane of four":      {"f32", "(i32x4.extract_lane 3 (f32x4.add (v128.const i32x4 0x7fa00001 0 0 0x40000000) (v128.const i32x4 0 0 0 0x3f800000)))", 0x40400000},
		"pmin of an operand":    {"f32", "(i32x4.extract_lane 0 (f32x4.pmin (v128.const i32x4 0xffc00123 0 0 0) (f32x4.splat (f32.const 1))))", 0xffc00123},
		"pmin of arithmetic":    {"f32", "(i32x4.extract_lane 0 (f32x4.pmin (f32x4.div (f32x4.splat (local.get 0)) (f32x4.splat (local.get 0))) (f32x4.splat (f32.const 1))))", f32},
		"lane out of a vector":  {"f32", "(i32.reinterpret_f32 (f32x4.extract_lane 1 (f32x4.sub (f32x4.splat (f32.const inf)) (f32x4.splat (f32.const inf)))))", f32},
	} {
		t.Run(name, func(t *testing.T) {
			result := "i32"
			for _, op := range []string{"(i64.reinterpret", "(i64.load", "(i64x2.extract"} {
				if strings.Contains(c.expr, op) {
					result = "i64"
				}
			}
			b := wat(t, fmt.Sprintf(`(module (memory 1) (global $g (mut f64) (f64.const 0)) (func $id (param f32) (result f32) (local.get 0))
				(func $return (param f32) (result f32) (return `+zero32+`)) (func $result (param f32) (result f32) `+zero32+`)
				(func (export "f") (param %s) (result %s) %s))`, c.typ, result, c.expr))
			r := rewritten(t, b, Default())
			for _, e := range []engine{compiler, interpreter} {
				out := mustLoad(t, r.Module, e).call("f", 1000, 0)
				if out.trap != "" || out.results[0] != c.want {
					t.Errorf("got %x %q, wanted %x", out.results, out.trap, c.want)
				}
			}
		})
	}
}
