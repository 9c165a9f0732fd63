;; part.trapped
;; Grows a table by two hundred thousand, and gives up when it is refused.
(module
  (table $t 0 funcref)
  (memory (export "memory") 1)
  (func (export "_start")
    (if (i32.eq (table.grow $t (ref.null func) (i32.const 200000)) (i32.const -1)) (then unreachable))))
