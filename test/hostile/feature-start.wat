;; wasm.feature_denied start section
;; Runs before it is started, and for ever.
(module
  (func $f (loop (br 0)))
  (start $f)
  (memory (export "memory") 1)
  (func (export "_start")))
