;; recursion without end in small frames
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func $deep (param $x i32) (result i32)
  (i32.add (call $deep (local.get $x)) (i32.const 1)))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (drop (call $deep (i32.const 0)))
  (i32.const 0))
