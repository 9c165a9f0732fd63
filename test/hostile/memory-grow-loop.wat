;; part.out_of_memory
;; Grows until it is refused, and then gives up.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (br_if 0 (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0))))
    unreachable))
