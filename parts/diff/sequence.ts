import diffSequences from "@jest/diff-sequences";

/** A stretch that both have, that only the first has, or only the second; in this order where they meet. */
export type Stretch<Item> = { readonly kind: "same" | "removed" | "added"; readonly items: readonly Item[] };

/** Each takes about a microsecond. */
const MAX_COMPARISONS = 200_000;
const TOO_MANY = new Error("too many comparisons");

/** The fewest changes from one list to the other. For lists with very many differences (500 or so): all of it is taken for changed. */
export function compareSequences<Item>(before: readonly Item[], after: readonly Item[]): readonly Stretch<Item>[] {
  const found: (readonly [count: number, before: number, after: number])[] = [];
  let comparisons = 0;
  const isCommon = (a: number, b: number): boolean => {
    comparisons += 1;
    if (comparisons > MAX_COMPARISONS) throw TOO_MANY;
    return before[a] === after[b];
  };
  try {
    diffSequences(before.length, after.length, isCommon, (...common) => found.push(common));
  } catch (thrown) {
    if (thrown !== TOO_MANY) throw thrown;
    found.splice(0);
  }
  return stretchesOf(before, after, [...found, [0, before.length, after.length]]);
}

function stretchesOf<Item>(
  before: readonly Item[],
  after: readonly Item[],
  common: readonly (readonly [count: number, before: number, after: number])[],
): readonly Stretch<Item>[] {
  let [a, b] = [0, 0];
  const stretches = common.flatMap(([count, nextA, nextB]): readonly Stretch<Item>[] => {
    const removed = before.slice(a, nextA);
    const added = after.slice(b, nextB);
    [a, b] = [nextA + count, nextB + count];
    return [
      { kind: "removed", items: removed },
      { kind: "added", items: added },
      { kind: "same", items: before.slice(nextA, a) },
    ];
  });
  return stretches.filter(({ items }) => items.length > 0);
}
