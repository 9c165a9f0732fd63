;; part.trapped
;; Ends itself.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    unreachable))
