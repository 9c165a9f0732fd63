;; part.trapped too deeply
;; Calls itself for ever through a table.
(module
  (table funcref (elem $f))
  (func $f (call_indirect (i32.const 0)))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $f)))
