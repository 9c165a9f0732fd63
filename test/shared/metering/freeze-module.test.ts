import { describe, expect, it } from "vitest";
import type { ModuleRules } from "../../../shared/metering/allowed-imports.ts";
import { PART_RULES } from "../../../shared/metering/allowed-imports.ts";
import { ENGINE_RULES } from "../../../shared/metering/engine-rules.ts";
import { freezeModule } from "../../../shared/metering/freeze-module.ts";
import { findRuns } from "../../../shared/metering/memory-runs.ts";
import { meter } from "../../../shared/metering/meter.ts";
import { compileWasm, compileWat } from "../../wasm/compile-wat.ts";

const LIBRARY = `(module
  (memory (export "memory") 1) (global $g (mut i32) (i32.const 7)) (data (i32.const 16) "once")
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "write") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "hidden") (result i32) (global.get $g)))`;

type Library = {
  memory: WebAssembly.Memory;
  grow(pages: number): number;
  read(at: number): number;
  write(at: number, value: number): void;
  arcrun_fuel: { value: bigint };
  arcrun_memory_refused: { value: number };
  arcrun_max_pages: { value: number };
};

const rules = (more: Partial<ModuleRules>): ModuleRules => ({ ...PART_RULES, isCommand: false, hasMemoryLimit: true, ...more });
const limits = { maxMemoryPages: 10 };
const metered = meter(compileWat(LIBRARY), limits, rules({}));

function instantiate(wasm: Uint8Array): Library {
  // as: what the module above exports
  const library = new WebAssembly.Instance(compileWasm(wasm.slice()), {}).exports as unknown as Library;
  library.arcrun_fuel.value = 1_000_000n;
  return library;
}

describe("A module of the host's own", () => {
  it("needs no _start, and is refused by the rules for parts", () => {
    expect(() => meter(compileWat(LIBRARY), limits)).toThrow('it does not export a function "_start"');
    expect(() =>
      meter(compileWat('(module (import "env" "host_call" (func)) (memory (export "memory") 1))'), limits, ENGINE_RULES),
    ).toThrow('the module imports "env.host_call" as (->); it is (i32 i32 i32 i32 i32 -> i32)');
    expect(() => meter(compileWat('(module (import "arcrun" "call" (func)) (memory (export "memory") 1))'), limits, ENGINE_RULES)).toThrow(
      'the module imports "arcrun.call", which a part may not',
    );
  });

  it("can be given less memory than it was built for, and says that it was refused", () => {
    const library = instantiate(metered);
    expect([library.arcrun_max_pages.value, library.grow(2), library.arcrun_memory_refused.value]).toEqual([10, 1, 0]);
    library.arcrun_max_pages.value = 4;
    expect([library.grow(2), library.arcrun_memory_refused.value, library.grow(1), library.grow(0), library.grow(-1)]).toEqual([
      -1, 1, 3, 4, -1,
    ]);
    library.arcrun_max_pages.value = 1;
    expect([library.grow(1), library.grow(0), library.memory.buffer.byteLength]).toEqual([-1, -1, 4 * 65_536]);
  });

  it("pays for growth as a part does", () => {
    const library = instantiate(metered);
    library.grow(2);
    const used = 1_000_000n - library.arcrun_fuel.value;
    expect(used).toBeGreaterThan(2n * 4096n);
  });
});

describe("A frozen module", () => {
  it("begins with the memory that an instance had, and with the exports and constants that it was given", () => {
    const first = instantiate(metered);
    first.grow(2);
    first.write(16, 0);
    first.write(2 * 65_536 + 5, 9);
    const exports = new Set(["memory", "read", "grow", "write", "arcrun_fuel", "arcrun_memory_refused", "arcrun_max_pages"]);
    const frozen = freezeModule(metered, {
      memory: new Uint8Array(first.memory.buffer),
      exports,
      constants: { start: -5, random: 131_072 },
    });
    const second = instantiate(frozen);
    expect(new Uint8Array(second.memory.buffer)).toEqual(new Uint8Array(first.memory.buffer));
    expect([16, 17, 2 * 65_536 + 5].map((at) => second.read(at))).toEqual([0, 0x6e, 9]);
    const { start, random } = second as unknown as Record<string, { value: number }>; // the constants
    expect([start?.value, random?.value, Object.keys(second).toSorted()]).toEqual([
      -5,
      131_072,
      [...exports, "start", "random"].toSorted(),
    ]);
    expect([second.grow(7), second.grow(1)]).toEqual([3, -1]);
  });

  it("finds where memory differs, with short gaps filled", () => {
    const bytes = Uint8Array.from([0, 1, 0, 0, 1, 0, 0, 0, 0, 1]);
    expect(findRuns(bytes, new Uint8Array(), 3)).toEqual([
      { start: 1, end: 5 },
      { start: 9, end: 10 },
    ]);
    expect(findRuns(bytes, bytes, 3)).toEqual([]);
    expect(findRuns(bytes, bytes.subarray(0, 9), 3)).toEqual([{ start: 9, end: 10 }]);
  });
});
