import { ArcrunError } from "../model/errors.ts";

/** A place in a module. `end` is the first byte that does not belong to the part being read; no read goes past it. */
export type Reader = { readonly bytes: Uint8Array; position: number; readonly end: number };

export const createReader = (bytes: Uint8Array, start = 0, end = bytes.length): Reader => ({
  bytes,
  position: start,
  end,
});

/** The error for a module that breaks the binary format, with the byte where reading stopped. */
export const invalidAt = (position: number, problem: string): ArcrunError =>
  new ArcrunError("wasm.invalid", `the module is not valid WASM: ${problem} (at byte ${position})`, { details: { position } });

export const isAtEnd = (reader: Reader): boolean => reader.position >= reader.end;

export function readByte(reader: Reader): number {
  const byte = reader.position < reader.end ? reader.bytes[reader.position] : undefined;
  if (byte === undefined) throw invalidAt(reader.position, "it ends in the middle of something");
  reader.position += 1;
  return byte;
}

/** An unsigned LEB128 number of at most 32 bits. */
export function readU32(reader: Reader): number {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = readByte(reader);
    if (index === 4 && byte > 0x0f) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  throw invalidAt(reader.position, "a number has more than 32 bits");
}

/** Steps over a signed or unsigned LEB128 number of at most `maxBytes` bytes; its bits are checked by the engine that compiles the module. */
export function skipLeb(reader: Reader, maxBytes: number): void {
  for (let index = 0; index < maxBytes; index += 1) if (readByte(reader) < 0x80) return;
  throw invalidAt(reader.position, `a number is longer than ${maxBytes} bytes`);
}

export function skipBytes(reader: Reader, count: number): void {
  if (count > reader.end - reader.position) throw invalidAt(reader.position, "it ends in the middle of something");
  reader.position += count;
}

/** Reads a length and gives a reader of exactly so many bytes; the outer reader then stands behind them. */
export function readSized(reader: Reader): Reader {
  const size = readU32(reader);
  const start = reader.position;
  skipBytes(reader, size);
  return createReader(reader.bytes, start, start + size);
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function readName(reader: Reader): string {
  const { bytes, position, end } = readSized(reader);
  try {
    return UTF8.decode(bytes.subarray(position, end));
  } catch {
    throw invalidAt(position, "a name is not UTF-8");
  }
}

export function expectEnd(reader: Reader, what: string): void {
  if (!isAtEnd(reader)) throw invalidAt(reader.position, `${what} has bytes left over`);
}
