/** Valid modules with something changed in their bytes, as a seed decides it. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compileWat } from "../wasm/compile-wat.ts";
import { randomModule } from "../wasm/random-module.ts";
import { createSeeded, type Seeded } from "../wasm/seeded.ts";

const RANDOM_BASES = 24;
const MAX_CHANGES = 4;
/** Opcodes that take and give the same types, so that one in place of another is as valid. */
const ALIKE: readonly (readonly [first: number, last: number])[] = [
  [0x46, 0x4f],
  [0x51, 0x5a],
  [0x5b, 0x60],
  [0x6a, 0x78],
  [0x7c, 0x8a],
  [0x8b, 0x91],
  [0x99, 0x9f],
  [0xa0, 0xa6],
];
const TELLING = [0x00, 0x01, 0x0b, 0x0c, 0x0d, 0x0e, 0x10, 0x11, 0x20, 0x23, 0x24, 0x40, 0x41, 0x70, 0x7f, 0x80, 0xfc, 0xff];

/** The modules that are changed: those of the corpus, all shapes of control flow, and random ones. */
export function readBases(root: string): readonly Uint8Array[] {
  const folder = join(root, "test/hostile");
  const hostile = readdirSync(folder).filter((name) => name.endsWith(".wat"));
  const texts = [...hostile.toSorted().map((name) => join(folder, name)), join(root, "test/wasm/shapes.wat")].map((path) =>
    readFileSync(path, "utf8"),
  );
  return [...texts, ...Array.from({ length: RANDOM_BASES }, (_, seed) => randomModule(seed))].map(compileWat);
}

export function mutate(bases: readonly Uint8Array[], seed: number): Uint8Array {
  const random = createSeeded(seed);
  let bytes = random.pick(bases);
  for (let left = 1 + random.below(MAX_CHANGES); left > 0; left -= 1) bytes = random.pick(CHANGES)(bytes, random, bases);
  return bytes;
}

type Change = (bytes: Uint8Array, random: Seeded, bases: readonly Uint8Array[]) => Uint8Array;

/** Behind the header, where a change is seen at once. */
const somewhere = (bytes: Uint8Array, random: Seeded): number => 8 + random.below(Math.max(1, bytes.length - 8));

function replaced(bytes: Uint8Array, from: number, to: number, by: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(bytes.length - (to - from) + by.length);
  out.set(bytes.subarray(0, from));
  out.set(by, from);
  out.set(bytes.subarray(to), from + by.length);
  return out;
}

function changed(bytes: Uint8Array, at: number, by: number): Uint8Array {
  const out = bytes.slice();
  out[at] = by;
  return out;
}

const flipBit: Change = (bytes, random) => {
  const at = somewhere(bytes, random);
  return changed(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
};

const exchangeAlike: Change = (bytes, random) => {
  const start = somewhere(bytes, random);
  for (let at = start; at < bytes.length; at += 1) {
    const range = ALIKE.find(([first, last]) => (bytes[at] ?? 0) >= first && (bytes[at] ?? 0) <= last);
    if (range !== undefined) return changed(bytes, at, range[0] + random.below(range[1] - range[0] + 1));
  }
  return bytes;
};

/** The operand of an instruction: a constant, a local, a label, a function. */
const changeOperand: Change = (bytes, random) => {
  const start = somewhere(bytes, random);
  for (let at = start; at + 1 < bytes.length; at += 1) {
    const opcode = bytes[at] ?? 0;
    if ([0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x41, 0x42].includes(opcode))
      return changed(bytes, at + 1, random.below(random.chance(70) ? 4 : 128));
  }
  return bytes;
};

const CHANGES: readonly Change[] = [
  flipBit,
  exchangeAlike,
  exchangeAlike,
  exchangeAlike,
  exchangeAlike,
  exchangeAlike,
  changeOperand,
  changeOperand,
  changeOperand,
  changeOperand,
  changeOperand,
  changeOperand,
  changeOperand,
  (bytes, random) => changed(bytes, somewhere(bytes, random), random.pick(TELLING)),
  (bytes, random) => changed(bytes, somewhere(bytes, random), random.below(256)),
  (bytes, random) => {
    const at = somewhere(bytes, random);
    return replaced(bytes, at, at, [random.pick(TELLING)]);
  },
  (bytes, random) => {
    const at = somewhere(bytes, random);
    return replaced(bytes, at, Math.min(bytes.length, at + 1 + random.below(8)), []);
  },
  (bytes, random) => bytes.slice(0, somewhere(bytes, random)),
  (bytes, random, bases) => {
    const [at, other] = [somewhere(bytes, random), random.pick(bases)];
    const from = random.below(other.length);
    return replaced(bytes, at, Math.min(bytes.length, at + random.below(32)), other.subarray(from, from + random.below(32)));
  },
];
