const BLOCK: usize = 64;

export const enum Algorithm {
  Md5,
  Sha1,
  Sha256,
}

/** Bytes somewhere in memory. */
export class Bytes {
  constructor(
    public start: usize,
    public length: usize,
  ) {}
}

const state: usize = memory.data(32, 8);
const words: usize = memory.data(320, 8);
const table: usize = memory.data(256, 8);

function begin(algorithm: Algorithm): void {
  if (algorithm == Algorithm.Sha256) {
    let n = 0;
    // the first 32 bits of the fractions of square and cube roots of the first primes: the exact way FIPS 180-4 defines them
    for (let candidate = 2; n < 64; candidate++) {
      if (!isPrime(candidate)) continue;
      if (n < 8) store<u32>(state + (n << 2), fraction(Math.sqrt(<f64>candidate)));
      store<u32>(table + (n << 2), fraction(cubeRoot(<f64>candidate)));
      n++;
    }
    return;
  }
  store<u32>(state, 0x67452301);
  store<u32>(state, 0xefcdab89, 4);
  store<u32>(state, 0x98badcfe, 8);
  store<u32>(state, 0x10325476, 12);
  store<u32>(state, 0xc3d2e1f0, 16);
  if (algorithm == Algorithm.Md5)
    for (let i = 0; i < 64; i++) store<u32>(table + (i << 2), <u32>Math.floor(Math.abs(Math.sin(<f64>(i + 1))) * 4294967296.0));
}

function isPrime(n: i32): bool {
  for (let d = 2; d * d <= n; d++) if (n % d == 0) return false;
  return true;
}

/** One step of Newton brings the last bits in. */
function cubeRoot(x: f64): f64 {
  const root = Math.cbrt(x);
  return root - (root * root * root - x) / (3 * root * root);
}

function fraction(x: f64): u32 {
  return <u32>((x - Math.floor(x)) * 4294967296.0);
}

/** The digest of some bytes, in newly allocated memory. */
export function digest(algorithm: Algorithm, message: Bytes): Bytes {
  begin(algorithm);
  const isMd5 = algorithm == Algorithm.Md5;
  const whole = message.length & ~(BLOCK - 1);
  for (let at: usize = 0; at < whole; at += BLOCK) block(algorithm, message.start + at);
  const rest = message.length - whole;
  const tail = heap.alloc(BLOCK * 2);
  const size: usize = rest < 56 ? BLOCK : BLOCK * 2;
  memory.fill(tail, 0, size);
  memory.copy(tail, message.start + whole, rest);
  store<u8>(tail + rest, 0x80);
  const bits = (<u64>message.length) << 3;
  store<u64>(tail + size - 8, isMd5 ? bits : bswap<u64>(bits));
  for (let at: usize = 0; at < size; at += BLOCK) block(algorithm, tail + at);
  const length: usize = isMd5 ? 16 : algorithm == Algorithm.Sha1 ? 20 : 32;
  const result = heap.alloc(length);
  for (let i: usize = 0; i < length; i += 4) store<u32>(result + i, isMd5 ? load<u32>(state + i) : bswap<u32>(load<u32>(state + i)));
  return new Bytes(result, length);
}

function block(algorithm: Algorithm, at: usize): void {
  if (algorithm == Algorithm.Sha256) sha256Block(at);
  else if (algorithm == Algorithm.Sha1) sha1Block(at);
  else md5Block(at);
}

function add(offset: usize, value: u32): void {
  store<u32>(state + offset, load<u32>(state + offset) + value);
}

