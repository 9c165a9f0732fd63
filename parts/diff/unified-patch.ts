import type { Stretch } from "./sequence.ts";

type Line = { readonly kind: Stretch<string>["kind"]; readonly text: string; readonly before: number; readonly after: number };

const SIGNS = { same: " ", removed: "-", added: "+" } as const;

/** A unified diff, as `diff -u` and git write it and `patch` reads it. `context`: how many unchanged lines stand around a change. */
export function unifiedPatch(stretches: readonly Stretch<string>[], [from, to]: readonly [string, string], context: number): string {
  const lines = numbered(stretches);
  const hunks = hunksOf(lines, context).map(([start, end]) => writeHunk(lines.slice(start, end)));
  return hunks.length === 0 ? "" : [`--- ${from}\n`, `+++ ${to}\n`, ...hunks].join("");
}

/** Each line with how many lines of either text come before it. */
function numbered(stretches: readonly Stretch<string>[]): readonly Line[] {
  let [before, after] = [0, 0];
  return stretches.flatMap(({ kind, items }) =>
    items.map((text) => {
      const line: Line = { kind, text, before, after };
      if (kind !== "added") before += 1;
      if (kind !== "removed") after += 1;
      return line;
    }),
  );
}

/** From and to which line; changes whose surroundings meet share a hunk. */
function hunksOf(lines: readonly Line[], context: number): readonly (readonly [number, number])[] {
  const hunks: [number, number][] = [];
  lines.forEach(({ kind }, index) => {
    if (kind === "same") return;
    const [start, end] = [Math.max(0, index - context), Math.min(lines.length, index + 1 + context)];
    const last = hunks.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  });
  return hunks;
}

function writeHunk(lines: readonly Line[]): string {
  const [first] = lines;
  const range = (before: number, count: number): string => `${count === 0 ? before : before + 1}${count === 1 ? "" : `,${count}`}`;
  const old = range(first?.before ?? 0, lines.filter(({ kind }) => kind !== "added").length);
  const young = range(first?.after ?? 0, lines.filter(({ kind }) => kind !== "removed").length);
  const body = lines.map(({ kind, text }) => `${SIGNS[kind]}${text}${text.endsWith("\n") ? "" : "\n\\ No newline at end of file\n"}`);
  return `@@ -${old} +${young} @@\n${body.join("")}`;
}
