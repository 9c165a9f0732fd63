;; part.out_of_fuel
;; The same tree, with every call through a table: no caller knows what it has to pay.
(module
  (table funcref (elem $fib))
  (memory (export "memory") 1)
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
      (else (i32.add
        (call_indirect (param i32) (result i32) (i32.sub (local.get $n) (i32.const 1)) (i32.const 0))
        (call_indirect (param i32) (result i32) (i32.sub (local.get $n) (i32.const 2)) (i32.const 0))))))
  (func (export "_start")
    (drop (call_indirect (param i32) (result i32) (i32.const 90) (i32.const 0)))))
