;; part.out_of_fuel
;; Grows a table one by one, on and on after it is refused.
(module
  (table $t 0 funcref)
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (drop (table.grow $t (ref.null func) (i32.const 1))) (br 0))))
