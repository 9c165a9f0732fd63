;; part.out_of_fuel
;; A loop of the slowest instruction.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (drop (i64.div_s (i64.const -9223372036854775807) (i64.const 3))) (br 0))))
