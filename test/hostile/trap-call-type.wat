;; part.trapped
;; Calls a function as one of another type.
(module
  (table funcref (elem $f))
  (func $f)
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call_indirect (param i64) (result i64) (i64.const 1) (i32.const 0)))))
