import { fail } from "./answer";
import { nearest, Shortest } from "./exact";

/** A product or quotient of a whole number below 2^53 and a power of ten up to this one is exact. */
const EXACT_POWER = 22;
/** 2^53: below it every whole number is a double. */
const LARGEST_WHOLE: f64 = 9007199254740992;

/** The number whose JSON text lies from `start` to `end`. */
export function parseNumber(start: usize, end: usize): f64 {
  let p = start;
  const negative = load<u8>(p) == 0x2d;
  if (negative) p++;
  let digits: u64 = 0;
  let count = 0;
  let scale = 0;
  let afterPoint = false;
  for (; p < end; p++) {
    const byte = load<u8>(p);
    if (byte == 0x2e) afterPoint = true;
    else if (byte < 0x30 || byte > 0x39) return slowly(start, end);
    else {
      digits = digits * 10 + (byte - 0x30);
      if (digits != 0) count++;
      if (afterPoint) scale++;
      if (count > 15) return slowly(start, end);
    }
  }
  if (scale > EXACT_POWER) return slowly(start, end);
  const value = <f64>digits / powerOfTen(scale);
  return negative ? -value : value;
}

function powerOfTen(n: i32): f64 {
  let power: f64 = 1;
  for (let i = 0; i < n; i++) power *= 10;
  return power;
}

/** Digits beyond these cannot change which double is nearest, but for ties that nobody writes. */
const MAX_DIGITS = 800;

function refuseNumber(): void {
  fail("part.invalid_input", "the document is no valid JSON");
}

function slowly(start: usize, end: usize): f64 {
  const digits = new Uint8Array(<i32>min<usize>(end - start, MAX_DIGITS));
  let count = 0;
  let scale = 0;
  let afterPoint = false;
  let p = start;
  for (; p < end && (load<u8>(p) | 0x20) != 0x65; p++) {
    const byte = load<u8>(p);
    if (byte == 0x2e) afterPoint = true;
    if ((byte < 0x30 || byte > 0x39) && byte != 0x2e && byte != 0x2d) refuseNumber();
    if (byte < 0x30) continue;
    if (count == MAX_DIGITS) {
      if (!afterPoint) scale++;
      continue;
    }
    if (afterPoint) scale--;
    if (count > 0 || byte > 0x30) digits[count++] = byte - 0x30;
  }
  if (p < end) scale += <i32>parseInt(String.UTF8.decodeUnsafe(p + 1, end - p - 1));
  const value = nearest(digits.subarray(0, count), scale);
  return load<u8>(start) == 0x2d ? -value : value;
}

/** The number that a text in JSON's notation stands for. */
export function numberFrom(text: string): f64 {
  const bytes = String.UTF8.encode(text);
  const start = changetype<usize>(bytes);
  return parseNumber(start, start + bytes.byteLength);
}

/** A number as JavaScript writes it. What is no finite number ends the part with `number.not_finite`. */
export function formatNumber(value: f64): string {
  if (!isFinite(value)) fail("number.not_finite", "the result is no finite number");
  if (value == 0) return "0";
  if (value == Math.floor(value) && Math.abs(value) < LARGEST_WHOLE) return (<i64>value).toString();
  const shortest = new Shortest(Math.abs(value));
  return (value < 0 ? "-" : "") + notation(shortest.digits, shortest.point);
}

/** ECMA-262, Number::toString. */
function notation(digits: string, point: i32): string {
  const length = digits.length;
  if (length <= point && point <= 21) return digits.padEnd(point, "0");
  if (point > 0 && point <= 21) return digits.substring(0, point) + "." + digits.substring(point);
  if (point > -6 && point <= 0) return "0." + "0".repeat(-point) + digits;
  const exponent = (point > 0 ? "e+" : "e-") + abs(point - 1).toString();
  return length == 1 ? digits + exponent : digits.substring(0, 1) + "." + digits.substring(1) + exponent;
}
