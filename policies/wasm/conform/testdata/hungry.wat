;; breaks: fuel
(func $setup
  (call $policy (i32.const 4096) (i32.const 6) (i32.const 0)))
(data (i32.const 4096) "forget")
(global $calls (mut i32) (i32.const 0))
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
  (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
  (if (i32.and (global.get $calls) (i32.const 63)) (then (return (i32.const 0))))
  (local.set $n (i32.const 200000)) ;; once in a while
  (loop $waste (br_if $waste (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (i32.const 0))
