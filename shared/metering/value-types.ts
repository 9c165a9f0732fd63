import type { Reader } from "./binary-reader.ts";
import { invalidAt, readByte, readU32 } from "./binary-reader.ts";
import { deniedFeature } from "./opcodes.ts";

const NAMES: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x70: "funcref",
  0x6f: "externref",
};

/** Types of features that are refused; what else lies among them is of garbage collection. */
const DENIED: Readonly<Record<number, string>> = {
  0x7b: "SIMD",
  0x74: "exception handling",
  0x69: "exception handling",
  0x68: "stack switching",
  0x67: "strings",
  0x66: "strings",
  0x64: "typed function references",
  0x63: "typed function references",
  0x62: "strings",
  0x61: "strings",
};

function nameOf(byte: number, position: number): string {
  const name = NAMES[byte];
  if (name !== undefined) return name;
  const denied = DENIED[byte] ?? (byte >= 0x65 && byte <= 0x75 ? "garbage collection" : undefined);
  if (denied !== undefined) throw deniedFeature(denied, `value type 0x${byte.toString(16)}`, position);
  throw invalidAt(position, `0x${byte.toString(16)} is no value type`);
}

export const readValueType = (reader: Reader): string => nameOf(readByte(reader), reader.position - 1);

export function readReferenceType(reader: Reader): string {
  const name = readValueType(reader);
  if (name !== "funcref" && name !== "externref") throw invalidAt(reader.position - 1, `${name} is no reference type`);
  return name;
}

/** Steps over the type of a block: nothing, one value type, or the number of a function type. */
export function skipBlockType(reader: Reader, typeCount: number): void {
  const first = readByte(reader);
  if (first === 0x40) return;
  if (first > 0x40 && first < 0x80) {
    nameOf(first, reader.position - 1);
    return;
  }
  reader.position -= 1;
  if (readU32(reader) >= typeCount) throw invalidAt(reader.position, "a block has an unknown type");
}

/** `max` is undefined when the module declares none. */
export type Bounds = { readonly min: number; readonly max: number | undefined };

/** The most that a memory's or a table's bounds may say, in pages or elements. */
const MAX_BOUND = { memory: 65_536, table: 2 ** 32 - 1 } as const;

/** Reads the limits of a memory or table. @throws ArcrunError `wasm.feature_denied` for shared and 64-bit ones */
export function readBounds(reader: Reader, what: "memory" | "table"): Bounds {
  const position = reader.position;
  const flags = readByte(reader);
  if (flags > 0x0f) throw invalidAt(position, `a ${what} has unknown flags`);
  if ((flags & 0x04) !== 0) throw deniedFeature("memory64", `a 64-bit ${what}`, position);
  if ((flags & 0x02) !== 0) throw deniedFeature("threads", `a shared ${what}`, position);
  if ((flags & 0x08) !== 0) throw deniedFeature("custom page sizes", `a ${what} with its own page size`, position);
  const min = readU32(reader);
  const max = flags === 1 ? readU32(reader) : undefined;
  if (Math.max(min, max ?? 0) > MAX_BOUND[what]) throw invalidAt(reader.position, `a ${what} is larger than any can be`);
  if (max !== undefined && max < min) throw invalidAt(reader.position, `the maximum of a ${what} is below its minimum`);
  return { min, max };
}
