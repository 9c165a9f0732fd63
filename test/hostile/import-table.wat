;; wasm.import_denied env.table
;; The table of somebody else.
(module
  (import "env" "table" (table 1 funcref))
  (memory (export "memory") 1)
  (func (export "_start")))
