;; part.trapped
;; Its data begin at the last address of all.
(module
  (data (i32.const -1) "x")
  (memory (export "memory") 1)
  (func (export "_start")))
