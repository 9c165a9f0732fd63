;; part.trapped too deeply
;; Calls the host at every level, so that the stack ends in the middle of the host.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
  (func $f (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))) (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 32))) (call $f))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 10))
    (call $f)))
