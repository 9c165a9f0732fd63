;; part.out_of_fuel
;; Brings in four gigabytes of data that it does not have.
(module
  (data $d "short")
  (memory (export "memory") 1)
  (func (export "_start")
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const -1))))
