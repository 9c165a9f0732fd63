;; wasm.invalid memory
;; A memory that it does not show.
(module (memory 1) (func (export "_start")))
