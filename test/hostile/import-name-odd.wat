;; wasm.import_denied 
;; A name full of control characters.
(module
  (import "a\00\1b[2J" "\e2\80\ae" (func))
  (memory (export "memory") 1)
  (func (export "_start")))
