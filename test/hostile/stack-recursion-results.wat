;; part.trapped too deeply
;; A recursion whose every level has something left to do.
(module
  (func $f (param i64) (result i64) (i64.add (call $f (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $f (i64.const 1)))))
