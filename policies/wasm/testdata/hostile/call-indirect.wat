;; a call through the table of a function of another type
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(table 1 funcref)
(elem (i32.const 0) $setup)

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call_indirect (result i32) (i32.const 0)))
