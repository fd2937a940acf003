;; a data segment dropped
(module
  (memory (export "memory") 1)
  (func (export "sched1_desc") (result i32) (i32.const 0))
  (func (export "sched1_layout") (result i32) (i32.const 0))
  (func (export "sched1_score") (param i32 i32 i32) (result i32) (i32.const 0))
  (data $d "x")
  (func (export "drop") (data.drop $d))
)
