import { percentDecode } from "./percent";
import { punycode } from "./punycode";

/** Longer ones belong to nobody, and could cost much. */
const MAX_HOST = 1024;
const FORBIDDEN = " #/:<>?@[\\]^|%";
const PIECES = 8;

/** The host in the form in which addresses are compared, as browsers have it; null when it is none. */
export function normalHost(written: string): string | null {
  if (written.length == 0 || written.length > MAX_HOST) return null;
  if (written.startsWith("[")) return written.endsWith("]") ? ipv6(written.substring(1, written.length - 1)) : null;
  const decoded = percentDecode(written, false, false);
  if (decoded === null) return null;
  const labels = mapped(decoded).split(".");
  for (let i = 0; i < labels.length; i++) {
    labels[i] = inAscii(labels[i]);
    if (!isAllowed(labels[i])) return null;
  }
  const host = labels.join(".");
  if (host.length == 0) return null;
  return endsInNumber(labels) ? ipv4(labels) : host;
}

/** Small letters, full-width forms in ASCII, all dots as dots, soft hyphens gone: what of Unicode's mapping occurs in names. */
function mapped(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit == 0x3002 || unit == 0xff61) result += ".";
    else if (unit >= 0xff01 && unit <= 0xff5e) result += String.fromCharCode(unit - 0xfee0);
    else if (unit != 0xad && unit != 0x200b && unit != 0x2060 && unit != 0xfeff) result += text.charAt(i);
  }
  return result.toLowerCase();
}

function inAscii(label: string): string {
  for (let i = 0; i < label.length; i++) if (label.charCodeAt(i) >= 0x80) return "xn--" + punycode(label);
  return label;
}

function isAllowed(label: string): bool {
  for (let i = 0; i < label.length; i++) {
    const unit = label.charCodeAt(i);
    if (unit <= 0x20 || unit == 0x7f || FORBIDDEN.includes(label.charAt(i))) return false;
  }
  return true;
}

function isDigits(text: string): bool {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false;
  return text.length > 0;
}

function endsInNumber(labels: string[]): bool {
  const hasDot = labels.length > 1 && labels[labels.length - 1].length == 0;
  const last = labels[labels.length - (hasDot ? 2 : 1)];
  return isDigits(last) || (last.startsWith("0x") && numberOf(last) >= 0);
}

/** Decimal, octal after 0, hexadecimal after 0x; -1 for none and for what is too large. */
function numberOf(label: string): i64 {
  const base: i64 = label.startsWith("0x") ? 16 : label.length > 1 && label.startsWith("0") ? 8 : 10;
  if (label.length == 0) return -1;
  let value: i64 = 0;
  for (let i = base == 16 ? 2 : base == 8 ? 1 : 0; i < label.length; i++) {
    const unit = label.charCodeAt(i);
    const digit: i64 = unit >= 0x30 && unit <= 0x39 ? unit - 0x30 : unit >= 0x61 && unit <= 0x66 ? unit - 0x57 : 99;
    if (digit >= base) return -1;
    value = min<i64>(value * base + digit, i64.MAX_VALUE >> 8);
  }
  return value;
}

/** `127.1` and `0x7f000001` are addresses, too: the last number fills what is left. */
function ipv4(labels: string[]): string | null {
  const count = labels[labels.length - 1].length == 0 ? labels.length - 1 : labels.length;
  if (count > 4) return null;
  let address: i64 = 0;
  for (let i = 0; i < count; i++) {
    const value = numberOf(labels[i]);
    const isLast = i == count - 1;
    const limit: i64 = isLast ? (<i64>1) << (8 * (5 - count)) : 256;
    if (value < 0 || value >= limit) return null;
    address += isLast ? value : value << (8 * (3 - i));
  }
  return dotted(address);
}

function dotted(address: i64): string {
  const bytes: string[] = [];
  for (let shift: i64 = 24; shift >= 0; shift -= 8) bytes.push(((address >> shift) & 255).toString());
  return bytes.join(".");
}

function pieceOf(text: string): i32 {
  if (text.length == 0 || text.length > 4) return -1;
  const value = numberOf("0x" + text.toLowerCase());
  return value < 0 ? -1 : <i32>value;
}

/** Two pieces of an address from an IPv4 one at its end, which must be written in full. */
function addDotted(text: string, pieces: i32[]): bool {
  const bytes = text.split(".");
  if (bytes.length != 4) return false;
  for (let i = 0; i < 4; i++) {
    if (!isDigits(bytes[i]) || bytes[i].length > 3 || (bytes[i].length > 1 && bytes[i].startsWith("0"))) return false;
    const value = <i32>parseInt(bytes[i]);
    if (value > 255) return false;
    if (i % 2 == 0) pieces.push(value << 8);
    else pieces[pieces.length - 1] |= value;
  }
  return true;
}

/** The pieces of one side of `::`; false when one is none. */
function addPieces(text: string, mayEndDotted: bool, pieces: i32[]): bool {
  if (text.length == 0) return true;
  const written = text.split(":");
  for (let i = 0; i < written.length; i++) {
    if (mayEndDotted && i == written.length - 1 && written[i].includes(".")) return addDotted(written[i], pieces);
    const piece = pieceOf(written[i]);
    if (piece < 0) return false;
    pieces.push(piece);
  }
  return true;
}

function ipv6(text: string): string | null {
  const sides = text.split("::");
  if (sides.length > 2) return null;
  const head: i32[] = [];
  const tail: i32[] = [];
  if (!addPieces(sides[0], sides.length == 1, head)) return null;
  if (sides.length == 2 && !addPieces(sides[1], true, tail)) return null;
  const missing = PIECES - head.length - tail.length;
  if (sides.length == 1 ? missing != 0 || text.length == 0 : missing < 1) return null;
  for (let i = 0; i < missing; i++) head.push(0);
  return "[" + shortened(head.concat(tail)) + "]";
}

/** The longest run of noughts (from two on) becomes `::`. */
function shortened(pieces: i32[]): string {
  let best = -1;
  let longest = 1;
  for (let i = 0; i < PIECES; i++) {
    let length = 0;
    while (i + length < PIECES && pieces[i + length] == 0) length++;
    if (length > longest) {
      longest = length;
      best = i;
    }
  }
  let text = "";
  for (let i = 0; i < PIECES; i++) {
    if (i == best) {
      text += "::";
      i += longest - 1;
    } else text += (text.length == 0 || text.endsWith(":") ? "" : ":") + pieces[i].toString(16);
  }
  return text;
}
