;; a gang larger than the buffer, over two calls
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
(global $sent (mut i32) (i32.const 0))
(global $gen (mut i32) (i32.const 0))

(func (export "sched1_decide") (param $n i32) (result i32)
  (local $i i32)
  (if (i32.eqz (global.get $sent))
    (then ;; parts of the gang until the buffer is full
      (if (i32.or (i32.eqz (local.get $n)) (i32.eq (i32.load16_u (i32.load (global.get $desc.events_ptr))) (i32.const 3))) (then
        (if (i32.ne (i32.load16_u (i32.add (i32.load (global.get $desc.events_ptr)) (i32.mul (i32.sub (local.get $n) (i32.const 1)) (i32.const 32)))) (i32.const 1))
          (then (return (i32.const 0))))))
      (global.set $gen (i32.load (i32.add (i32.load (global.get $desc.events_ptr)) (i32.add (i32.mul (i32.sub (local.get $n) (i32.const 1)) (i32.const 32)) (i32.const 8)))))
      (loop $all
        (call $write (local.get $i) (i32.const 2) (i32.const 0) (i32.const 0) (global.get $gen) (i32.div_u (local.get $i) (i32.const 8)) (i64.const 0))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $all (i32.lt_u (local.get $i) (i32.const 256))))
      (i32.store16 (i32.add (call $at (i32.const 255)) (i32.const 2)) (i32.const 1))
      (global.set $sent (i32.const 256))
      (return (i32.const 256))))
  (if (i32.eq (global.get $sent) (i32.const 256))
    (then ;; the rest of it
      (loop $all
        (call $write (local.get $i) (i32.const 2) (i32.const 0) (i32.const 0) (global.get $gen) (i32.div_u (i32.add (local.get $i) (i32.const 256)) (i32.const 8)) (i64.const 0))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $all (i32.lt_u (local.get $i) (i32.const 44))))
    (call $write (i32.const 44) (i32.const 1) (i32.const 0) (i32.const 0) (global.get $gen) (i32.const 0) (i64.const 0))
      (global.set $sent (i32.const 300))
      (return (i32.const 45))))
  (i32.const 0))
