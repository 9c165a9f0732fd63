;; part.out_of_fuel
;; A loop that could end, but never does.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $l (br_if $l (i32.const 1)))))
