;; part.out_of_fuel
;; A loop of calls through a table.
(module
  (table funcref (elem $nothing))
  (func $nothing)
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (call_indirect (i32.const 0)) (br 0))))
