/** Hostile modules that no text format writes: what they are, how they are made, and the code that they end with. */
import { name, u32 } from "../../shared/metering/binary-writer.ts";
import { END, body, join, moduleOf, rawModule, repeat, repeated, vector } from "../wasm/raw-module.ts";
import type { HostileModule } from "./judge.ts";

type Row = readonly [title: string, expected: string, make: () => Uint8Array];

const MEMORY = [...name("memory"), 2, 0];
const START = [...name("_start"), 0, 0];
const DENIED = "wasm.feature_denied";
const I32_0 = [0x41, 0];

const FEATURES: readonly Row[] = [
  ["relaxed SIMD", `${DENIED} relaxed SIMD`, () => rawModule([0xfd, ...u32(0x100)])],
  ["reference of a function by type", `${DENIED} typed function references`, () => rawModule([...I32_0, 0x14, 0])],
  [
    "a parameter that is a typed reference",
    `${DENIED} typed function references`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x60, 1, 0x64, 0, 0],
        ]),
      }),
  ],
  [
    "a table with an initial value",
    `${DENIED} typed function references`,
    () => rawModule([], { 4: [1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, END] }),
  ],
  [
    "a struct",
    `${DENIED} garbage collection`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x5f, 0],
        ]),
      }),
  ],
  [
    "an array",
    `${DENIED} garbage collection`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x5e, 0x7f, 1],
        ]),
      }),
  ],
  [
    "types that refer to each other",
    `${DENIED} garbage collection`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x4e, 1, 0x60, 0, 0],
        ]),
      }),
  ],
  ["an allocation on the engine's heap", `${DENIED} garbage collection`, () => rawModule([0xfb, 0, 0, 0x1a])],
  ["a local of type eqref", `${DENIED} garbage collection`, () => moduleOf([join([4], [1, 1, 0x6d, END])])],
  ["a string of the engine", `${DENIED} strings`, () => rawModule([0xfb, ...u32(0x82), 0, 0x1a])],
  [
    "a type of strings",
    `${DENIED} strings`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x60, 1, 0x67, 0],
        ]),
      }),
  ],
  ["an exception caught by table", `${DENIED} exception handling`, () => rawModule([0x1f, 0x40, 0, END])],
  [
    "a reference to an exception",
    `${DENIED} exception handling`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x60, 1, 0x69, 0],
        ]),
      }),
  ],
  ["a continuation", `${DENIED} stack switching`, () => rawModule([0xe0, 0, 0x1a])],
  [
    "a type of continuations",
    `${DENIED} stack switching`,
    () =>
      rawModule([], {
        1: vector([
          [0x60, 0, 0],
          [0x5d, 0],
        ]),
      }),
  ],
  ["arithmetic of 128 bits", `${DENIED} wide arithmetic`, () => rawModule([0xfc, 0x13])],
  ["pages that are given back", `${DENIED} memory control`, () => rawModule([0xfc, 0x12, 0])],
  ["pages of one byte", `${DENIED} custom page sizes`, () => rawModule([], { 5: [1, 8, 1, 0] })],
  ["a table with 64-bit indices", `${DENIED} memory64`, () => rawModule([], { 4: [1, 0x70, 4, 1] })],
  ["an access to a second memory", `${DENIED} multiple memories`, () => rawModule([...I32_0, 0x28, 0x42, 1, 0, 0x1a])],
  ["data for a second memory", `${DENIED} multiple memories`, () => rawModule([], { 11: [1, 2, 1, 0x41, 0, END, 1, 7] })],
  ["an opcode that nobody knows", `${DENIED} an unknown instruction`, () => rawModule([0xff])],
  ["a component", "wasm.invalid core WASM module", () => Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])],
];

