;; part.out_of_fuel
;; Fills its whole page again and again.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))))
