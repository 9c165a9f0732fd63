import { describe, expect, it } from "vitest";
import { runPart } from "../../../workers/runner/part-host.ts";
import { compileWasm, compileWat, wat } from "../../wasm/compile-wat.ts";
import { defaults, encoder, ended, run } from "./run-wat.ts";

const WASI = `
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;
const CALLS = `
  (import "arcrun" "call" (func $call (param i32 i32) (result i32)))
  (import "arcrun" "result_len" (func $len (param i32) (result i32)))
  (import "arcrun" "result_read" (func $take (param i32 i32 i32) (result i32)))`;
/** Writes the bytes from..from+length to a stream. */
const PUT = `(func $put (param $fd i32) (param $from i32) (param $length i32)
  (i32.store (i32.const 0) (local.get $from)) (i32.store (i32.const 4) (local.get $length))
  (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))`;
const wasi = (start: string, more = ""): string => wat(`${WASI}${more}${PUT}`, start);
const calls = (start: string): string => wat(`${WASI}${CALLS}${PUT} (data (i32.const 200) "{}")`, start);

const FAILURES: readonly (readonly [string, string, string])[] = [
  ["a tight loop", wat("", "(loop (br 0))"), "part.out_of_fuel"],
  ["a loop that branches by table", wat("", "(loop $l (br_table $l $l (i32.const 0)))"), "part.out_of_fuel"],
  [
    "a loop with a parameter",
    wat("", "(i32.const 1) (loop (param i32) (drop) (br_if 0 (i32.const 1) (i32.const 1)) (drop))"),
    "part.out_of_fuel",
  ],
  ["an outer loop around a block", wat("", "(loop $l (block $b (loop (br $b))) (br $l))"), "part.out_of_fuel"],
  ["a loop that grows nothing", wat("", "(loop (drop (memory.grow (i32.const 0))) (br 0))"), "part.out_of_fuel"],
  ["a loop of calls to the host", wasi("(loop (drop (call $time (i32.const 0) (i64.const 0) (i32.const 16))) (br 0))"), "part.out_of_fuel"],
  [
    "two functions that call each other for long",
    wat(
      "(func $a (param i32) (if (local.get 0) (then (call $b (i32.sub (local.get 0) (i32.const 1)))))) (func $b (param i32) (call $a (local.get 0)))",
      "(loop (call $a (i32.const 100)) (br 0))",
    ),
    "part.out_of_fuel",
  ],
  ["a loop of large fills", wat("", "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0))"), "part.out_of_fuel"],
  ["a fill of nearly all addresses", wat("", "(memory.fill (i32.const 0) (i32.const 1) (i32.const -1))"), "part.out_of_fuel"],
  ["a fill over the end", wat("", "(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000))"), "part.trapped"],
  ["unreachable", wat("", "unreachable"), "part.trapped"],
  ["division by zero", wat("", "(drop (i32.div_s (i32.const 1) (i32.const 0)))"), "part.trapped"],
  ["a load outside the memory", wat("", "(drop (i32.load (i32.const -4)))"), "part.trapped"],
  ["a call through an empty table", wat("(table 1 funcref)", "(call_indirect (i32.const 0))"), "part.trapped"],
  ["a conversion that overflows", wat("", "(drop (i32.trunc_f64_s (f64.const 1e30)))"), "part.trapped"],
  ["data outside the memory", wat('(data (i32.const 65535) "ab")'), "part.trapped"],
  [
    "memory that is refused and missed",
    wat("", "(loop (br_if 0 (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) unreachable"),
    "part.out_of_memory",
  ],
  [
    "too much memory at once",
    wat("", "(if (i32.eq (memory.grow (i32.const 60000)) (i32.const -1)) (then unreachable))"),
    "part.out_of_memory",
  ],
  ["exit code 3", wasi("(call $exit (i32.const 3))"), "part.exited"],
  ["a call with a wrong address", calls("(drop (call $call (i32.const -8) (i32.const 16)))"), "part.trapped"],
  ["a handle that is none", calls("(drop (call $len (i32.const 0)))"), "part.trapped"],
  ["too much output", wasi("(loop (call $put (i32.const 1) (i32.const 0) (i32.const 600)) (br 0))"), "part.output_too_large"],
];

describe("runPart", () => {
  it.each(FAILURES)("ends %s with its own code", (_what, text, code) => {
    const outcome = run(text);
    expect([ended(outcome), outcome.fuelUsed <= defaults.fuel]).toEqual([code, true]);
  });

  it("ends an endless recursion", () => {
    expect(["part.trapped", "part.out_of_fuel"]).toContain(ended(run(wat("(func $f (call $f))", "(call $f)"), { fuel: 1e9 })));
    expect(ended(run(wat("(func $f (call $f))", "(call $f)"), { fuel: 1000 }))).toBe("part.out_of_fuel");
  });

  it("says with which code a part ended itself, and the end of what it wrote", () => {
    const outcome = run(
      wasi("(call $put (i32.const 2) (i32.const 99) (i32.const 4)) (call $exit (i32.const 7))", '(data (i32.const 99) "oops")'),
    );
    expect(outcome).toMatchObject({
      error: { code: "part.exited", message: "exit code 7: oops", retryable: false },
      stderr: "oops",
    });
  });

  it("takes exit code 0 as a return", () => {
    const outcome = run(
      wasi("(call $put (i32.const 1) (i32.const 99) (i32.const 2)) (call $exit (i32.const 0))", '(data (i32.const 99) "{}")'),
    );
    expect(outcome).toMatchObject({ kind: "answered", stdout: encoder.encode("{}"), stderr: "" });
  });

  it("lets a part live with a refused memory", () => {
    expect(ended(run(wat("", "(drop (memory.grow (i32.const 60000)))")))).toBe("answered");
  });

  it("reads stdin in pieces up to its end", () => {
    const text = wasi(`(i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const 3))
      (loop $more
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
        (call $put (i32.const 1) (i32.const 100) (i32.load (i32.const 16)))
        (i32.store (i32.const 4) (i32.const 3))
        (br_if $more (i32.load (i32.const 16))))`);
    expect(run(text, { stdin: encoder.encode("eight bytes") })).toMatchObject({
      kind: "answered",
      stdout: encoder.encode("eight bytes"),
    });
  });

  it("answers wrong addresses and descriptors with error numbers", () => {
    const number = (call: string): string => `(i32.store8 (i32.const 300) ${call}) (call $put (i32.const 1) (i32.const 300) (i32.const 1))`;
    const bad = [
      "(call $read (i32.const 0) (i32.const -8) (i32.const 1) (i32.const 16))",
      "(call $write (i32.const 1) (i32.const 65528) (i32.const 2) (i32.const 16))",
      "(call $write (i32.const 1) (i32.const 32) (i32.const -1) (i32.const 16))",
      "(call $write (i32.const 1) (i32.const 32) (i32.const 0) (i32.const 65534))",
      "(call $write (i32.const 9) (i32.const 32) (i32.const 0) (i32.const 16))",
      "(call $random (i32.const 65535) (i32.const 2))",
      "(call $fdstat (i32.const 1) (i32.const 65520))",
      "(call $environ (i32.const -1) (i32.const 16))",
      "(call $time (i32.const 9) (i64.const 0) (i32.const 16))",
      "(call $time (i32.const 0) (i64.const 0) (i32.const -3))",
    ];
    const outcome = run(wasi(bad.map(number).join("\n")));
    expect(outcome).toMatchObject({
      kind: "answered",
      stdout: Uint8Array.from([21, 21, 21, 21, 8, 21, 21, 21, 28, 21]),
    });
  });

  it("shows a clock that stands still and randomness that the seed decides", () => {
    const text =
      wasi(`(drop (call $time (i32.const 0) (i64.const 0) (i32.const 100))) (drop (call $time (i32.const 1) (i64.const 0) (i32.const 108)))
      (drop (call $random (i32.const 116) (i32.const 100))) (call $put (i32.const 1) (i32.const 100) (i32.const 116))`);
    const output = (seed: number): Uint8Array => {
      const outcome = run(text, { seed: Uint8Array.from([seed]) });
      return outcome.kind === "answered" ? outcome.stdout : new Uint8Array();
    };
    const view = new DataView(output(1).slice().buffer);
    expect([view.getBigUint64(0, true), view.getBigUint64(8, true)]).toEqual([1_700_000_000_123_000_000n, 1_700_000_000_123_000_000n]);
    expect(output(1)).toEqual(output(1));
    expect(output(1)).not.toEqual(output(2));
    expect(new Set(output(1).slice(16)).size).toBeGreaterThan(50);
  });

  it("escapes control characters on stderr and cuts it with a mark", () => {
    const text = wasi("(call $put (i32.const 2) (i32.const 99) (i32.const 7))", '(data (i32.const 99) "a\\1b[1m\\0a\\00")');
    expect(run(text)).toMatchObject({ stderr: "a\\u001b[1m\n\\u0000" });
    const long = run(
      wasi(
        "(memory.fill (i32.const 100) (i32.const 120) (i32.const 60000)) (call $put (i32.const 2) (i32.const 100) (i32.const 60000)) (call $put (i32.const 2) (i32.const 100) (i32.const 60000))",
      ),
    );
    expect(long).toMatchObject({ kind: "answered", stderr: `${"x".repeat(65_536)}… truncated` });
  });

  const twoCalls = calls(`(local $h i32)
    (local.set $h (call $call (i32.const 200) (i32.const 2)))
    (drop (call $take (local.get $h) (i32.const 300) (i32.const 5)))
    (call $put (i32.const 1) (i32.const 300) (call $len (local.get $h)))
    (local.set $h (call $call (i32.const 200) (i32.const 1)))
    (call $put (i32.const 1) (i32.const 400) (call $take (local.get $h) (i32.const 400) (i32.const 2)))`);
  const recorded = ["first", "second"].map((text) => ({ resultBytes: encoder.encode(text) }));

  it("stops at the first call that has no recorded answer, with its request", () => {
    const requests = [0, 1].map((count) => run(twoCalls, { exchanges: recorded.slice(0, count) }));
    expect(requests).toMatchObject([
      { kind: "called", request: encoder.encode("{}") },
      { kind: "called", request: encoder.encode("{") },
    ]);
  });

  it("gives the recorded answers in order, as much as is asked for", () => {
    expect(run(twoCalls, { exchanges: recorded })).toMatchObject({
      kind: "answered",
      stdout: encoder.encode("firstse"),
    });
  });

  it("uses more fuel for each call, and the same each time", () => {
    const used = [0, 1, 2, 0, 1, 2].map((count) => run(twoCalls, { exchanges: recorded.slice(0, count) }).fuelUsed);
    expect(used.slice(0, 3)).toEqual(used.slice(3));
    expect(used[0]).toBeLessThan(used[1] ?? 0);
    expect(used[1]).toBeLessThan(used[2] ?? 0);
  });

  it("refuses to run a module that was not metered", () => {
    expect(() => runPart(compileWasm(compileWat(wat("")).slice()), defaults)).toThrow(/not metered/);
  });
});
