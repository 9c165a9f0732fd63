;; wasm.feature_denied extended constant
;; A constant that is computed.
(module
  (global i32 (i32.add (i32.const 1) (i32.const 2)))
  (memory (export "memory") 1)
  (func (export "_start")))
