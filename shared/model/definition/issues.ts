/** Collects what is wrong with a document, so that all of it is told at once. */
import type { Issue } from "../errors.ts";
import { nearestWord } from "./nearest-word.ts";

/** More than so many errors help nobody; the last one says how many were left out. */
export const MAX_ISSUES = 50;
const MAX_SHOWN_CHARS = 64;

/** A place in a document: a JSON pointer (RFC 6901) that is made longer step by step. */
export const at = (pointer: string, ...path: readonly (string | number)[]): string =>
  pointer + path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** A detail that is dear to make (it looks for the nearest word) is made only if it will be read. */
type Detail = string | (() => string);

export type Issues = {
  readonly error: (pointer: string, code: string, detail: Detail) => void;
  readonly warn: (pointer: string, code: string, detail: Detail) => void;
  readonly hasErrors: () => boolean;
  readonly errors: () => readonly Issue[];
  readonly warnings: () => readonly Issue[];
};

/** `lineOf` gives the line of a pointer, counted from 1, if the text is known. */
export function createIssues(lineOf: (pointer: string) => number | undefined = () => undefined): Issues {
  const errors = createList(lineOf);
  const warnings = createList(lineOf);
  return {
    error: errors.add,
    warn: warnings.add,
    hasErrors: () => errors.count() > 0,
    errors: errors.all,
    warnings: warnings.all,
  };
}

function createList(lineOf: (pointer: string) => number | undefined) {
  const seen = new Set<string>();
  const kept: Issue[] = [];
  const add = (pointer: string, code: string, detail: Detail): void => {
    const full = kept.length >= MAX_ISSUES;
    const text = full ? "" : typeof detail === "string" ? detail : detail();
    const key = JSON.stringify([pointer, code, text]);
    if (seen.has(key)) return;
    seen.add(key);
    if (full) return;
    const line = lineOf(pointer);
    kept.push({ pointer, code, detail: text, ...(line === undefined ? {} : { line }) });
  };
  const all = (): readonly Issue[] => {
    if (seen.size <= MAX_ISSUES) return kept;
    const more = seen.size - MAX_ISSUES + 1;
    return [...kept.slice(0, MAX_ISSUES - 1), { pointer: "", code: "definition.more_issues", detail: `and ${more} more places` }];
  };
  return { add, all, count: () => seen.size };
}

/** What was found, in at most 64 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? `"${value}"` : Array.isArray(value) ? "a list" : isMap(value) ? "a map" : JSON.stringify(value);
  const chars = Array.from(text.slice(0, 2 * MAX_SHOWN_CHARS));
  return chars.length <= MAX_SHOWN_CHARS && text.length <= 2 * MAX_SHOWN_CHARS ? text : `${chars.slice(0, MAX_SHOWN_CHARS - 1).join("")}…`;
}

/** ` Did you mean "x"?`, or nothing. */
export function meant(word: string, candidates: Iterable<string>): string {
  const near = nearestWord(word.slice(0, MAX_SHOWN_CHARS), candidates);
  return near === undefined ? "" : ` Did you mean "${near}"?`;
}

export type JsonMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is JsonMap => typeof value === "object" && value !== null && !Array.isArray(value);

/** Only what the map itself holds: `constructor` is an ordinary absent key. */
export const field = (map: JsonMap, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);

/** Reports every key of `map` that is not known, with the nearest one that is. */
export function checkKeys(map: JsonMap, known: readonly string[], pointer: string, issues: Issues, code: string): void {
  for (const key of Object.keys(map)) {
    if (known.includes(key)) continue;
    issues.error(at(pointer, key), code, `unknown key ${shown(key)}; expected one of ${known.join(", ")}.${meant(key, known)}`);
  }
}
