/** The definition as JSON: whether it is, and the canonical form that names its version. */
import type { Issues } from "./definition/issues.ts";
import { at, isMap } from "./definition/issues.ts";
import { MAX_DEFINITION_BYTES, MAX_JSON_DEPTH } from "./limits.ts";

type Budget = { chars: number };

/** False if the value is not JSON, nests too deep or is too large; says so in `issues`. Shared values count each time. */
export function checkJson(value: unknown, issues: Issues): boolean {
  const budget: Budget = { chars: MAX_DEFINITION_BYTES };
  const problem = problemOf(value, "", 0, budget);
  if (problem === undefined) return true;
  issues.error(problem.pointer, problem.code, problem.detail);
  return false;
}

type Problem = { readonly pointer: string; readonly code: string; readonly detail: string };

function problemOf(value: unknown, pointer: string, depth: number, budget: Budget): Problem | undefined {
  budget.chars -= typeof value === "string" ? value.length + 2 : 2;
  if (budget.chars < 0) {
    return {
      pointer: "",
      code: "definition.too_large",
      detail: `a definition may have ${MAX_DEFINITION_BYTES} bytes`,
    };
  }
  if (depth > MAX_JSON_DEPTH) {
    return {
      pointer,
      code: "definition.too_deep",
      detail: `a definition may nest ${MAX_JSON_DEPTH} levels`,
    };
  }
  if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return undefined;
  if (!Array.isArray(value) && !isPlainMap(value)) {
    return {
      pointer,
      code: "definition.not_json",
      detail: "expected text, a number, true, false, null, a list or a map",
    };
  }
  return problemInside(value, pointer, depth, budget);
}

function problemInside(value: readonly unknown[] | object, pointer: string, depth: number, budget: Budget): Problem | undefined {
  // `Array.from` shows the holes of a sparse list as undefined, which is not JSON.
  const entries = Array.isArray(value) ? Array.from(value, (item, i) => [i, item] as const) : Object.entries(value);
  for (const [key, item] of entries) {
    budget.chars -= typeof key === "string" ? key.length + 2 : 0;
    const problem = problemOf(item, at(pointer, key), depth + 1, budget);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isPlainMap(value: unknown): value is object {
  if (!isMap(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** JSON with sorted keys and no spaces: equal contents give equal texts. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}
