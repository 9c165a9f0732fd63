;; part.out_of_fuel
;; A loop that hands itself a value.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.const 1) (loop (param i32) (drop) (br_if 0 (i32.const 1) (i32.const 1)) (drop))))
