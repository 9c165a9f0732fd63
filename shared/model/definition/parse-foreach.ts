/** Reads what follows the word FOREACH: `x`, `x IN {{list}}`, `x PARALLEL(n)`, or all of it. */
import { type Issues, shown } from "./issues.ts";
import type { Foreach } from "./workflow.ts";

/** So many items of one loop may be in flight. */
export const MAX_PARALLEL = 1000;

export const PARALLEL_WORDS: readonly string[] = ["PARALLEL", "並行"];

const FORM = new RegExp(
  String.raw`^\s+([\p{L}_][\p{L}\p{M}\p{N}_]*)(?:\s+IN\s+\{\{(.*)\}\})?(?:\s+(?:${PARALLEL_WORDS.join("|")})\s*\(\s*([^()]*?)\s*\))?\s*$`,
  "su",
);

/** The loop, or `undefined` after saying what is wrong with it. */
export function readForeach(text: string, pointer: string, issues: Issues): Foreach | undefined {
  const [, variable, list, parallel] = FORM.exec(text) ?? [];
  if (variable === undefined) {
    issues.error(
      pointer,
      "flow.malformed_loop",
      `found ${shown(`FOREACH${text}`)}; expected FOREACH x, FOREACH x IN {{list}} or FOREACH x PARALLEL(n)`,
    );
    return undefined;
  }
  if (parallel !== undefined && !isParallel(parallel)) {
    issues.error(pointer, "flow.invalid_parallel", `found PARALLEL(${shown(parallel)}); expected a whole number from 1 to ${MAX_PARALLEL}`);
    return undefined;
  }
  return {
    kind: "foreach",
    variable,
    ...(list === undefined ? {} : { list: list.trim() }),
    ...(parallel === undefined ? {} : { parallel: Number(parallel) }),
  };
}

const isParallel = (text: string): boolean => /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_PARALLEL;
