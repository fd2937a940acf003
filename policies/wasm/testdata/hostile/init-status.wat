;; an init that refuses its parameters
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func (export "sched1_init") (result i32) (i32.const 5))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (i32.const 0))
