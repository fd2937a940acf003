;; MORE before the last decision
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")
(func $at (param $i i32) (result i32) ;; decision i
  (i32.add (i32.load (global.get $desc.decisions_ptr)) (i32.mul (local.get $i) (i32.const 48))))
(func $write (param $i i32) (param $kind i32) (param $flags i32) (param $job i32) (param $gen i32) (param $node i32) (param $arg i64)
  (memory.fill (call $at (local.get $i)) (i32.const 0) (i32.const 48))
  (i32.store16 (call $at (local.get $i)) (local.get $kind))
  (i32.store16 (i32.add (call $at (local.get $i)) (i32.const 2)) (local.get $flags))
  (i32.store (i32.add (call $at (local.get $i)) (i32.const 4)) (local.get $job))
  (i32.store (i32.add (call $at (local.get $i)) (i32.const 8)) (local.get $gen))
  (i32.store (i32.add (call $at (local.get $i)) (i32.const 12)) (local.get $node))
  (i64.store (i32.add (call $at (local.get $i)) (i32.const 32)) (local.get $arg)))
(func $now (result i64) (i64.load (i32.load (global.get $desc.ctx_ptr))))

(func (export "sched1_decide") (param $n i32) (result i32)
  (call $write (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0))
  (call $write (i32.const 1) (i32.const 8) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0))
  (i32.const 2))
