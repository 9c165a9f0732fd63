;; Every shape of control flow; one byte of stdin chooses what runs, the answer is a number on stdout.
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (elem (i32.const 0) $sum $nested $fibonacci $switch)
  (global $calls (mut i32) (i32.const 0))
  (type $unary (func (param i32) (result i32)))

  (func $sum (param $n i32) (result i32) (local $total i32)
    (loop $next
      (local.set $total (i32.add (local.get $total) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (i32.gt_s (local.get $n) (i32.const 0))))
    (local.get $total))

  (func $nested (param $n i32) (result i32) (local $i i32) (local $j i32) (local $hits i32)
    (block $done
      (loop $outer
        (br_if $done (i32.ge_s (local.get $i) (local.get $n)))
        (local.set $j (i32.const 0))
        (loop $inner
          (if (i32.eqz (i32.rem_s (local.get $j) (i32.const 3)))
            (then (local.set $hits (i32.add (local.get $hits) (i32.const 1))))
            (else (local.set $hits (i32.add (local.get $hits) (local.get $i)))))
          (local.set $j (i32.add (local.get $j) (i32.const 1)))
          (br_if $inner (i32.lt_s (local.get $j) (local.get $n))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $outer)))
    (local.get $hits))

  (func $fibonacci (param $n i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add (call $fibonacci (i32.sub (local.get $n) (i32.const 1))) (call $fibonacci (i32.sub (local.get $n) (i32.const 2)))))))

  ;; Large enough to be charged by segments; the loop takes and gives a value.
  (func $switch (param $n i32) (result i32) (local $acc i32)
    (local.get $n)
    (loop $again (param i32) (result i32)
      (local.set $n)
      (block $after
        (block $d (block $c (block $b (block $a
          (br_table $a $b $c $d (i32.rem_u (local.get $n) (i32.const 4))))
          (local.set $acc (i32.add (i32.mul (local.get $acc) (i32.const 3)) (i32.const 1)))
          (local.set $acc (i32.xor (local.get $acc) (i32.shl (local.get $n) (i32.const 2))))
          (br $after))
          (local.set $acc (i32.sub (local.get $acc) (local.get $n)))
          (local.set $acc (i32.rotl (local.get $acc) (i32.const 5)))
          (br $after))
          (if (i32.and (local.get $acc) (i32.const 1))
            (then (local.set $acc (i32.add (local.get $acc) (i32.const 17))))
            (else (local.set $acc (i32.sub (local.get $acc) (i32.const 19)))))
          (local.set $acc (i32.xor (local.get $acc) (i32.const 0x5bd1e995)))
          (br $after))
        (local.set $acc (i32.add (local.get $acc) (i32.const 7)))
        (local.set $acc (i32.mul (local.get $acc) (i32.const 31)))
        (local.set $acc (i32.add (local.get $acc) (i32.shr_u (local.get $acc) (i32.const 3)))))
      (i32.sub (local.get $n) (i32.const 1))
      (br_if $again (i32.gt_s (local.get $n) (i32.const 1))))
    (i32.add (local.get $acc)))

  (func $bulk (param $n i32) (result i32)
    (memory.fill (i32.const 4096) (i32.const 7) (local.get $n))
    (memory.copy (i32.const 8192) (i32.const 4096) (local.get $n))
    (i32.add (i32.load8_u (i32.const 8192)) (i32.trunc_sat_f64_s (f64.const 1e300))))

  (func (export "_start") (local $which i32) (local $result i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
    (local.set $which (i32.sub (i32.load8_u (i32.const 64)) (i32.const 48)))
    (if (i32.lt_u (local.get $which) (i32.const 4))
      (then (local.set $result (call_indirect (type $unary) (i32.const 15) (local.get $which))))
      (else (local.set $result (call $bulk (i32.const 2000)))))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $print (local.get $result)))

  ;; In eight hexadecimal digits, as a JSON string.
  (func $print (param $value i32) (local $i i32) (local $digit i32)
    (i32.store8 (i32.const 100) (i32.const 34))
    (loop $next
      (local.set $digit (i32.and (i32.shr_u (local.get $value) (i32.sub (i32.const 28) (i32.shl (local.get $i) (i32.const 2)))) (i32.const 15)))
      (i32.store8 (i32.add (i32.const 101) (local.get $i))
        (i32.add (local.get $digit) (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const 8))))
    (i32.store8 (i32.const 109) (i32.const 34))
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 10))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
