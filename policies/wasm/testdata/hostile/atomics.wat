;; flags: --enable-threads
;; an atomic addition
(module
  (memory (export "memory") 1)
  (func (export "sched1_desc") (result i32) (i32.const 0))
  (func (export "sched1_layout") (result i32) (i32.const 0))
  (func (export "sched1_score") (param i32 i32 i32) (result i32) (i32.const 0))
  (func (export "add") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
)
