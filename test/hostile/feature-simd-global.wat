;; wasm.feature_denied SIMD
;; A global that is a vector.
(module
  (global v128 (v128.const i64x2 0 0))
  (memory (export "memory") 1)
  (func (export "_start")))
