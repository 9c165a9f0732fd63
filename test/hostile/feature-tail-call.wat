;; wasm.feature_denied tail calls
;; A recursion that needs no stack.
(module
  (func $f (return_call $f))
  (memory (export "memory") 1)
  (func (export "_start")
    (return_call $f)))
