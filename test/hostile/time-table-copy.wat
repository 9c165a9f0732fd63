;; part.out_of_fuel
;; Copies all of its largest table, again and again.
(module
  (table $t 100000 funcref)
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 99999)) (br 0))))
