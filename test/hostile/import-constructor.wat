;; wasm.import_denied constructor.call
;; Another.
(module
  (import "constructor" "call" (func (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
