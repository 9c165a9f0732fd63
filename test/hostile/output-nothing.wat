;; part.bad_output empty
;; Says nothing.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
