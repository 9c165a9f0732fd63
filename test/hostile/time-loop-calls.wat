;; part.out_of_fuel
;; Two functions that call each other, a hundred deep, for ever.
(module
  (func $a (param i32) (if (local.get 0) (then (call $b (i32.sub (local.get 0) (i32.const 1))))))
  (func $b (param i32) (call $a (local.get 0)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (call $a (i32.const 100)) (br 0))))
