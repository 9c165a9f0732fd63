;; part.trapped
;; Writes over the end of its memory.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (i64.store (i32.const 65532) (i64.const -1))))
