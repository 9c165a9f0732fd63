;; part.bad_output deeper
;; Sixty thousand lists in each other.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 0) "\10\00\00\00\60\ea\00\00")
  (memory (export "memory") 1)
  (func (export "_start")
    (memory.fill (i32.const 16) (i32.const 0x5b) (i32.const 60000))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
