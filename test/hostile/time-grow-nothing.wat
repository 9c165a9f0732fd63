;; part.out_of_fuel
;; Grows its memory by nothing, for ever; the engine makes a new view each time.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (drop (memory.grow (i32.const 0))) (br 0))))
