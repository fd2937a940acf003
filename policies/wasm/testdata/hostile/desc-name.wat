;; an import that needs jobs, called from sched1_desc
(import "sched1" "name" (func $feasible (param i32 i32 i32 i32) (result i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func (export "sched1_desc") (result i32)
  (drop (call $feasible (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (call $sdk_desc))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (i32.const 0))
