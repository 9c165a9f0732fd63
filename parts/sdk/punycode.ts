const BASE = 36;
const LEAST = 1;
const MOST = 26;
const SKEW = 38;
const DAMP = 700;

function digit(value: i32): string {
  return String.fromCharCode(value < 26 ? value + 0x61 : value - 26 + 0x30);
}

function adapt(delta: i32, count: i32, isFirst: bool): i32 {
  delta = isFirst ? delta / DAMP : delta / 2;
  delta += delta / count;
  let k = 0;
  for (; delta > ((BASE - LEAST) * MOST) / 2; k += BASE) delta /= BASE - LEAST;
  return k + ((BASE - LEAST + 1) * delta) / (delta + SKEW);
}

/** A label of a host name in ASCII (RFC 3492), without `xn--`. For labels of some hundred characters at most. */
export function punycode(label: string): string {
  const points: i32[] = [];
  for (let i = 0; i < label.length; i++) {
    const point = label.codePointAt(i);
    if (point > 0xffff) i++;
    points.push(point);
  }
  let result = "";
  for (let i = 0; i < points.length; i++) if (points[i] < 0x80) result += String.fromCharCode(points[i]);
  const plain = result.length;
  if (plain > 0) result += "-";
  let done = plain;
  let current = 0x80;
  let delta = 0;
  let bias = 72;
  while (done < points.length) {
    let next = i32.MAX_VALUE;
    for (let i = 0; i < points.length; i++) if (points[i] >= current && points[i] < next) next = points[i];
    delta += (next - current) * (done + 1);
    current = next;
    for (let i = 0; i < points.length; i++) {
      if (points[i] < current) delta++;
      if (points[i] != current) continue;
      let rest = delta;
      for (let k = BASE; ; k += BASE) {
        const threshold = k <= bias ? LEAST : k >= bias + MOST ? MOST : k - bias;
        if (rest < threshold) break;
        result += digit(threshold + ((rest - threshold) % (BASE - threshold)));
        rest = (rest - threshold) / (BASE - threshold);
      }
      result += digit(rest);
      bias = adapt(delta, done + 1, done == plain);
      delta = 0;
      done++;
    }
    delta++;
    current++;
  }
  return result;
}
