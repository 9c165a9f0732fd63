;; wasm.invalid _start
;; A start that is the host's.
(module (import "wasi_snapshot_preview1" "sched_yield" (func $f (result i32))) (memory (export "memory") 1) (export "_start" (func $f)))
