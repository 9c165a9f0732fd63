;; wasm.invalid _start
;; Nothing to start.
(module (memory (export "memory") 1))
