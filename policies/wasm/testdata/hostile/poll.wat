;; sleeps of 584 years, again and again: the clock stays, and never goes back
(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
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
(global $last (mut i64) (i64.const 0))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call $scores (local.get $n))
  (i64.store (i32.const 5024) (i64.const -1)) ;; the deadline
  (i32.store16 (i32.const 5040) (local.get $job)) ;; relative, or absolute
  (drop (call $poll_oneoff (i32.const 5000) (i32.const 5100) (i32.const 1) (i32.const 5200)))
  (i64.store (i32.const 5024) (i64.const 0x8000000000000000))
  (drop (call $poll_oneoff (i32.const 5000) (i32.const 5100) (i32.const 1) (i32.const 5200)))
  (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 5208)))
  (if (i64.lt_s (i64.load (i32.const 5208)) (global.get $last)) (then unreachable))
  (global.set $last (i64.load (i32.const 5208)))
  (i32.const 0))
