;; part.out_of_fuel
;; Reads addresses from all over the memory, each from the one before: every step waits for the memory itself.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (local $at i32)
    (drop (memory.grow (i32.const 15)))
    (loop $fill
      (i32.store (local.get $at) (i32.and (i32.mul (i32.add (local.get $at) (i32.const 2654435761)) (i32.const 40503)) (i32.const 0xffffc)))
      (br_if $fill (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const 0x100000))))
    (local.set $at (i32.const 0))
    (loop (local.set $at (i32.load (local.get $at))) (br 0))))
