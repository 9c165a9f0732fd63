;; wasm.feature_denied tail calls
;; The same through a table.
(module
  (table funcref (elem $f))
  (func $f)
  (memory (export "memory") 1)
  (func (export "_start")
    (return_call_indirect (i32.const 0))))