function sha256Block(at: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(words + i, bswap<u32>(load<u32>(at + i)));
  for (let i: usize = 64; i < 256; i += 4) {
    const x = load<u32>(words + i - 60);
    const y = load<u32>(words + i - 8);
    const s0 = rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >> 3);
    const s1 = rotr<u32>(y, 17) ^ rotr<u32>(y, 19) ^ (y >> 10);
    store<u32>(words + i, load<u32>(words + i - 64) + s0 + load<u32>(words + i - 28) + s1);
  }
  let a = load<u32>(state),
    b = load<u32>(state, 4),
    c = load<u32>(state, 8),
    d = load<u32>(state, 12);
  let e = load<u32>(state, 16),
    f = load<u32>(state, 20),
    g = load<u32>(state, 24),
    h = load<u32>(state, 28);
  for (let i: usize = 0; i < 256; i += 4) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + s1 + ((e & f) ^ (~e & g)) + load<u32>(table + i) + load<u32>(words + i);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
  add(16, e);
  add(20, f);
  add(24, g);
  add(28, h);
}

function sha1Block(at: usize): void {
  for (let i: usize = 0; i < 64; i += 4) store<u32>(words + i, bswap<u32>(load<u32>(at + i)));
  for (let i: usize = 64; i < 320; i += 4) {
    const mixed = load<u32>(words + i - 12) ^ load<u32>(words + i - 32) ^ load<u32>(words + i - 56) ^ load<u32>(words + i - 64);
    store<u32>(words + i, rotl<u32>(mixed, 1));
  }
  let a = load<u32>(state),
    b = load<u32>(state, 4),
    c = load<u32>(state, 8),
    d = load<u32>(state, 12),
    e = load<u32>(state, 16);
  for (let i: usize = 0; i < 320; i += 4) {
    let f: u32, k: u32;
    if (i < 80) {
      f = (b & c) | (~b & d);
      k = 0x5a827999;
    } else if (i < 160) {
      f = b ^ c ^ d;
      k = 0x6ed9eba1;
    } else if (i < 240) {
      f = (b & c) | (b & d) | (c & d);
      k = 0x8f1bbcdc;
    } else {
      f = b ^ c ^ d;
      k = 0xca62c1d6;
    }
    const next = rotl<u32>(a, 5) + f + e + k + load<u32>(words + i);
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = next;
  }
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
  add(16, e);
}

/** The turns of MD5, one byte for each round of four. */
const TURNS: StaticArray<u8> = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

function md5Block(at: usize): void {
  let a = load<u32>(state),
    b = load<u32>(state, 4),
    c = load<u32>(state, 8),
    d = load<u32>(state, 12);
  for (let i: u32 = 0; i < 64; i++) {
    const round = i >> 4;
    let f: u32, g: u32;
    if (round == 0) {
      f = (b & c) | (~b & d);
      g = i;
    } else if (round == 1) {
      f = (d & b) | (~d & c);
      g = (5 * i + 1) & 15;
    } else if (round == 2) {
      f = b ^ c ^ d;
      g = (3 * i + 5) & 15;
    } else {
      f = c ^ (b | ~d);
      g = (7 * i) & 15;
    }
    const sum = f + a + load<u32>(table + ((<usize>i) << 2)) + load<u32>(at + ((<usize>g) << 2));
    a = d;
    d = c;
    c = b;
    b += rotl<u32>(sum, TURNS[(round << 2) | (i & 3)]);
  }
  add(0, a);
  add(4, b);
  add(8, c);
  add(12, d);
}

/** RFC 2104. */
export function hmac(algorithm: Algorithm, key: Bytes, message: Bytes): Bytes {
  const short = key.length > BLOCK ? digest(algorithm, key) : key;
  const inner = padded(short, 0x36, message);
  return digest(algorithm, padded(short, 0x5c, digest(algorithm, inner)));
}

/** The key, filled up to a block and mixed with `pad`, and the message after it. */
function padded(key: Bytes, pad: u8, message: Bytes): Bytes {
  const start = heap.alloc(BLOCK + message.length);
  memory.fill(start, pad, BLOCK);
  for (let i: usize = 0; i < key.length; i++) store<u8>(start + i, load<u8>(key.start + i) ^ pad);
  memory.copy(start + BLOCK, message.start, message.length);
  return new Bytes(start, BLOCK + message.length);
}
