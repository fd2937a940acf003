;; files, sockets and arguments: there are none
(import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func $scores (param $n i32) ;; the lowest node first
  (local $i i32)
  (block $done
    (loop $nodes
      (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
      (i32.store (i32.add (i32.load (global.get $desc.out_ptr)) (i32.shl (local.get $i) (i32.const 2))) (i32.sub (i32.const 0) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $nodes))))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call $scores (local.get $n))
  (if (i32.ne (call $path_open (i32.const 3) (i32.const 0) (i32.const 4096) (i32.const 7) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 8192)) (i32.const 52)) (then unreachable))
  (if (i32.ne (call $fd_prestat_get (i32.const 3) (i32.const 8192)) (i32.const 8)) (then unreachable))
  (if (i32.ne (call $sock_send (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 8192)) (i32.const 52)) (then unreachable))
  (i32.const 0))
