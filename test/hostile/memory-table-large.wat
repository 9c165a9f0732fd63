;; wasm.memory
;; A table that begins with ten million elements.
(module
  (table 10000000 funcref)
  (memory (export "memory") 1)
  (func (export "_start")))
