;; random bytes for 4 GiB
(import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (drop (call $random_get (i32.const 0) (i32.const -1)))
  (i32.const 0))
