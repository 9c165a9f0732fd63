;; part.trapped
;; Its elements do not fit its table.
(module
  (table $t 1 funcref)
  (elem (table $t) (i32.const 5) func $f)
  (func $f)
  (memory (export "memory") 1)
  (func (export "_start")))
