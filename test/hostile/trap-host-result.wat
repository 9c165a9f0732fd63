;; part.trapped
;; Has a result written outside of its memory.
(module
  (import "arcrun" "call" (func $call (param i32 i32) (result i32)))
  (import "arcrun" "result_read" (func $result_read (param i32 i32 i32) (result i32)))
  (data (i32.const 0) "{}")
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $result_read (call $call (i32.const 0) (i32.const 2)) (i32.const -1) (i32.const 10)))))
