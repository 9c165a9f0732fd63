import { writeAll } from "./io";
import { Json } from "./json";
import { formatNumber } from "./number";
import { isHighSurrogate, isLowSurrogate } from "./text";

const BLOCK: usize = 16 * 1024;
/** From this size on raw bytes are not copied but referred to: ten megabytes go through without a second copy. */
const REFER: usize = 1024;
const HEX = "0123456789abcdef";

/**
 * Builds a JSON document as a list of pieces.
 *
 * Invariants
 * 1. What was written before `open` is in `starts` and `lengths`, in order; what comes after it lies from `open` to `at`.
 * 2. Referred bytes are never changed: the heap of a part is not freed.
 */
export class Writer {
  private starts: usize[] = [];
  private lengths: usize[] = [];
  private open: usize = 0;
  private at: usize = 0;
  private limit: usize = 0;

  /** Makes room for `size` bytes in one piece. */
  private need(size: usize): void {
    if (this.at + size <= this.limit) return;
    this.close();
    const capacity = max(BLOCK, size);
    this.open = heap.alloc(capacity);
    this.at = this.open;
    this.limit = this.open + capacity;
  }

  private close(): void {
    if (this.at == this.open) return;
    this.starts.push(this.open);
    this.lengths.push(this.at - this.open);
    this.open = this.at;
  }

  /** Bytes that are JSON already. */
  bytes(start: usize, length: usize): Writer {
    if (length >= REFER) {
      this.close();
      this.starts.push(start);
      this.lengths.push(length);
      return this;
    }
    this.need(length);
    memory.copy(this.at, start, length);
    this.at += length;
    return this;
  }

  json(value: Json): Writer {
    return this.bytes(value.start, value.end - value.start);
  }

  /** ASCII that is JSON already: punctuation, names of fields. */
  put(ascii: string): Writer {
    this.need(ascii.length);
    let at = this.at;
    for (let i = 0; i < ascii.length; i++) store<u8>(at++, <u8>ascii.charCodeAt(i));
    this.at = at;
    return this;
  }

  bool(value: bool): Writer {
    return this.put(value ? "true" : "false");
  }

  number(value: f64): Writer {
    return this.put(formatNumber(value));
  }

  /** `text` as a JSON text. Half a surrogate pair is written as an escape, as JSON.stringify does. */
  text(text: string): Writer {
    this.put('"');
    for (let from = 0; from < text.length; from += 1024) this.textPiece(text, from, min(from + 1024, text.length));
    return this.put('"');
  }

  private textPiece(text: string, from: i32, to: i32): void {
    this.need(<usize>(to - from) * 6);
    let at = this.at;
    for (let i = from; i < to; i++) {
      const unit: u32 = text.charCodeAt(i);
      if (unit < 0x80) {
        if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) store<u8>(at++, <u8>unit);
        else at = putEscape(at, unit);
      } else if (unit < 0x800) {
        store<u8>(at, <u8>(0xc0 | (unit >> 6)));
        store<u8>(at, <u8>(0x80 | (unit & 0x3f)), 1);
        at += 2;
      } else if ((unit & 0xf800) != 0xd800) {
        at = putThree(at, unit);
      } else if (isHighSurrogate(unit) && i + 1 < text.length && isLowSurrogate(text.charCodeAt(i + 1))) {
        at = putFour(at, 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(i + 1) & 0x3ff));
      } else if (isHighSurrogate(unit) || i == 0 || !isHighSurrogate(text.charCodeAt(i - 1))) {
        at = putUnicodeEscape(at, unit);
      }
    }
    this.at = at;
  }

  /** Everything as one piece of memory: its start; `size` tells its length. Has the padding that a document needs. */
  joined(): usize {
    this.close();
    const start = heap.alloc(this.size + 16);
    let to = start;
    for (let i = 0; i < this.starts.length; i++) {
      memory.copy(to, this.starts[i], this.lengths[i]);
      to += this.lengths[i];
    }
    return start;
  }

  get size(): usize {
    let size = this.at - this.open;
    for (let i = 0; i < this.lengths.length; i++) size += this.lengths[i];
    return size;
  }

  sendTo(fd: i32): void {
    this.close();
    for (let i = 0; i < this.starts.length; i++) writeAll(fd, this.starts[i], this.lengths[i]);
  }
}

function putEscape(at: usize, unit: u32): usize {
  let letter: u8 = 0;
  if (unit == 0x22 || unit == 0x5c) letter = <u8>unit;
  else if (unit == 0x0a) letter = 0x6e;
  else if (unit == 0x0d) letter = 0x72;
  else if (unit == 0x09) letter = 0x74;
  else if (unit == 0x08) letter = 0x62;
  else if (unit == 0x0c) letter = 0x66;
  if (letter == 0) {
    if (unit >= 0x20) {
      store<u8>(at, <u8>unit);
      return at + 1;
    }
    return putUnicodeEscape(at, unit);
  }
  store<u8>(at, 0x5c);
  store<u8>(at, letter, 1);
  return at + 2;
}

function putUnicodeEscape(at: usize, unit: u32): usize {
  store<u8>(at, 0x5c);
  store<u8>(at, 0x75, 1);
  for (let i = 0; i < 4; i++) store<u8>(at + 2 + i, <u8>HEX.charCodeAt((unit >> (12 - 4 * i)) & 15));
  return at + 6;
}

function putThree(at: usize, unit: u32): usize {
  store<u8>(at, <u8>(0xe0 | (unit >> 12)));
  store<u8>(at, <u8>(0x80 | ((unit >> 6) & 0x3f)), 1);
  store<u8>(at, <u8>(0x80 | (unit & 0x3f)), 2);
  return at + 3;
}

function putFour(at: usize, point: u32): usize {
  store<u8>(at, <u8>(0xf0 | (point >> 18)));
  store<u8>(at, <u8>(0x80 | ((point >> 12) & 0x3f)), 1);
  store<u8>(at, <u8>(0x80 | ((point >> 6) & 0x3f)), 2);
  store<u8>(at, <u8>(0x80 | (point & 0x3f)), 3);
  return at + 4;
}
