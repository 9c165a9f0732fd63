;; part.out_of_fuel
;; A loop that goes back through a table of branches.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $l (br_table $l $l $l (i32.const 7)))))
