;; imports that work at any time, called from sched1_desc
(import "sched1" "log" (func $log (param i32 i32)))
(import "sched1" "param_i64" (func $param (param i32 i32 i64) (result i64)))
(import "sched1" "fuel" (func $fuel (result i64)))
(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func $scores (param $n i32) ;; the lowest node first
  (local $i i32)
  (block $done
    (loop $nodes
      (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
      (i32.store (i32.add (i32.load (global.get $desc.out_ptr)) (i32.shl (local.get $i) (i32.const 2))) (i32.sub (i32.const 0) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $nodes))))
(func (export "sched1_desc") (result i32)
  (call $log (i32.const 4096) (i32.const 7))
  (drop (call $param (i32.const 4096) (i32.const 7) (i64.const 1)))
  (drop (call $fuel))
  (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 8192)))
  (drop (call $random (i32.const 8192) (i32.const 16)))
  (call $sdk_desc))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call $scores (local.get $n))
  (i32.const 0))
