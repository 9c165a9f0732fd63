import { describe, expect, it } from "vitest";
import { meter } from "../../../shared/metering/meter.ts";
import { compileWasm, compileWat, readWat, wat } from "../../wasm/compile-wat.ts";

const limits = { maxMemoryPages: 16 };

/** The code and message with which a module is refused, or "taken" when it is taken and valid afterwards. */
function verdict(wasm: Uint8Array): string {
  try {
    return WebAssembly.validate(meter(wasm, limits).slice()) ? "taken" : "taken, but invalid";
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }; // whatever was thrown has a message; a lacking code shows
    return `${code}: ${message}`;
  }
}

const TAKEN: readonly (readonly [string, string])[] = [
  ["an empty command", wat("")],
  ["sign extension", wat("", "(drop (i32.extend8_s (i32.const 200)))")],
  ["saturating conversions", wat("", "(drop (i64.trunc_sat_f32_u (f32.const 1e30)))")],
  ["bulk memory", wat('(data $d "abc")', "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $d)")],
  [
    "tables",
    wat("(table $t 1 funcref) (elem $e func $f) (func $f)", "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e)"),
  ],
  [
    "growing tables",
    wat(
      "(table $t 1 externref)",
      "(drop (table.grow $t (ref.null extern) (i32.const 2))) (table.fill $t (i32.const 0) (ref.null extern) (table.size $t))",
    ),
  ],
  [
    "copied tables",
    wat(
      "(table $t 9 funcref)",
      "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 3)) (table.set $t (i32.const 0) (table.get $t (i32.const 1)))",
    ),
  ],
  ["references", wat("(elem declare func $f) (func $f)", "(drop (ref.is_null (ref.func $f)))")],
  ["several values", wat("(func $two (result i32 i64) i32.const 1 i64.const 2)", "(call $two) (drop) (drop)")],
  ["typed select", wat("", "(drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 0)))")],
  ["growing memory", wat("", "(drop (memory.grow (i32.const 1)))")],
  ["code that is never reached", wat("", "unreachable (memory.grow) drop (loop (br 0)) memory.fill")],
  ["an exported mutable global", wat('(global (export "g") (mut i32) (i32.const 1))')],
  ["a call to the host", wat('(import "arcrun" "call" (func (param i32 i32) (result i32)))')],
];

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["SIMD", wat("", "(drop (v128.const i32x4 1 2 3 4))"), /^wasm.feature_denied: .*SIMD.*0xfd/],
  ["SIMD parameters", wat("(func (param v128))"), /^wasm.feature_denied: .*SIMD/],
  ["atomics", wat("", "(atomic.fence)"), /^wasm.feature_denied: .*threads.*0xfe/],
  ["shared memory", '(module (memory (export "memory") 1 1 shared) (func (export "_start")))', /^wasm.feature_denied: .*threads/],
  ["exceptions", wat("(tag $e)", "(throw $e)"), /^wasm.feature_denied: .*exception handling/],
  ["tail calls", wat("(func $f)", "(return_call $f)"), /^wasm.feature_denied: .*tail calls.*0x12/],
  ["64-bit memory", '(module (memory (export "memory") i64 1) (func (export "_start")))', /^wasm.feature_denied: .*memory64/],
  ["two memories", wat("(memory 1)"), /^wasm.feature_denied: .*multiple memories/],
  ["computed constants", wat("(global i32 (i32.add (i32.const 1) (i32.const 2)))"), /^wasm.feature_denied: .*extended constant.*byte/],
  ["a start section", wat("(func $f) (start $f)"), /^wasm.feature_denied: .*start section.*_start/],
  ["five tables", wat("(table 1 funcref)".repeat(5)), /^wasm.too_large: .*5 tables.*4/],
  ["an import from elsewhere", wat('(import "env" "abort" (func))'), /^wasm.import_denied: .*"env\.abort"/],
  [
    "an unknown function of WASI",
    wat('(import "wasi_snapshot_preview1" "path_invent" (func))'),
    /^wasm.import_denied: .*"wasi_snapshot_preview1\.path_invent"/,
  ],
  ["an older WASI", wat('(import "wasi_unstable" "fd_close" (func (param i32) (result i32)))'), /^wasm.import_denied: .*wasi_unstable/],
  ["a module named like a property of all objects", wat('(import "__proto__" "call" (func))'), /^wasm.import_denied/],
  [
    "an import with a wrong type",
    wat('(import "arcrun" "call" (func (param i64) (result i32)))'),
    /^wasm.import_denied: .*"arcrun\.call" as \(i64 -> i32\)/,
  ],
  ["an imported memory", '(module (import "env" "m" (memory 1)) (func (export "_start")))', /^wasm.import_denied: .*memory "env\.m"/],
  ["an imported table", wat('(import "env" "t" (table 1 funcref))'), /^wasm.import_denied: .*table "env\.t"/],
  ["an imported global", wat('(import "env" "g" (global i32))'), /^wasm.import_denied: .*global "env\.g"/],
  [
    "a memory that begins too large",
    '(module (memory (export "memory") 17) (func (export "_start")))',
    /^wasm.memory: .*1\.0625 MiB.*1 MiB/,
  ],
  ["a table that begins too large", wat("(table 100001 funcref)"), /^wasm.memory: .*100001/],
  ["a lacking memory", '(module (func (export "_start")))', /^wasm.invalid: .*memory/],
  ["a hidden memory", '(module (memory 1) (func (export "_start")))', /^wasm.invalid: .*memory/],
  ["a lacking _start", '(module (memory (export "memory") 1))', /^wasm.invalid: .*_start/],
  ["a _start that takes a value", '(module (memory (export "memory") 1) (func (export "_start") (param i32)))', /^wasm.invalid: .*_start/],
  ["a name that is Arcrun's", wat('(global (export "arcrun_fuel") (mut i64) (i64.const 1))'), /^wasm.invalid: .*arcrun_fuel/],
];

