;; part.out_of_fuel
;; Fills a table of four thousand million elements that it does not have.
(module
  (table $t 10 funcref)
  (memory (export "memory") 1)
  (func (export "_start")
    (table.fill $t (i32.const 0) (ref.null func) (i32.const -1))))
