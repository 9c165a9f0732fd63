;; wasm.import_denied arcrun.call
;; A function of the host with another type.
(module
  (import "arcrun" "call" (func (param i64) (result i64)))
  (memory (export "memory") 1)
  (func (export "_start")))
