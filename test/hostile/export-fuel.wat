;; wasm.invalid arcrun_fuel
;; A global under the name of the fuel.
(module
  (global (export "arcrun_fuel") (mut i64) (i64.const 9223372036854775807))
  (memory (export "memory") 1)
  (func (export "_start")))
