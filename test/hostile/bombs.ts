/** Modules that would keep the host busy before a part has begun, and the largest ones that may. */
import { name, u32 } from "../../shared/metering/binary-writer.ts";
import { MAX_MODULE_BYTES, MAX_TABLE_ELEMENTS } from "../../shared/metering/module-limits.ts";
import { END, body, join, moduleOf, nested, rawModule, repeat, repeated, vector } from "../wasm/raw-module.ts";
import type { HostileModule } from "./judge.ts";

type Row = readonly [title: string, expected: string, make: () => Uint8Array];

const MEMORY = [...name("memory"), 2, 0];
const START = [...name("_start"), 0, 0];
const I32_0 = [0x41, 0];
/** An `if` that sets a local: where it ends, all locals come from two sides. */
const setInIf = (local: number): number[] => [0x20, 0, 0x04, 0x40, ...I32_0, 0x21, ...u32(local), END];

const REFUSED: readonly Row[] = [
  ["17 MiB", "wasm.too_large bytes", () => new Uint8Array(MAX_MODULE_BYTES + 1)],
  ["50,000 functions", "wasm.too_large functions", () => moduleOf(Array.from({ length: 50_000 }, () => body([])))],
  ["20,000 types", "wasm.too_large types", () => rawModule([], { 1: repeated([0x60, 0, 0], 20_000) })],
  [
    "a million imports of one function",
    "wasm.too_large imports",
    () =>
      rawModule([], {
        1: vector([[0x60, 0, 1, 0x7f]]),
        2: repeated([...name("wasi_snapshot_preview1"), ...name("sched_yield"), 0, 0], 300_000),
      }),
  ],
  [
    "100,000 exports",
    "wasm.too_large exports",
    () => rawModule([], { 7: vector(Array.from({ length: 100_000 }, (_, index) => [...name(`e${index}`), 0, 0])) }),
  ],
  ["a million globals", "wasm.too_large globals", () => rawModule([], { 6: repeated([0x7f, 1, 0x41, 0, END], 1_000_000) })],
  [
    "a million elements",
    "wasm.too_large elements",
    () => rawModule([], { 4: [1, 0x70, 0, ...u32(100_000)], 9: repeated(join([0, 0x41, 0, END], repeated([0], 100_000)), 10) }),
  ],
  ["a million segments of data", "wasm.too_large data segments", () => rawModule([], { 11: repeated([0, 0x41, 0, END, 0], 1_000_000) })],
  ["a million locals", "wasm.too_large locals", () => rawModule([], {}, 1_000_000)],
  ["a body of 3 MB", "wasm.too_large body", () => rawModule(repeat([...I32_0, 0x1a], 1_000_000))],
  ["50,000 blocks in each other", "wasm.too_large blocks", () => rawModule(nested(0x02, 50_000, []))],
  ["100,000 loops", "wasm.too_large loops", () => rawModule(repeat([0x03, 0x40, END], 100_000))],
  ["2,001 loops in each other", "wasm.too_large loops", () => rawModule(nested(0x03, 2001, []))],
  [
    "a table of 200,000 branches over 60 locals",
    "wasm.too_large locals times branches",
    () => rawModule(join(nested(0x02, 1, join(I32_0, [0x0e], u32(200_000), repeat([0], 200_001)))), {}, 60),
  ],
  ["20,000 ifs over 10,000 locals", "wasm.too_large locals times branches", () => rawModule(repeat(setInIf(9999), 20_000), {}, 10_000)],
  [
    "functions that are just small enough, by the hundred",
    "wasm.too_large locals times branches in all",
    () => moduleOf(Array.from({ length: 100 }, () => body(repeat(setInIf(999), 1900), 1000))),
  ],
  [
    "16 MB of loops",
    "wasm.too_large places to charge",
    () => moduleOf(Array.from({ length: 2700 }, () => body(repeat([0x03, 0x40, END], 1990)))),
  ],
];

/** Modules at the limits, which are taken: each must be read, metered, compiled and run in the time that the limits promise. */
const TAKEN: readonly (readonly [title: string, make: () => Uint8Array])[] = [
  ["30,000 functions, all of them called", () => moduleOf([body(callAll(29_999)), ...Array.from({ length: 29_999 }, () => body([]))])],
  ["a function with 1,990 ifs over 2,000 locals", () => rawModule(repeat(setInIf(1999), 1990), {}, 2000)],
  [
    "25 functions with 1,900 ifs over 1,000 locals",
    () => moduleOf([body(callAll(25)), ...Array.from({ length: 25 }, () => body(repeat(setInIf(999), 1900), 1000))]),
  ],
  ["a body of half a megabyte of calls", () => moduleOf([body(repeat([0x10, 1], 262_000)), body([])])],
  ["2,000 loops in each other", () => rawModule(nested(0x03, 2000, []))],
  ["9,990 blocks in each other", () => rawModule(nested(0x02, 9990, []))],
  ["a table of 65,000 branches", () => rawModule(nested(0x02, 1, join(I32_0, [0x0e], u32(65_000), repeat([0], 65_001))), {}, 60)],
  ["the most of everything that makes an instance", instanceBomb],
];

function instanceBomb(): Uint8Array {
  const table = u32(MAX_TABLE_ELEMENTS);
  return rawModule([], {
    4: repeated([0x70, 0, ...table], 4),
    6: repeated([0x7f, 1, 0x41, 0, END], 10_000),
    7: vector([MEMORY, START, ...Array.from({ length: 998 }, (_, index) => [...name(`e${index}`), 0, 0])]),
    9: repeated(join([0, 0x41, 0, END], repeated([0], MAX_TABLE_ELEMENTS)), 2),
    11: repeated([0, 0x41, 0, END, 0], 100_000),
  });
}

function callAll(count: number): Uint8Array {
  return join(...Array.from({ length: count }, (_, index) => [0x10, ...u32(index + 1)]));
}

export const BOMBS: readonly HostileModule[] = REFUSED.map(([title, expected, make]) => ({ title, expected, make }));
/** They do nothing, so they answer nothing. */
export const LARGEST_MODULES: readonly HostileModule[] = TAKEN.map(([title, make]) => ({ title, expected: "part.bad_output", make }));
