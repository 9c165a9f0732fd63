;; part.out_of_fuel
;; The smallest endless loop.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (br 0))))
