;; part.out_of_fuel
;; Both arms of an if go round for ever.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (if (i32.const 0) (then (loop (br 0))) (else (loop (br 0))))))
