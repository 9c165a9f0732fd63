/** A growing run of bytes. */
export type Writer = { bytes: Uint8Array; length: number };

export const createWriter = (capacity = 256): Writer => ({
  bytes: new Uint8Array(capacity),
  length: 0,
});

export const written = (writer: Writer): Uint8Array => writer.bytes.subarray(0, writer.length);

export function writeBytes(writer: Writer, bytes: ArrayLike<number>): void {
  const needed = writer.length + bytes.length;
  if (needed > writer.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, writer.bytes.length * 2));
    grown.set(written(writer));
    writer.bytes = grown;
  }
  writer.bytes.set(bytes, writer.length);
  writer.length = needed;
}

/** An unsigned LEB128 number of at most 32 bits. */
export function u32(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

/** A signed LEB128 number; any whole number that JavaScript holds exactly. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = ((rest % 128) + 128) % 128;
    rest = Math.floor(rest / 128);
    const isLast = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
    if (isLast) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...u32(bytes.length), ...bytes];
}

export function writeSized(writer: Writer, bytes: ArrayLike<number>): void {
  writeBytes(writer, u32(bytes.length));
  writeBytes(writer, bytes);
}
