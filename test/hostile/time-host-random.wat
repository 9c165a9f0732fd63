;; part.out_of_fuel
;; Draws a page of random bytes, for ever.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop (drop (call $random_get (i32.const 0) (i32.const 65536))) (br 0))))
