;; wasm.import_denied __proto__.toString
;; A module that every object of JavaScript has.
(module
  (import "__proto__" "toString" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
