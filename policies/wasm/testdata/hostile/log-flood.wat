;; lines without end
(import "sched1" "log" (func $log (param i32 i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (loop $for_ever (call $log (i32.const 4096) (i32.const 7)) (br $for_ever))
  (i32.const 0))
