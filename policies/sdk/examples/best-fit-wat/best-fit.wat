;; Best fit: a pod goes where it leaves the least behind. Among the nodes that can hold it, the one with the fewest wholly free
;; GPUs, then the fewest free thousandths of GPUs; a pod without GPUs goes to the node with the least free CPU.

(data (i32.const 4096) "best-fit")

(func $setup
  (call $policy (i32.const 4096) (i32.const 8) (i32.const 0))
  (call $want (global.get $nodes.gpus_free))
  (call $want (global.get $nodes.gpu_milli_free))
  (call $want (global.get $nodes.cpu_free_milli))
  (call $want (global.get $roles.pod_gpus)))

;; The host never picks a node that cannot hold the pod, so the loops look at every node: four at a time. Columns have room for a
;; multiple of four rows, so the last step may look past n.
(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (local $out i32) (local $end i32) (local $a i32) (local $b i32)
  (local.set $out (i32.load (global.get $desc.out_ptr)))
  (local.set $end (i32.add (local.get $out) (i32.shl (local.get $n) (i32.const 2))))
  (if (i32.eqz (local.get $n))
    (then (return (global.get $STATUS_OK))))
  (if (i32.load (i32.add (i32.load (global.get $roles.pod_gpus)) (i32.shl (local.get $role) (i32.const 2))))
    (then
      (local.set $a (i32.load (global.get $nodes.gpus_free)))
      (local.set $b (i32.load (global.get $nodes.gpu_milli_free)))
      (loop $nodes
        (v128.store (local.get $out) ;; 64 GPUs are 64,000 thousandths: less than one GPU's weight
          (i32x4.neg (i32x4.add (i32x4.shl (v128.load (local.get $a)) (i32.const 17)) (v128.load (local.get $b)))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (br_if $nodes (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end)))))
    (else
      (local.set $a (i32.load (global.get $nodes.cpu_free_milli)))
      (loop $nodes
        (v128.store (local.get $out)
          (i32x4.neg (i32x4.min_u (v128.load (local.get $a)) (v128.const i32x4 0x40000000 0x40000000 0x40000000 0x40000000))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (br_if $nodes (i32.lt_u (local.tee $out (i32.add (local.get $out) (i32.const 16))) (local.get $end))))))
  (global.get $STATUS_OK))
