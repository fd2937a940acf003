;; breaks: progress recycling overflow refusals fuel
(func $setup
  (call $policy (i32.const 4096) (i32.const 6) (i32.const 0)))
(data (i32.const 4096) "forget")
(global $head (mut i32) (i32.const 0)) ;; jobs that it has seen arrive, as slots, in memory from 65536 * 8 on
(global $tail (mut i32) (i32.const 0))
(func (export "sched1_init") (result i32) (drop (memory.grow (i32.const 64))) (i32.const 0))
(func $slot (param $i i32) (result i32) (i32.add (i32.const 1048576) (i32.shl (i32.and (local.get $i) (i32.const 65535)) (i32.const 2))))
(func (export "sched1_decide") (param $n i32) (result i32)
  (local $i i32) (local $ev i32) (local $count i32) (local $d i32)
  (block $heard
    (loop $next
      (br_if $heard (i32.ge_u (local.get $i) (local.get $n)))
      (local.set $ev (i32.add (i32.load (global.get $desc.events_ptr)) (i32.shl (local.get $i) (i32.const 5))))
      (if (i32.eq (i32.load16_u (local.get $ev)) (global.get $EV_ARRIVE))
        (then
          (i32.store (call $slot (global.get $tail)) (i32.load (i32.add (local.get $ev) (i32.const 4))))
          (global.set $tail (i32.add (global.get $tail) (i32.const 1)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (block $done
    (loop $start
      (br_if $done (i32.or (i32.eq (global.get $head) (global.get $tail)) (i32.ge_u (local.get $count) (i32.const 64))))
      (local.set $d (i32.add (i32.load (global.get $desc.decisions_ptr)) (i32.mul (local.get $count) (i32.const 48))))
      (memory.fill (local.get $d) (i32.const 0) (i32.const 48))
      (i32.store16 (local.get $d) (global.get $DO_START))
      (i32.store (i32.add (local.get $d) (i32.const 4)) (i32.load (call $slot (global.get $head))))
      (i32.store (i32.add (local.get $d) (i32.const 8)) (i32.const 1)) ;; there is but one generation
      (i32.store (i32.add (local.get $d) (i32.const 12)) (global.get $NONE))
      (global.set $head (i32.add (global.get $head) (i32.const 1)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br $start)))
  (local.get $count))
