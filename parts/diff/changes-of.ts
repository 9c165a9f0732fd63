import { isObject } from "../sdk-js/fields.ts";
import { compareSequences } from "./sequence.ts";

/** An operation of JSON Patch (RFC 6902), with what was there before. */
export type Change =
  | { readonly op: "add"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string; readonly old: unknown }
  | { readonly op: "replace"; readonly path: string; readonly value: unknown; readonly old: unknown };

/** What turns one value into the other, to be applied in this order. */
export function changesOf(before: unknown, after: unknown): readonly Change[] {
  const changes: Change[] = [];
  compare("", before, after, changes);
  return changes;
}

function compare(path: string, before: unknown, after: unknown, changes: Change[]): void {
  if (Array.isArray(before) && Array.isArray(after)) return compareLists(path, before, after, changes);
  if (isObject(before) && isObject(after)) return compareObjects(path, before, after, changes);
  if (before !== after) changes.push({ op: "replace", path, value: after, old: before });
}

function compareObjects(
  path: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  changes: Change[],
): void {
  for (const [key, old] of Object.entries(before)) {
    if (Object.hasOwn(after, key)) compare(at(path, key), old, after[key], changes);
    else changes.push({ op: "remove", path: at(path, key), old });
  }
  for (const [key, value] of Object.entries(after))
    if (!Object.hasOwn(before, key)) changes.push({ op: "add", path: at(path, key), value });
}

/** Items that are the same keep their place; of the rest, what stood where something new stands is compared with that. */
function compareLists(path: string, before: readonly unknown[], after: readonly unknown[], changes: Change[]): void {
  const numberOf = numbering();
  let [taken, index] = [0, 0]; // of the old list, of the list as it becomes
  let gone: readonly unknown[] = [];
  const removeGone = (): void => {
    for (const item of gone) changes.push({ op: "remove", path: at(path, index), old: item });
    gone = [];
  };
  for (const { kind, items } of compareSequences(before.map(numberOf), after.map(numberOf))) {
    const count = items.length;
    if (kind === "removed") gone = before.slice(taken, taken + count);
    else if (kind === "added") {
      const young = after.slice(index, index + count);
      const paired = Math.min(gone.length, count);
      for (let n = 0; n < paired; n += 1) compare(at(path, index + n), gone[n], young[n], changes);
      index += paired;
      gone = gone.slice(paired);
      removeGone();
      for (const value of young.slice(paired)) changes.push({ op: "add", path: at(path, index++), value });
    } else {
      removeGone();
      index += count;
    }
    if (kind !== "added") taken += count;
  }
  removeGone();
}

/** The same number for what is the same, so that lists are compared quickly. */
function numbering(): (value: unknown) => number {
  const numbers = new Map<string, number>();
  return (value) => {
    const text = JSON.stringify(value, (_key, item: unknown) =>
      isObject(item) ? Object.fromEntries(Object.entries(item).toSorted(byKey)) : item,
    );
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

const at = (path: string, key: string | number): string => `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
