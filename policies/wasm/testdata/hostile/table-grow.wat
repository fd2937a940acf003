;; a table that grows
(module
  (memory (export "memory") 1)
  (func (export "sched1_desc") (result i32) (i32.const 0))
  (func (export "sched1_layout") (result i32) (i32.const 0))
  (func (export "sched1_score") (param i32 i32 i32) (result i32) (i32.const 0))
  (table 1 funcref)
  (func (export "grow") (result i32) (table.grow 0 (ref.null func) (i32.const 1000000)))
)
