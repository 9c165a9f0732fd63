;; success
;; Declares a maximum of four gigabytes, which is lowered, and asks for it in vain.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 0) "\10\00\00\00\02\00\00\00")
  (data (i32.const 16) "{}")
  (memory (export "memory") 1 65536)
  (func (export "_start")
    (if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
