;; part.out_of_memory
;; Ends itself with an error after it was refused, as an allocator does.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (memory.grow (i32.const 65000)))
    (call $proc_exit (i32.const 134))))
