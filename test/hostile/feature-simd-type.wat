;; wasm.feature_denied SIMD
;; A function that takes a vector.
(module
  (func (param v128))
  (memory (export "memory") 1)
  (func (export "_start")))
