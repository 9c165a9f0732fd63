;; wasm.invalid memory
;; No memory.
(module (func (export "_start")))
