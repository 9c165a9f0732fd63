import { Bytes } from "./digest";

const HEX = "0123456789abcdef";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function newText(units: usize): usize {
  return __new(units << 1, idof<string>());
}

export function toHex(bytes: Bytes): string {
  if (bytes.length == 0) return "";
  const text = newText(bytes.length << 1);
  for (let i: usize = 0; i < bytes.length; i++) {
    const byte = load<u8>(bytes.start + i);
    store<u16>(text + (i << 2), <u16>HEX.charCodeAt(byte >> 4));
    store<u16>(text + (i << 2), <u16>HEX.charCodeAt(byte & 15), 2);
  }
  return changetype<string>(text);
}

function digitOf(value: u32, urlSafe: bool): u16 {
  if (urlSafe && value >= 62) return value == 62 ? 0x2d : 0x5f;
  return <u16>BASE64.charCodeAt(value);
}

/** In the alphabet for addresses (- and _, no padding) when `urlSafe`. */
export function toBase64(bytes: Bytes, urlSafe: bool = false): string {
  const rest = bytes.length % 3;
  const units = (bytes.length / 3) * 4 + (rest == 0 ? 0 : urlSafe ? rest + 1 : 4);
  if (units == 0) return "";
  const text = newText(units);
  let to = text;
  for (let i: usize = 0; i < bytes.length; i += 3) {
    let group: u32 = 0;
    for (let n: usize = 0; n < 3; n++) group = (group << 8) | (i + n < bytes.length ? load<u8>(bytes.start + i + n) : 0);
    for (let n: usize = 0; n < 4 && to < text + (units << 1); n++, to += 2)
      store<u16>(to, i + n > bytes.length ? 0x3d : digitOf((group >> (18 - 6 * <u32>n)) & 63, urlSafe));
  }
  return changetype<string>(text);
}

/** The place of the first character that does not belong there, after `fromBase64` or `fromHex` has given null. */
export let wrongAt: i32 = 0;

const SPACE = -1;
const WRONG = -2;

function valueOf(unit: i32): i32 {
  if (unit >= 0x41 && unit <= 0x5a) return unit - 0x41;
  if (unit >= 0x61 && unit <= 0x7a) return unit - 0x61 + 26;
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52;
  if (unit == 0x2b || unit == 0x2d) return 62;
  if (unit == 0x2f || unit == 0x5f) return 63;
  return unit == 0x20 || (unit >= 9 && unit <= 13) ? SPACE : WRONG;
}

function refuse(at: i32): Bytes | null {
  wrongAt = at;
  return null;
}

/** Both alphabets, with or without padding, white space anywhere (mail breaks its lines); null for anything else. */
export function fromBase64(text: string): Bytes | null {
  const start = heap.alloc((<usize>text.length / 4 + 1) * 3);
  let to = start;
  let group: u32 = 0;
  let digits = 0;
  let padding = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const value = valueOf(unit);
    if (value == SPACE) continue;
    if (unit == 0x3d && digits % 4 >= 2 && (digits % 4) + padding < 4) padding++;
    else if (value == WRONG || padding > 0) return refuse(i);
    else {
      group = (group << 6) | <u32>value;
      digits++;
      if (digits % 4 == 0) to = putBytes(to, group, 3);
    }
  }
  const rest = digits % 4;
  if (rest == 1 || (padding > 0 && rest + padding != 4)) return refuse(text.length);
  if (rest > 0) to = putBytes(to, group << (6 * (4 - <u32>rest)), <usize>rest - 1);
  return new Bytes(start, to - start);
}

function putBytes(to: usize, group: u32, count: usize): usize {
  for (let n: usize = 0; n < count; n++) store<u8>(to + n, <u8>(group >> (16 - 8 * <u32>n)));
  return to + count;
}

function hexValue(unit: i32): i32 {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const small = unit | 32;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : WRONG;
}

export function fromHex(text: string): Bytes | null {
  const start = heap.alloc(<usize>text.length / 2 + 1);
  for (let i = 0; i < text.length; i++) {
    const value = hexValue(text.charCodeAt(i));
    if (value == WRONG) return refuse(i);
    const at = start + (<usize>i >> 1);
    store<u8>(at, <u8>((i & 1) == 0 ? value << 4 : load<u8>(at) | value));
  }
  return text.length % 2 == 1 ? refuse(text.length) : new Bytes(start, <usize>text.length >> 1);
}
