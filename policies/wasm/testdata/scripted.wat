;; A guest that does what the SDK does and then what a script says, step by step, one a call: writes anywhere, any return value.
;;
;; A step is a byte, the number of writes (mod 8), the writes, and a byte: odd = a return value (4 bytes) follows. A write is a byte, what
;; its place is relative to (mod 8: see $base), 2 bytes, the place, a byte, the length (mod 64), and so many bytes. When the script is at
;; its end the guest does what the SDK does.

(data (i32.const 32768) "SCRIPT")
(data (i32.const 4096) "scripted")
(global $pc (mut i32) (i32.const 32772))
(global $end (mut i32) (i32.const 0))

(func $setup
  (call $policy (i32.const 4096) (i32.const 8) (i32.load8_u (i32.const 32770))) ;; flags are the script's
  (call $want (global.get $nodes.gpus_free))
  (call $want (global.get $nodes.gpu_free_mask))
  (call $want (global.get $jobs.gen))
  (call $want (global.get $jobs.est_ns))
  (call $want (global.get $roles.pod_gpus))
  (call $want (global.get $gpus.free_milli))
  (call $want (global.get $pools.nodes))
  (call $want (global.get $types.gpus_free)))

(func $byte (result i32)
  (if (i32.ge_u (global.get $pc) (i32.add (i32.const 32772) (i32.load16_u (i32.const 32768))))
    (then (return (i32.const 0))))
  (global.set $pc (i32.add (global.get $pc) (i32.const 1)))
  (i32.load8_u (i32.sub (global.get $pc) (i32.const 1))))

(func $base (param $kind i32) (result i32)
  (block $far (block $ctx (block $events (block $out2 (block $out (block $decisions (block $desc (block $low
    (br_table $low $desc $decisions $out $out2 $events $ctx $far (i32.and (local.get $kind) (i32.const 7))))
    (return (i32.const 0)))
    (return (i32.const 64)))
    (return (i32.load (global.get $desc.decisions_ptr))))
    (return (i32.load (global.get $desc.out_ptr))))
    (return (i32.load (global.get $desc.out2_ptr))))
    (return (i32.load (global.get $desc.events_ptr))))
    (return (i32.load (global.get $desc.ctx_ptr))))
  (i32.const -32768))

(func $step (param $otherwise i32) (result i32)
  (local $writes i32) (local $at i32) (local $left i32)
  (local.set $writes (i32.and (call $byte) (i32.const 7)))
  (block $done
    (loop $next
      (br_if $done (i32.eqz (local.get $writes)))
      (local.set $writes (i32.sub (local.get $writes) (i32.const 1)))
      (local.set $at (call $base (call $byte)))
      (local.set $at (i32.add (local.get $at) (call $byte)))
      (local.set $at (i32.add (local.get $at) (i32.shl (call $byte) (i32.const 8))))
      (local.set $left (i32.and (call $byte) (i32.const 63)))
      (loop $copy
        (if (local.get $left)
          (then
            (i32.store8 (local.get $at) (call $byte))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br $copy))))
      (br $next)))
  (if (i32.and (call $byte) (i32.const 1))
    (then
      (return (i32.or (i32.or (call $byte) (i32.shl (call $byte) (i32.const 8)))
        (i32.or (i32.shl (call $byte) (i32.const 16)) (i32.shl (call $byte) (i32.const 24)))))))
  (local.get $otherwise))

(func (export "sched1_desc") (result i32) (call $step (call $sdk_desc)))
(func (export "sched1_layout") (result i32) (call $step (call $sdk_layout)))
(func (export "sched1_init") (result i32) (call $step (i32.const 0)))
