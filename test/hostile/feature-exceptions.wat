;; wasm.feature_denied exception handling
;; Throws.
(module
  (tag $e)
  (memory (export "memory") 1)
  (func (export "_start")
    (throw $e)))
