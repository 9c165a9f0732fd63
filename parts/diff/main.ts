import { refuseField, textOr, valueField, wholeOr, wordOr } from "../sdk-js/fields.ts";
import { definePart } from "../sdk-js/part.ts";
import { changesOf } from "./changes-of.ts";
import type { Stretch } from "./sequence.ts";
import { compareSequences } from "./sequence.ts";
import { unifiedPatch } from "./unified-patch.ts";

const MODES = ["lines", "words", "chars", "json"] as const;
/** What a text is cut into, and which of those count. */
const PIECES = { lines: /[^\n]*\n|[^\n]+$/g, words: /\s+|[\p{L}\p{N}\p{M}_]+|[^\s\p{L}\p{N}\p{M}_]/gu, chars: /./gsu } as const;
const MAX_CONTEXT = 1000;

/** Texts are compared by lines unless another mode is asked for, everything else as JSON. */
export default definePart((input: unknown) => {
  const expected = "a text, or any value";
  const [before, after] = [valueField(input, "before", expected), valueField(input, "after", expected)];
  const areTexts = typeof before === "string" && typeof after === "string";
  const mode = wordOr(input, "mode", areTexts ? "lines" : "json", MODES);
  if (mode === "json") {
    const changes = changesOf(before, after);
    return { success: true, data: { equal: changes.length === 0, changes } };
  }
  if (!areTexts) return refuseField(typeof before === "string" ? "after" : "before", `must be text in the mode "${mode}"`);
  const stretches = compareSequences(before.match(PIECES[mode]) ?? [], after.match(PIECES[mode]) ?? []);
  const data = {
    equal: before === after,
    added: count(stretches, mode, "added"),
    removed: count(stretches, mode, "removed"),
    changes: stretches.map(({ kind, items }) => ({ kind, value: items.join("") })),
  };
  return { success: true, data: mode === "lines" ? { ...data, patch: patchOf(input, stretches) } : data };
});

function count(stretches: readonly Stretch<string>[], mode: keyof typeof PIECES, wanted: Stretch<string>["kind"]): number {
  const items = stretches.flatMap((stretch) => (stretch.kind === wanted ? stretch.items : []));
  return mode === "words" ? items.filter((item) => item.trim() !== "").length : items.length;
}

function patchOf(input: unknown, stretches: readonly Stretch<string>[]): string {
  const name = textOr(input, "name", undefined);
  const names = name === undefined ? (["before", "after"] as const) : ([`a/${name}`, `b/${name}`] as const);
  return unifiedPatch(stretches, names, wholeOr(input, "context", 3, [0, MAX_CONTEXT]));
}
