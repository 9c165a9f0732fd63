import { fail } from "./answer";

/** A product or quotient of a whole number below 2^53 and a power of ten up to this one is exact. */
const EXACT_POWER = 22;

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

function slowly(start: usize, end: usize): f64 {
  const value = parseFloat(String.UTF8.decodeUnsafe(start, end - start));
  if (isNaN(value)) fail("part.invalid_input", "the document is no valid JSON");
  return value;
}

/** A number as JavaScript writes it. What is no finite number ends the part with `number.not_finite`. */
export function formatNumber(value: f64): string {
  if (!isFinite(value)) fail("number.not_finite", "the result is no finite number");
  if (value == 0) return "0";
  const text = value.toString();
  return text.endsWith(".0") ? text.substring(0, text.length - 2) : text;
}
