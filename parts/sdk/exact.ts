import { Big } from "./big";

const FRACTION_BITS = 52;
const HIDDEN_BIT: u64 = 1 << 52;
const LEAST_EXPONENT = -1074;
/** So many digits fit into 64 bits. */
const SAFE_DIGITS = 19;
const EXACT_POWER = 22;
/** Below 0.1 × 10^-323 all is nought, from 0.1 × 10^310 on nothing is finite. */
const LEAST_POINT = -323;
const MOST_POINT = 309;

function exponentOf(bits: u64): i32 {
  return max<i32>(<i32>(bits >> FRACTION_BITS), 1) - 1 + LEAST_EXPONENT;
}

function significandOf(bits: u64): u64 {
  const fraction = bits & (HIDDEN_BIT - 1);
  return bits >> FRACTION_BITS == 0 ? fraction : fraction | HIDDEN_BIT;
}

/** How digits × 10^scale lies to the middle between the double of these bits and the next one. */
function compareWithMiddle(digits: Uint8Array, scale: i32, bits: u64): i32 {
  const exponent = exponentOf(bits) - 1;
  const value = new Big(0);
  for (let i = 0; i < digits.length; i++) value.times(10, digits[i]);
  value.timesPowerOfTen(scale).timesPowerOfTwo(-exponent);
  return value.compare(new Big(significandOf(bits) * 2 + 1).timesPowerOfTen(-scale).timesPowerOfTwo(exponent));
}

/** A double that is some steps from digits × 10^scale at most. */
function near(digits: Uint8Array, scale: i32): f64 {
  const count = min(digits.length, SAFE_DIGITS);
  let whole: u64 = 0;
  for (let i = 0; i < count; i++) whole = whole * 10 + digits[i];
  let value = <f64>whole;
  let power = scale + digits.length - count;
  for (; power > EXACT_POWER; power -= EXACT_POWER) value *= 1e22;
  for (; power < -EXACT_POWER; power += EXACT_POWER) value /= 1e22;
  for (; power > 0; power--) value *= 10;
  for (; power < 0; power++) value /= 10;
  return value;
}

/** The double that is nearest to digits × 10^scale (of two, the even one). */
export function nearest(digits: Uint8Array, scale: i32): f64 {
  const point = digits.length + scale;
  if (digits.length == 0 || point < LEAST_POINT) return 0;
  if (point > MOST_POINT) return Infinity;
  let bits = max<u64>(1, reinterpret<u64>(min(near(digits, scale), f64.MAX_VALUE)));
  while (true) {
    const above = compareWithMiddle(digits, scale, bits);
    const isOdd = (bits & 1) == 1;
    if (above > 0 || (above == 0 && isOdd)) {
      bits++;
      continue;
    }
    if (bits == 0) return 0;
    const below = compareWithMiddle(digits, scale, bits - 1);
    if (below > 0 || (below == 0 && !isOdd)) return reinterpret<f64>(bits);
    bits--;
  }
}

/** The fewest digits that no other double is nearest to: 0.digits × 10^point. */
export class Shortest {
  digits: string = "";
  point: i32 = 0;

  /** The method of Steele and White, in the form of Burger and Dybvig; for a finite value above zero. */
  constructor(value: f64) {
    const bits = reinterpret<u64>(value);
    const exponent = exponentOf(bits);
    const significand = significandOf(bits);
    // at a power of two the next double below is half as far away
    const isEdge = significand == HIDDEN_BIT && exponent > LEAST_EXPONENT ? 1 : 0;
    const up = max(exponent, 0);
    const down = max(-exponent, 0);
    const rest = new Big(significand).timesPowerOfTwo(up + 1 + isEdge);
    const unit = new Big(1).timesPowerOfTwo(down + 1 + isEdge);
    const above = new Big(1).timesPowerOfTwo(up + isEdge);
    const below = new Big(1).timesPowerOfTwo(up);
    this.generate(value, (significand & 1) == 0, [rest, unit, above, below]);
  }

  private generate(value: f64, isEven: bool, numbers: Big[]): void {
    const rest = numbers[0];
    const unit = numbers[1];
    const above = numbers[2];
    const below = numbers[3];
    const limit = isEven ? 0 : 1;
    this.point = <i32>Math.ceil(Math.log10(value) - 1e-10);
    unit.timesPowerOfTen(this.point);
    rest.timesPowerOfTen(-this.point);
    above.timesPowerOfTen(-this.point);
    below.timesPowerOfTen(-this.point);
    if (rest.plus(above).compare(unit) >= limit) {
      this.point++;
      unit.times(10);
    }
    while (true) {
      rest.times(10);
      above.times(10);
      below.times(10);
      let digit = 0;
      for (; rest.compare(unit) >= 0; digit++) rest.minus(unit);
      const isLow = isEven ? rest.compare(below) <= 0 : rest.compare(below) < 0;
      const isHigh = rest.plus(above).compare(unit) >= limit;
      const half = rest.plus(rest).compare(unit);
      // of two that are as near, the even one
      if (isHigh && (!isLow || half > 0 || (half == 0 && (digit & 1) == 1))) digit++;
      this.digits += digit.toString();
      if (isLow || isHigh) return;
    }
  }
}
