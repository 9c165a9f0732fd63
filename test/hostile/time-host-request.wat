;; part.out_of_fuel
;; Makes a request of four gigabytes.
(module
  (import "arcrun" "call" (func $call (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $call (i32.const 0) (i32.const -1)))))
