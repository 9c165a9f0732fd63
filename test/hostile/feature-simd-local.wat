;; wasm.feature_denied SIMD
;; A local that is a vector, in a function of number 1.
(module
  (func)
  (func (local v128))
  (memory (export "memory") 1)
  (func (export "_start")))
