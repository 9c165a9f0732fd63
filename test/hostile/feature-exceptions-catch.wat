;; wasm.feature_denied exception handling
;; Would catch what stops it.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (try (do (loop (br 0))) (catch_all)) (br 0))))
