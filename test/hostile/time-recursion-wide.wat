;; part.out_of_fuel
;; A recursion that never goes deep and never ends: the tree of Fibonacci of ninety.
(module
  (func $fib (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2)) (then (local.get $n))
      (else (i32.add (call $fib (i32.sub (local.get $n) (i32.const 1))) (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $fib (i32.const 90)))))
