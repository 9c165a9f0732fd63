;; part.bad_output JSON
;; Answers twice.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 0) "\10\00\00\00 \00\00\00")
  (data (i32.const 16) "{\22success\22:true}{\22success\22:true}")
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
