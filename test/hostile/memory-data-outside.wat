;; part.trapped
;; Its data do not fit its memory.
(module
  (data (i32.const 65535) "two")
  (memory (export "memory") 1)
  (func (export "_start")))
