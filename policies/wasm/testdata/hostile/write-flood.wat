;; line ends without end
(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (memory.fill (i32.const 8192) (i32.const 10) (i32.const 57344))
  (i32.store (i32.const 5000) (i32.const 8192))
  (i32.store (i32.const 5004) (i32.const 57344))
  (loop $for_ever (drop (call $fd_write (i32.const 1) (i32.const 5000) (i32.const 1) (i32.const 5008))) (br $for_ever))
  (i32.const 0))
