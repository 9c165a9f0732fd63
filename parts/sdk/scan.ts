/**
 * Finds where JSON values end, without reading what is in them.
 *
 * Invariants
 * 1. A document lies in a buffer with PADDING bytes after it that hold quotes: a text that is not closed ends there.
 * 2. What is scanned was written by the host, so it is JSON; broken JSON must end in a failure, but need not be told apart.
 */

const ONES: u64 = 0x0101010101010101;
const HIGHS: u64 = 0x8080808080808080;
const QUOTES: u64 = 0x2222222222222222;
const BACKSLASHES: u64 = 0x5c5c5c5c5c5c5c5c;

export const QUOTE: u8 = 0x22;
export const BACKSLASH: u8 = 0x5c;
export const COMMA: u8 = 0x2c;
export const COLON: u8 = 0x3a;
export const OPEN_LIST: u8 = 0x5b;
export const OPEN_OBJECT: u8 = 0x7b;
const CLOSE_LIST: u8 = 0x5d;
const CLOSE_OBJECT: u8 = 0x7d;

export function skipSpace(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) <= 0x20) p++;
  return p;
}

/** The closing quote of the text whose content begins at `p`; eight bytes a step. */
export function closingQuote(p: usize): usize {
  while (true) {
    const word = load<u64>(p);
    const quotes = word ^ QUOTES;
    const slashes = word ^ BACKSLASHES;
    // the lowest marked byte is exact: a borrow can only mark bytes above a true hit
    const hits = (((quotes - ONES) & ~quotes) | ((slashes - ONES) & ~slashes)) & HIGHS;
    if (hits == 0) {
      p += 8;
      continue;
    }
    p += <usize>(ctz(hits) >> 3);
    if (load<u8>(p) == QUOTE) return p;
    p += 2;
  }
}

function isScalarByte(byte: u8): bool {
  return byte > 0x20 && byte != COMMA && byte != CLOSE_LIST && byte != CLOSE_OBJECT;
}

/** Just after the value that begins at `p`; 0 when there is none before `end`. */
export function valueEnd(p: usize, end: usize): usize {
  if (p >= end) return 0;
  const first = load<u8>(p);
  if (first == QUOTE) {
    const close = closingQuote(p + 1) + 1;
    return close <= end ? close : 0;
  }
  if (first == OPEN_LIST || first == OPEN_OBJECT) return containerEnd(p, end);
  const start = p;
  while (p < end && isScalarByte(load<u8>(p))) p++;
  return p > start ? p : 0;
}

/** For each byte: +1 for what opens, -1 for what closes, IS_QUOTE for a quote, 0 for all else. */
const turns: usize = memory.data(256);
const IS_QUOTE: i8 = 2;

function fillTurns(): void {
  store<i8>(turns + OPEN_LIST, 1);
  store<i8>(turns + OPEN_OBJECT, 1);
  store<i8>(turns + CLOSE_LIST, -1);
  store<i8>(turns + CLOSE_OBJECT, -1);
  store<i8>(turns + QUOTE, IS_QUOTE);
}

/** The padding's quotes stop every scan (invariant 1), so only there the end is compared. */
function containerEnd(p: usize, end: usize): usize {
  if (load<i8>(turns + QUOTE) == 0) fillTurns();
  let depth: i32 = 0;
  while (true) {
    // fuel is charged by the length of a loop's body: what most bytes are must go through a short one
    let turn: i8;
    do turn = load<i8>(turns + load<u8>(p++));
    while (turn == 0);
    if (turn == IS_QUOTE) {
      p = closingQuote(p) + 1;
      if (p > end) return 0;
    } else {
      depth += turn;
      if (depth == 0) return p;
    }
  }
}
