;; traces without end
(import "env" "trace" (func $trace (param i32 i32 f64 f64 f64 f64 f64)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (loop $for_ever
    (call $trace (i32.const -1) (i32.const -1) (f64.const nan) (f64.const inf) (f64.const -inf) (f64.const 1e-300) (f64.const 0))
    (br $for_ever))
  (i32.const 0))
