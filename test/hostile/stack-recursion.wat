;; part.trapped too deeply
;; Calls itself for ever.
(module
  (func $f (call $f))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $f)))
