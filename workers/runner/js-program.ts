/*
 * The image of a program: what its memory has in other places than that of a fresh engine, once the program (with its libraries) is loaded.
 * Numbers are unsigned, of 4 bytes, the low one first: magic, value, pages, then for each stretch its address, its length and its bytes.
 */
import type { Engine, Value } from "./js-engine.ts";
import { bytesAt } from "./js-engine.ts";

const MAGIC = 0x314a5341; // "ASJ1"
const HEADER_BYTES = 12;
const PAGE_BYTES = 65_536;

/** `program`: the promise of the module's exports; `pages`: how much memory the engine has by then. */
export type ImageHead = { readonly program: Value; readonly pages: number };
export type Stretch = { readonly at: number; readonly bytes: Uint8Array };

export function encodeImage({ program, pages }: ImageHead, stretches: readonly Stretch[]): Uint8Array {
  const size = stretches.reduce((sum, { bytes }) => sum + 8 + bytes.length, HEADER_BYTES);
  const image = new Uint8Array(size);
  const view = new DataView(image.buffer);
  [MAGIC, program, pages].forEach((value, index) => view.setUint32(index * 4, value, true));
  let position = HEADER_BYTES;
  for (const { at, bytes } of stretches) {
    view.setUint32(position, at, true);
    view.setUint32(position + 4, bytes.length, true);
    image.set(bytes, position + 8);
    position += 8 + bytes.length;
  }
  return image;
}

/** Makes a fresh engine one that has loaded the program. @throws Error for bytes that are no image, and RangeError beyond the memory */
export function applyImage(engine: Engine, image: Uint8Array): Value {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new Error("these bytes are no image of a program");
  const missing = view.getUint32(8, true) - engine.memory.buffer.byteLength / PAGE_BYTES;
  if (missing > 0) engine.memory.grow(missing);
  const memory = bytesAt(engine, 0, engine.memory.buffer.byteLength);
  for (let position = HEADER_BYTES; position < image.length;) {
    const length = view.getUint32(position + 4, true);
    memory.set(image.subarray(position + 8, position + 8 + length), view.getUint32(position, true));
    position += 8 + length;
  }
  return view.getUint32(4, true);
}
