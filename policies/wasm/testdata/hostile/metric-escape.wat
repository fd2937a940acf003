;; a name that moves the cursor of a terminal
(import "sched1" "metric" (func $metric (param i32 i32 i64)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(data (i32.const 5000) "\1b[2J")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call $metric (i32.const 5000) (i32.const 4) (i64.const 1))
  (i32.const 0))
