;; a function of the host exported as a hook
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (export "sched1_desc" (func $yield))
  (memory (export "memory") 1)
  (func (export "sched1_layout") (result i32) (i32.const 0))
  (func (export "sched1_score") (param i32 i32 i32) (result i32) (i32.const 0))
)
