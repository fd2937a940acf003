;; 2^60 calls without a loop
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func $tree (param $height i32)
  (if (local.get $height)
    (then
      (call $tree (i32.sub (local.get $height) (i32.const 1)))
      (call $tree (i32.sub (local.get $height) (i32.const 1))))))

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (call $tree (i32.const 60))
  (i32.const 0))
