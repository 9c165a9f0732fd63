;; wasm.invalid _start
;; A start that takes a value.
(module (memory (export "memory") 1) (func (export "_start") (param i32)))
