;; a name behind the end of memory
(import "sched1" "param_i64" (func $param (param i32 i32 i64) (result i64)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (drop (call $param (i32.const -1) (i32.const 2) (i64.const 1)))
  (i32.const 0))
