;; wasm.feature_denied multiple memories
;; A second memory that no limit would hold.
(module
  (memory 60000)
  (memory (export "memory") 1)
  (func (export "_start")))
