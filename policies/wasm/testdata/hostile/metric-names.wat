;; names without end
(import "sched1" "metric" (func $metric (param i32 i32 i64)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(global $name (mut i32) (i32.const 0))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (loop $for_ever (i32.store16 (i32.const 4096) (i32.add (i32.const 0x4141) (i32.add (i32.and (global.get $name) (i32.const 15)) (i32.shl (i32.shr_u (global.get $name) (i32.const 4)) (i32.const 8)))))
    (global.set $name (i32.add (global.get $name) (i32.const 1)))
    (call $metric (i32.const 4096) (i32.const 7) (i64.const 1)) (br_if $for_ever (i32.and (global.get $name) (i32.const 7))))
  (i32.const 0))
