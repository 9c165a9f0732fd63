;; part.trapped
;; Asks the host to read outside of its memory.
(module
  (import "arcrun" "call" (func $call (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $call (i32.const -16) (i32.const 32)))))
