import { BACKSLASH } from "./scan";

export function isSameBytes(a: usize, aLength: usize, b: usize, bLength: usize): bool {
  return aLength == bLength && memory.compare(a, b, aLength) == 0;
}

function hexDigit(byte: u8): u32 {
  return byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
}

function hexUnit(p: usize): u32 {
  return (hexDigit(load<u8>(p)) << 12) | (hexDigit(load<u8>(p, 1)) << 8) | (hexDigit(load<u8>(p, 2)) << 4) | hexDigit(load<u8>(p, 3));
}

/** How many UTF-16 units the text between the quotes has. */
function countUnits(p: usize, end: usize): i32 {
  let units = 0;
  while (p < end) {
    const byte = load<u8>(p);
    if (byte == BACKSLASH) p += load<u8>(p, 1) == 0x75 ? 6 : 2;
    else if (byte < 0x80) p++;
    else if (byte < 0xe0) p += 2;
    else if (byte < 0xf0) p += 3;
    else {
      p += 4;
      units++;
    }
    units++;
  }
  return units;
}

function unescaped(byte: u8): u16 {
  if (byte == 0x6e) return 0x0a;
  if (byte == 0x74) return 0x09;
  if (byte == 0x72) return 0x0d;
  if (byte == 0x62) return 0x08;
  return byte == 0x66 ? 0x0c : byte;
}

/** The text whose JSON content (between the quotes) lies from `p` to `end`. Allocates exactly what the text needs. */
export function decodeText(p: usize, end: usize): string {
  const size = (<usize>countUnits(p, end)) << 1;
  if (size == 0) return "";
  const target = __new(size, idof<string>());
  let to = target;
  while (p < end) {
    const byte = load<u8>(p);
    if (byte == BACKSLASH) {
      const kind = load<u8>(p, 1);
      store<u16>(to, kind == 0x75 ? <u16>hexUnit(p + 2) : unescaped(kind));
      p += kind == 0x75 ? 6 : 2;
    } else if (byte < 0x80) {
      store<u16>(to, byte);
      p++;
    } else if (byte < 0xe0) {
      store<u16>(to, <u16>(((<u32>byte & 0x1f) << 6) | (load<u8>(p, 1) & 0x3f)));
      p += 2;
    } else if (byte < 0xf0) {
      store<u16>(to, <u16>(((<u32>byte & 0x0f) << 12) | ((<u32>load<u8>(p, 1) & 0x3f) << 6) | (load<u8>(p, 2) & 0x3f)));
      p += 3;
    } else {
      const high = ((<u32>byte & 0x07) << 18) | ((<u32>load<u8>(p, 1) & 0x3f) << 12);
      const point = (high | ((<u32>load<u8>(p, 2) & 0x3f) << 6) | (load<u8>(p, 3) & 0x3f)) - 0x10000;
      store<u16>(to, <u16>(0xd800 | (point >> 10)));
      store<u16>(to, <u16>(0xdc00 | (point & 0x3ff)), 2);
      to += 2;
      p += 4;
    }
    to += 2;
  }
  return changetype<string>(target);
}

export function isHighSurrogate(unit: u32): bool {
  return (unit & 0xfc00) == 0xd800;
}

export function isLowSurrogate(unit: u32): bool {
  return (unit & 0xfc00) == 0xdc00;
}

/** White space as `String.prototype.trim` knows it. */
export function isSpace(unit: u32): bool {
  if (unit <= 0x20) return unit == 0x20 || (unit >= 9 && unit <= 13);
  if (unit < 0xa0) return false;
  return unit == 0xa0 || unit == 0x1680 || (unit >= 0x2000 && unit <= 0x200a) || isRareSpace(unit);
}

function isRareSpace(unit: u32): bool {
  return unit == 0x2028 || unit == 0x2029 || unit == 0x202f || unit == 0x205f || unit == 0x3000 || unit == 0xfeff;
}

function isPair(text: string, at: i32): bool {
  return isHighSurrogate(text.charCodeAt(at)) && at + 1 < text.length && isLowSurrogate(text.charCodeAt(at + 1));
}

/** The length in characters (code points), so that an emoji counts as one. */
export function countCharacters(text: string, from: i32 = 0, to: i32 = text.length): i32 {
  let count = 0;
  for (let i = from; i < to; i++) {
    if (isPair(text, i)) i++;
    count++;
  }
  return count;
}

/** Where the character `n` behind `from` begins, in UTF-16 units; the end of the text when it has fewer. */
export function unitOf(text: string, n: i32, from: i32 = 0): i32 {
  let i = from;
  for (; n > 0 && i < text.length; n--) i += isPair(text, i) ? 2 : 1;
  return i;
}
