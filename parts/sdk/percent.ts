import { decodeUtf8 } from "./utf8";

const HEX = "0123456789ABCDEF";

function isAlphanumeric(byte: i32): bool {
  return (byte >= 0x30 && byte <= 0x39) || ((byte | 32) >= 0x61 && (byte | 32) <= 0x7a);
}

/** Writes %XX for each byte of UTF-8 that is neither kept nor, with `isListed`, outside of the list; white space as + when `plus`. */
function encode(text: string, list: string, isListed: bool, plus: bool): string {
  if (text.length == 0) return "";
  const bytes = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  const from = changetype<usize>(bytes);
  const target = heap.alloc(<usize>bytes.byteLength * 3);
  let to = target;
  for (let i = 0; i < bytes.byteLength; i++) {
    const byte: i32 = load<u8>(from + i);
    const isInList = byte < 0x80 && list.includes(String.fromCharCode(byte));
    const isKept = isListed ? byte > 0x1f && byte < 0x7f && !isInList : isAlphanumeric(byte) || isInList;
    if (isKept) store<u8>(to++, <u8>byte);
    else if (plus && byte == 0x20) store<u8>(to++, 0x2b);
    else {
      store<u8>(to, 0x25);
      store<u8>(to, <u8>HEX.charCodeAt(byte >> 4), 1);
      store<u8>(to, <u8>HEX.charCodeAt(byte & 15), 2);
      to += 3;
    }
  }
  return String.UTF8.decodeUnsafe(target, to - target);
}

/** As the URL standard encodes a part of an address: control characters, what is beyond ASCII, and `refused`. */
export function encodeAllBut(text: string, refused: string): string {
  return encode(text, refused, true, false);
}

/** As `encodeURIComponent` does. */
export function encodeComponent(text: string): string {
  return encode(text, "-_.!~*'()", false, false);
}

/** As a form is encoded: a space is +. */
export function encodeForm(text: string): string {
  return encode(text, "*-._", false, true);
}

function hexDigit(unit: i32): i32 {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const small = unit | 32;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}

/** %XX becomes a byte, any other % stays. With `strict` null when the bytes are no UTF-8; else those become U+FFFD. */
export function percentDecode(text: string, plus: bool, strict: bool): string | null {
  const bytes = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  const start = changetype<usize>(bytes);
  const end = start + bytes.byteLength;
  let to = start;
  for (let p = start; p < end; p++) {
    const byte = load<u8>(p);
    const high = byte == 0x25 && p + 2 < end ? hexDigit(load<u8>(p, 1)) : -1;
    const low = high >= 0 ? hexDigit(load<u8>(p, 2)) : -1;
    if (low >= 0) {
      store<u8>(to++, <u8>((high << 4) | low));
      p += 2;
    } else store<u8>(to++, plus && byte == 0x2b ? 0x20 : byte);
  }
  return decodeUtf8(start, to - start, strict);
}
