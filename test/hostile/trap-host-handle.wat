;; part.trapped
;; Reads the result of a call that it never made.
(module
  (import "arcrun" "result_read" (func $result_read (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $result_read (i32.const -1) (i32.const 0) (i32.const 10)))))
