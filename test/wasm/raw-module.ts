/** Modules byte by byte, for what wabt cannot write: features that are newer than it, lies about lengths, and things by the ten thousand. */
import { createWriter, name, u32, writeBytes, writeSized, written } from "../../shared/metering/binary-writer.ts";

type Bytes = ArrayLike<number>;
/** Sections by number, each its content; those not given are those of an empty command. */
export type RawSections = Readonly<Record<number, Bytes>>;

const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
export const END = 0x0b;

export function join(...parts: readonly Bytes[]): Uint8Array {
  const out = createWriter();
  for (const part of parts) writeBytes(out, part);
  return written(out).slice();
}

export function repeat(bytes: Bytes, count: number): Uint8Array {
  const out = new Uint8Array(bytes.length * count);
  for (let at = 0; at < count; at += 1) out.set(bytes, at * bytes.length);
  return out;
}

/** A vector: how many there are, and then those. */
export const vector = (items: readonly Bytes[]): Uint8Array => join(u32(items.length), ...items);
export const repeated = (item: Bytes, count: number): Uint8Array => join(u32(count), repeat(item, count));

const sized = (bytes: Bytes): Uint8Array => join(u32(bytes.length), bytes);
/** A function's body; `locals` of the type i32. */
export const body = (code: Bytes, locals = 0): Uint8Array => sized(join(locals === 0 ? [0] : [1, ...u32(locals), 0x7f], code, [END]));
/** `count` blocks, or loops, around some code. */
export const nested = (opcode: number, count: number, code: Bytes): Uint8Array =>
  join(repeat([opcode, 0x40], count), code, repeat([END], count));

/** A module whose function 0 is `_start` with this code, unless sections say otherwise. */
export function rawModule(code: Bytes, sections: RawSections = {}, locals = 0): Uint8Array {
  const all: Record<number, Bytes> = {
    1: vector([[0x60, 0, 0]]),
    3: vector([[0]]),
    5: [1, 0, 1],
    7: vector([
      [...name("memory"), 2, 0],
      [...name("_start"), 0, 0],
    ]),
    10: vector([body(code, locals)]),
    ...sections,
  };
  const out = createWriter();
  writeBytes(out, [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  for (const id of ORDER) {
    const content = all[id];
    if (content === undefined) continue;
    writeBytes(out, [id]);
    writeSized(out, content);
  }
  return written(out).slice();
}

/** A module of these functions, all without parameters and results; the first is `_start`. */
export const moduleOf = (bodies: readonly Bytes[], sections: RawSections = {}): Uint8Array =>
  rawModule([], { 3: repeated([0], bodies.length), 10: vector(bodies), ...sections });
