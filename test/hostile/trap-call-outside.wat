;; part.trapped
;; Calls an element that no table has.
(module
  (table 4 funcref)
  (memory (export "memory") 1)
  (func (export "_start")
    (call_indirect (i32.const -1))))
