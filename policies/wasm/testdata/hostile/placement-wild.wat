;; room behind the end of memory
(import "sched1" "placement" (func $placement (param i32 i32 i32) (result i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (drop (call $placement (local.get $job) (i32.const -4) (i32.const 2)))
  (i32.const 0))
