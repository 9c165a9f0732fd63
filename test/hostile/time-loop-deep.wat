;; part.out_of_fuel
;; Forty loops in each other; the innermost goes back to the outermost.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $out (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (loop (br $out))))))))))))))))))))))))))))))))))))))))))))