const LIES: readonly Row[] = [
  ["four thousand million types", "wasm.too_large types", () => rawModule([], { 1: u32(2 ** 32 - 1) })],
  [
    "four thousand million values in a type",
    "wasm.too_large values in a type",
    () => rawModule([], { 1: [2, 0x60, 0, 0, 0x60, ...u32(2 ** 32 - 1)] }),
  ],
  ["four thousand million locals", "wasm.too_large locals", () => rawModule([], {}, 2 ** 32 - 1)],
  [
    "locals in many groups, which together are more than 2^32",
    "wasm.too_large locals",
    () => moduleOf([sizedBody(repeated([...u32(2 ** 31), 0x7f], 3))]),
  ],
  ["four thousand million branches in a table", "wasm.invalid", () => rawModule([...I32_0, 0x0e, ...u32(2 ** 32 - 1)])],
  [
    "four thousand million elements",
    "wasm.too_large elements",
    () => rawModule([], { 4: [1, 0x70, 0, 1], 9: [1, 0, 0x41, 0, END, ...u32(2 ** 32 - 1)] }),
  ],
  ["four thousand million memories", "wasm.invalid", () => rawModule([], { 5: u32(2 ** 32 - 1) })],
  ["a memory of 65,537 pages at most", "wasm.invalid larger than any", () => rawModule([], { 5: [1, 1, 1, ...u32(65_537)] })],
  ["a section that is longer than the module", "wasm.invalid", () => join(rawModule([]), [0, ...u32(2 ** 31), 1])],
  ["a name that is longer than its section", "wasm.invalid", () => join(rawModule([]), [0, 2, ...u32(100)])],
  ["a name that is not UTF-8", "wasm.invalid UTF-8", () => rawModule([], { 7: vector([MEMORY, START, [2, 0xff, 0xfe, 0, 0]]) })],
  ["a number of six bytes", "wasm.invalid 32 bits", () => rawModule([0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0])],
  ["a number of eleven bytes", "wasm.invalid longer", () => rawModule([0x42, ...repeat([0x80], 10), 0, 0x1a])],
  ["a body without an end", "wasm.invalid no end", () => moduleOf([[2, 0, 0x01]])],
  ["bytes behind the end of a body", "wasm.invalid left over", () => rawModule([END, 0x01])],
  ["more bodies than functions", "wasm.invalid more bodies", () => moduleOf([body([])], { 10: repeated(body([]), 2) })],
  ["more functions than bodies", "wasm.invalid more functions", () => rawModule([], { 3: repeated([0], 2) })],
  ["a section twice", "wasm.invalid twice", () => join(rawModule([]), [10, 4, 1, 2, 0, END])],
  ["an else that has no if", "wasm.invalid types do not fit in function 0", () => rawModule([0x05])],
  [
    "types that do not fit, in function 1 of 3",
    "wasm.invalid types do not fit in function 1",
    () => moduleOf([body([]), body([0x6a, 0x1a]), body([])]),
  ],
  ["an unknown type of a function", "wasm.invalid no type", () => rawModule([], { 3: [1, 7] })],
  ["the added fuel, set by hand", "wasm.invalid no global 0", () => rawModule([0x42, 0, 0x24, 0])],
  ["the added functions, called by hand", "wasm.invalid no function 1", () => rawModule([0x10, 1])],
  [
    "the added functions, as elements",
    "wasm.invalid no function 1",
    () => rawModule([], { 4: [1, 0x70, 0, 1], 9: [1, 0, 0x41, 0, END, 1, 1] }),
  ],
  [
    "the added functions, exported",
    "wasm.invalid no exported thing 2",
    () => rawModule([], { 7: vector([MEMORY, START, [1, 0x67, 0, 2]]) }),
  ],
  ["the added local, read by hand", "wasm.invalid no local 0", () => rawModule([0x20, 0, 0x1a])],
  ["the type of the added functions", "wasm.invalid unknown type", () => rawModule([...I32_0, 0x02, 1, END, 0x1a])],
];

function sizedBody(locals: Uint8Array): Uint8Array {
  const content = join(locals, [END]);
  return join(u32(content.length), content);
}

export const RAW_MODULES: readonly HostileModule[] = [...FEATURES, ...LIES].map(([title, expected, make]) => ({ title, expected, make }));
