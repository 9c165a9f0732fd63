;; wasm.import_denied wasi_snapshot_preview1.proc_exec
;; A function that WASI lacks.
(module
  (import "wasi_snapshot_preview1" "proc_exec" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