describe("meter", () => {
  it.each(TAKEN)("takes %s", (_what, text) => {
    expect(verdict(compileWat(text))).toBe("taken");
  });

  it.each(REFUSED)("refuses %s", (_what, text, expected) => {
    expect(verdict(compileWat(text))).toMatch(expected);
  });

  it("refuses what is not WASM, and a component", () => {
    expect(verdict(new TextEncoder().encode("hello"))).toMatch(/^wasm.invalid/);
    expect(verdict(Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]))).toMatch(/^wasm.invalid/);
  });

  it("refuses a module that is too large", () => {
    expect(verdict(new Uint8Array(16 * 1024 * 1024 + 1))).toMatch(/^wasm.too_large/);
  });

  it("never makes a module valid that was not", () => {
    // In a module without globals `global.get 0` would be the fuel, and function 1 the first added one, if they were let through.
    const [get, call] = [wat("(global i32 (i32.const 0))", "(drop (global.get 0))"), wat("(func)", "(call 1)")].map(compileWat);
    expect(verdict(replaceLast(get, [0x23, 0], [0x23, 1]))).toMatch(/^wasm.invalid: .*no global 1/);
    expect(verdict(replaceLast(call, [0x10, 1], [0x10, 2]))).toMatch(/^wasm.invalid: .*no function 2/);
  });

  it("refuses or keeps valid every module with one byte changed or cut off", () => {
    const original = readWat("shapes.wat");
    for (let at = 0; at < original.length; at += 1) {
      const changed = original.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      for (const wasm of [changed, original.slice(0, at)]) {
        const isTaken = !verdict(wasm).startsWith("wasm.");
        if (isTaken) expect([at, WebAssembly.validate(meter(wasm, limits).slice())]).toEqual([at, WebAssembly.validate(wasm.slice())]);
      }
    }
  });

  it("bounds the memory by the smaller of the module's and the caller's maximum", () => {
    const maximum = (declared: string): number => {
      const text = `(module (memory (export "memory") ${declared}) (func (export "_start")))`;
      const { exports } = new WebAssembly.Instance(compileWasm(meter(compileWat(text), limits).slice()));
      const memory = exports["memory"];
      if (!(memory instanceof WebAssembly.Memory)) throw new Error("no memory");
      while (memory.buffer.byteLength < 100 * 65_536) {
        try {
          memory.grow(1);
        } catch {
          break;
        }
      }
      return memory.buffer.byteLength / 65_536;
    };
    expect([maximum("1"), maximum("1 4"), maximum("1 100"), maximum("16")]).toEqual([16, 4, 16, 16]);
  });

  it("keeps the names of functions and drops all other custom sections", () => {
    const custom = [0, 4, 3, 0x61, 0x62, 0x63];
    const metered = compileWasm(meter(Uint8Array.from([...readWat("shapes.wat"), ...custom]), limits).slice());
    expect([WebAssembly.Module.customSections(metered, "name").length, WebAssembly.Module.customSections(metered, "abc").length]).toEqual([
      1, 0,
    ]);
  });

  it("writes the same bytes each time", () => {
    expect(meter(readWat("shapes.wat"), limits)).toEqual(meter(readWat("shapes.wat"), limits));
  });
});

function replaceLast(bytes: Uint8Array | undefined, from: readonly number[], to: readonly number[]): Uint8Array {
  const copy = (bytes ?? new Uint8Array()).slice();
  for (let at = copy.length - from.length; at >= 0; at -= 1) {
    if (!from.every((byte, index) => copy[at + index] === byte)) continue;
    copy.set(to, at);
    return copy;
  }
  throw new Error("not found");
}
