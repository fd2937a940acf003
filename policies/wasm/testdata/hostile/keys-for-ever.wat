;; keys that expire at once
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 2)))
(data (i32.const 4096) "hostile")

(func (export "sched1_keys") (param $n i32) (result i32)
  (loop $all
    (if (local.get $n)
      (then
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (i64.store (i32.add (i32.load (global.get $desc.out_ptr)) (i32.shl (local.get $n) (i32.const 3))) (i64.const 0))
        (i64.store (i32.add (i32.load (global.get $desc.out2_ptr)) (i32.shl (local.get $n) (i32.const 3))) (i64.const 1))
        (br $all))))
  (i32.const 0))
