;; a page filled again and again
(func $setup
  (call $policy (i32.const 4096) (i32.const 7) (i32.const 0)))
(data (i32.const 4096) "hostile")

(func (export "sched1_score") (param $job i32) (param $role i32) (param $n i32) (result i32)
  (loop $for_ever (memory.fill (i32.const 8192) (i32.const 1) (i32.const 57344)) (br $for_ever))
  (i32.const 0))
