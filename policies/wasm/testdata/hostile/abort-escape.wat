;; an abort with half a letter and an escape
(import "env" "abort" (func $abort (param i32 i32 i32 i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (i32.store (i32.const 5000) (i32.const 7))
  (i64.store (i32.const 5004) (i64.const 0x006dd800001b0041))
  (call $abort (i32.const 5004) (i32.const 0) (i32.const 1) (i32.const 2))
  (i32.const 0))
