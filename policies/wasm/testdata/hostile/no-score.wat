;; no node will do
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (memory.fill (i32.load (global.get $desc.out_ptr)) (i32.const 0) (i32.shl (local.get $n) (i32.const 2)))
  (loop $nodes
    (if (local.get $n)
      (then
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (i32.store (i32.add (i32.load (global.get $desc.out_ptr)) (i32.shl (local.get $n) (i32.const 2))) (global.get $NO_SCORE))
        (br $nodes))))
  (i32.const 0))
