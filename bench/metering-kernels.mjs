/** CPU-bound kernels in AssemblyScript, from a loop of four instructions to an interpreter; each gives a checksum of what it did. */
export const KERNELS = `
function abort(_message: string | null, _file: string | null, _line: u32, _column: u32): void { unreachable(); }

export function sieve(rounds: i32): i32 {
  const size = 1 << 16;
  const flags = heap.alloc(size);
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    memory.fill(flags, 1, size);
    count = 0;
    for (let i = 2; i < size; i++) {
      if (!load<u8>(flags + i)) continue;
      count++;
      for (let j = i + i; j < size; j += i) store<u8>(flags + j, 0);
    }
  }
  return count;
}

const K: StaticArray<u32> = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
const W = new StaticArray<u32>(64);
const H: StaticArray<u32> = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

export function sha256(blocks: i32): i32 {
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 16; i++) unchecked((W[i] = block * 31 + i));
    for (let i = 16; i < 64; i++) {
      const x = unchecked(W[i - 15]);
      const y = unchecked(W[i - 2]);
      const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
      const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
      unchecked((W[i] = W[i - 16] + s0 + W[i - 7] + s1));
    }
    let a = unchecked(H[0]), b = unchecked(H[1]), c = unchecked(H[2]), d = unchecked(H[3]);
    let e = unchecked(H[4]), f = unchecked(H[5]), g = unchecked(H[6]), h = unchecked(H[7]);
    for (let i = 0; i < 64; i++) {
      const t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + unchecked(K[i]) + unchecked(W[i]);
      const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
    }
    unchecked((H[0] += a)); unchecked((H[1] += b)); unchecked((H[2] += c)); unchecked((H[3] += d));
    unchecked((H[4] += e)); unchecked((H[5] += f)); unchecked((H[6] += g)); unchecked((H[7] += h));
  }
  return H[0];
}

/** A scanner of JSON as a part has one: strings with escapes, numbers, nesting. */
export function json(rounds: i32): i32 {
  const text = String.UTF8.encode('{"name":"caf\\\\u00e9","list":[1,2.5,-3e7,true,false,null],"deep":{"a":{"b":{"c":"some text that is longer"}}}}');
  const start = changetype<usize>(text);
  const end = start + text.byteLength;
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    let depth = 0;
    let at = start;
    while (at < end) {
      const byte = load<u8>(at++);
      switch (byte) {
        case 0x22: {
          while (at < end) {
            const inner = load<u8>(at++);
            if (inner == 0x22) break;
            if (inner == 0x5c) at++;
            sum += inner;
          }
          break;
        }
        case 0x7b: case 0x5b: depth++; break;
        case 0x7d: case 0x5d: depth--; break;
        case 0x20: case 0x2c: case 0x3a: break;
        default: {
          if (byte == 0x2d || (byte >= 0x30 && byte <= 0x39)) {
            let value = 0;
            while (at < end) {
              const digit = load<u8>(at);
              if (digit < 0x30 || digit > 0x39) break;
              value = value * 10 + digit - 0x30;
              at++;
            }
            sum += value;
          } else sum ^= byte;
        }
      }
    }
    sum += depth;
  }
  return sum;
}

export function matrix(rounds: i32): i32 {
  const n = 48;
  const a = heap.alloc(n * n * 8), b = heap.alloc(n * n * 8), c = heap.alloc(n * n * 8);
  for (let i = 0; i < n * n; i++) {
    store<f64>(a + (i << 3), i % 7);
    store<f64>(b + (i << 3), i % 5);
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum: f64 = 0;
        for (let k = 0; k < n; k++) sum += load<f64>(a + ((i * n + k) << 3)) * load<f64>(b + ((k * n + j) << 3));
        store<f64>(c + ((i * n + j) << 3), sum);
      }
    }
  }
  return i32(load<f64>(c + 8 * (n + 1)));
}

function fibonacci(n: i32): i32 {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export function fib(n: i32): i32 {
  return fibonacci(n);
}

/** A machine with eight instructions, its loop one switch, as an engine of a scripting language has it. */
export function interpreter(steps: i32): i32 {
  const program = String.UTF8.encode("abcdefghabcadebfhg");
  const code = changetype<usize>(program);
  const length = program.byteLength;
  let x: u32 = 1, y: u32 = 2, z: u32 = 3;
  let at = 0;
  for (let step = 0; step < steps; step++) {
    switch (load<u8>(code + at++) - 97) {
      case 0: x += y; break;
      case 1: y ^= x << 3; break;
      case 2: z = rotl(z, 5) + x; break;
      case 3: if (x & 1) y += 17; else z -= 19; break;
      case 4: x = x * 31 + z; break;
      case 5: y = (y >>> 3) + (z >>> 7) + (x ^ 0x5bd1e995); break;
      case 6: z ^= y; x -= z; break;
      default: x = rotr(x, 11); y += x & z;
    }
    if (at >= length) at = 0;
  }
  return x ^ y ^ z;
}
`;

/** So many rounds that each takes some 30 ms bare. */
export const ROUNDS = { sieve: 200, sha256: 60_000, json: 200_000, matrix: 300, fib: 30, interpreter: 8_000_000 };
