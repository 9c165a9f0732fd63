import { formatNumber } from "./number";

/** The digits of a number without its sign, and how many of them stand before the point (below zero: so many noughts follow it). */
class Digits {
  constructor(
    public digits: string,
    public point: i32,
  ) {}
}

function digitsOf(value: f64): Digits {
  const text = formatNumber(Math.abs(value));
  const e = text.indexOf("e");
  const exponent = e < 0 ? 0 : <i32>parseInt(text.substring(e + 1));
  const mantissa = e < 0 ? text : text.substring(0, e);
  const dot = mantissa.indexOf(".");
  if (dot < 0) return new Digits(mantissa, mantissa.length + exponent);
  return new Digits(mantissa.substring(0, dot) + mantissa.substring(dot + 1), dot + exponent);
}

/** The first `count` digits, rounded half up; one more when it carries over. */
function roundedTo(digits: string, count: i32): string {
  if (count >= digits.length) return digits.padEnd(count, "0");
  let kept = digits.substring(0, count);
  if (digits.charCodeAt(count) < 0x35) return kept;
  let zeros = "";
  while (kept.endsWith("9")) {
    zeros += "0";
    kept = kept.substring(0, kept.length - 1);
  }
  if (kept.length == 0) return "1" + zeros;
  return kept.substring(0, kept.length - 1) + String.fromCharCode(kept.charCodeAt(kept.length - 1) + 1) + zeros;
}

/**
 * The number with so many digits after the point (below zero: tens, hundreds, …), half away from zero.
 * It rounds what people see: 1.005 to two digits is 1.01, though the nearest number that a computer has is below it.
 */
export function roundDecimal(value: f64, places: i32): string {
  const exact = digitsOf(value);
  const count = exact.point + places;
  let digits = count < 0 ? "" : roundedTo(exact.digits, count);
  const point = digits.length > max(count, 0) ? exact.point + 1 : exact.point;
  let whole = point <= 0 ? "0" : digits.substring(0, point).padEnd(point, "0");
  if (count < 0) whole = "0";
  let fraction = "";
  if (places > 0) {
    fraction = point > 0 ? digits.substring(point) : "0".repeat(-point) + digits;
    fraction = "." + fraction.padEnd(places, "0").substring(0, places);
  }
  const text = trimZeros(whole) + fraction;
  return value < 0 && parseFloat(text) != 0 ? "-" + text : text;
}

function trimZeros(whole: string): string {
  let from = 0;
  while (from < whole.length - 1 && whole.charCodeAt(from) == 0x30) from++;
  return whole.substring(from);
}

/** Sets a mark between groups of three digits before the point. */
export function groupThousands(text: string, mark: string): string {
  const dot = text.indexOf(".");
  const whole = dot < 0 ? text : text.substring(0, dot);
  const sign = whole.startsWith("-") ? 1 : 0;
  let grouped = "";
  for (let i = sign; i < whole.length; i++) {
    if (i > sign && (whole.length - i) % 3 == 0) grouped += mark;
    grouped += whole.charAt(i);
  }
  return (sign == 1 ? "-" : "") + grouped + (dot < 0 ? "" : text.substring(dot));
}
