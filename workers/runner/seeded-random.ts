const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const KEY_BYTES = 32;
const BLOCK_WORDS = 16;
/** The four columns and the four diagonals of a ChaCha double round. */
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/**
 * An endless row of bytes that depends on the seed only: the key stream of ChaCha20 (RFC 8439) with the seed as key, so that
 * who sees some of it (a UUID) cannot tell the rest (a token). A seed that is not 32 bytes long is folded to that.
 * @returns a function that fills the bytes it is given with the next of the row
 */
export function createSeededRandom(seed: Uint8Array): (target: Uint8Array) => void {
  let words: readonly number[] | undefined; // most parts never ask
  let counter = 0;
  let block = new Uint8Array();
  let used = 0;
  return (target) => {
    for (let done = 0; done < target.length;) {
      if (used === block.length) {
        words ??= keyWords(seed);
        block = chachaBlock(Uint32Array.from([...CONSTANTS, ...words, counter, 0, 0, 0]));
        counter += 1;
        used = 0;
      }
      const taken = block.subarray(used, used + target.length - done);
      target.set(taken, done);
      done += taken.length;
      used += taken.length;
    }
  };
}

function keyWords(seed: Uint8Array): readonly number[] {
  const key = new Uint8Array(KEY_BYTES);
  seed.forEach((byte, index) => (key[index % KEY_BYTES] = (key[index % KEY_BYTES] ?? 0) ^ byte));
  const view = new DataView(key.buffer);
  return Array.from({ length: KEY_BYTES / 4 }, (_, index) => view.getUint32(index * 4, true));
}

function chachaBlock(initial: Uint32Array): Uint8Array<ArrayBuffer> {
  const state = initial.slice();
  for (let round = 0; round < 10; round += 1) for (const [a, b, c, d] of QUARTERS) quarterRound(state, a, b, c, d);
  const out = new DataView(new ArrayBuffer(BLOCK_WORDS * 4));
  for (let index = 0; index < BLOCK_WORDS; index += 1) out.setUint32(index * 4, at(state, index) + at(initial, index), true);
  return new Uint8Array(out.buffer);
}

const at = (words: Uint32Array, index: number): number => words[index] ?? 0;

function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  const mix = (sum: number, other: number, turned: number, bits: number): void => {
    state[sum] = at(state, sum) + at(state, other);
    const mixed = at(state, turned) ^ at(state, sum);
    state[turned] = (mixed << bits) | (mixed >>> (32 - bits));
  };
  mix(a, b, d, 16);
  mix(c, d, b, 12);
  mix(a, b, d, 8);
  mix(c, d, b, 7);
}
