;; an error text with escapes and line ends
(import "sched1" "fail" (func $fail (param i32 i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(data (i32.const 5000) "bad\1b[2J\nroot:\09\ff.\00")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call $fail (i32.const 5000) (i32.const 17))
  (i32.const 0))
