/** Operations on texts and values whose cost must be known: linear time, and measured before anything is written. */
import { ArcrunError } from "../errors.ts";
import { type Budget, spendOnText, textThatFits } from "./expression-budget.ts";

/** The engine's own search takes time (text × needle) at worst; up to this length of the needle that is as good as linear. */
const MAX_PLAIN_NEEDLE_CHARS = 32;
/** Deeper than any value that may enter a run. Keeps recursion over values off the end of the stack. */
export const MAX_VALUE_DEPTH = 500;

/** The number of code points. */
export function countCodePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (isPair) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}

/** Whether `needle` occurs in `text`, in linear time (Knuth, Morris and Pratt for long needles). */
export function containsText(text: string, needle: string): boolean {
  if (needle.length > text.length) return false;
  if (needle.length <= MAX_PLAIN_NEEDLE_CHARS || needle.length === text.length) return text.includes(needle);
  const borders = new Int32Array(needle.length);
  let length = 0;
  for (let at = 1; at < needle.length; at += 1) {
    length = extend(needle, borders, length, needle.charCodeAt(at));
    borders[at] = length;
  }
  length = 0;
  for (let at = 0; at < text.length; at += 1) {
    length = extend(needle, borders, length, text.charCodeAt(at));
    if (length === needle.length) return true;
  }
  return false;
}

/** How much of the needle matches after this unit, when `matched` of it did before. */
function extend(needle: string, borders: Int32Array, matched: number, unit: number): number {
  let length = matched;
  while (length > 0 && needle.charCodeAt(length) !== unit) length = borders[length - 1] ?? 0;
  return needle.charCodeAt(length) === unit ? length + 1 : length;
}

/**
 * The length of the value as JSON in UTF-16 units, escapes not counted, so never more than its size in bytes. Texts are not
 * read. Each object is walked once, however often it is referred to; counting ends soon after `limit`.
 * Throws `expression.too_complex` for a value that is nested too deeply.
 */
export function measureJson(value: unknown, limit: number, known = new Map<object, number>(), depth = 0): number {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return String(value).length;
  const before = known.get(value);
  if (before !== undefined) return before;
  if (depth > MAX_VALUE_DEPTH) throw new ArcrunError("expression.too_complex", "the value is nested too deeply");
  let size = 2;
  const isList = Array.isArray(value);
  for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
    size += measureJson(item, limit - size, known, depth + 1) + (isList ? 1 : String(key).length + 4);
    if (size > limit) return size;
  }
  known.set(value, size);
  return size;
}

/** The value among text: a text as it is, everything else as JSON. Paid for before it is written. */
export function writeAsText(value: unknown, budget: Budget): string {
  const size = typeof value === "string" ? value.length : measureJson(value, textThatFits(budget));
  spendOnText(budget, size);
  return typeof value === "string" ? value : JSON.stringify(value);
}
