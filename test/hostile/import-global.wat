;; wasm.import_denied arcrun.fuel
;; The fuel, as a global of its own.
(module
  (import "arcrun" "fuel" (global (mut i64)))
  (memory (export "memory") 1)
  (func (export "_start")))
