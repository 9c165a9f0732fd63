;; part.out_of_fuel
;; The same tree, with a reference put into the table as it runs.
(module
  (table $t 1 funcref)
  (elem declare func $fib)
  (memory (export "memory") 1)
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
      (else (i32.add
        (call_indirect (param i32) (result i32) (i32.sub (local.get $n) (i32.const 1)) (i32.const 0))
        (call_indirect (param i32) (result i32) (i32.sub (local.get $n) (i32.const 2)) (i32.const 0))))))
  (func (export "_start")
    (table.set $t (i32.const 0) (ref.func $fib))
    (drop (call_indirect (param i32) (result i32) (i32.const 90) (i32.const 0)))))
