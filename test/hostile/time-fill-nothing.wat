;; part.out_of_fuel
;; Fills nothing, for ever: each is a call into the engine all the same.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0)) (br 0))))
