;; a memory of 4 GiB from the start
(module
  (memory (export "memory") 65536)
  (func (export "sched1_desc") (result i32) (i32.const 0))
  (func (export "sched1_layout") (result i32) (i32.const 0))
  (func (export "sched1_score") (param i32 i32 i32) (result i32) (i32.const 0))
)
