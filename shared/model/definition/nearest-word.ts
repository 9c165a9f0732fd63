/** From so many characters on, a candidate's stem (all but its last) tells what was meant: `retries` for `retry`. */
const MIN_STEM_CHARS = 4;
/** The words compared are names and keys; longer ones are never a slip of the finger, and the distance is quadratic. */
const MAX_WORD_CHARS = 128;

/**
 * The candidate that `word` was probably meant to be: the same but for upper and lower case, else the one fewest edits
 * away, at most a third of the word's length (and always one), else the one with the same stem. An edit adds, drops or changes a
 * character, or swaps two neighbours.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  if (word === "" || word.length > MAX_WORD_CHARS) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let related: string | undefined;
  let bestEdits = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (other === wanted) return candidate;
    const stem = other.slice(0, -1);
    if (stem.length >= MIN_STEM_CHARS && wanted.startsWith(stem)) related ??= candidate;
    if (Math.abs(other.length - wanted.length) >= bestEdits) continue;
    const edits = countEdits(wanted, other);
    // A word of one or two letters of which none is kept is another word.
    if (edits < bestEdits && edits < Math.max(wanted.length, other.length)) [best, bestEdits] = [candidate, edits];
  }
  return best ?? related;
}

/** The Damerau-Levenshtein distance (optimal string alignment), in UTF-16 units. */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const viaSwap = swapped ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity;
      const viaGap = Math.min(last[column] ?? Infinity, current[column - 1] ?? Infinity) + 1;
      current.push(Math.min(viaGap, (last[column - 1] ?? Infinity) + same, viaSwap));
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? Infinity;
}
