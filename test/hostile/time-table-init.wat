;; part.out_of_fuel
;; Writes more elements than it has.
(module
  (table $t 10 funcref)
  (elem $e func $f)
  (func $f)
  (memory (export "memory") 1)
  (func (export "_start")
    (table.init $t $e (i32.const 0) (i32.const 0) (i32.const -1))))
