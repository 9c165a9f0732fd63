;; part.out_of_fuel
;; The inner loop ends at once each time, the outer never.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $l (block $b (loop (br $b))) (br $l))))
