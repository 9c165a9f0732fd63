/** What holds for any input of the parts that are written in TypeScript. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BuiltPart } from "./built-parts.ts";
import { answerOf, buildAndReadParts, runOn } from "./built-parts.ts";

const parts = new Map(buildAndReadParts().map((part) => [part.manifest.name, part]));
const named = (name: string): BuiltPart => {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`there is no part ${name}`);
  return part;
};
/** The data of a success. */
const dataOf = (name: string, input: unknown): Readonly<Record<string, unknown>> => {
  const answer = Object(answerOf(runOn(named(name), input)));
  expect(answer).toMatchObject({ success: true });
  return Object(answer.data);
};
const runs = { numRuns: 150 };
const cells = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", ";", "é", "世", " ", "1", "=", "'") });

describe("csv_ops", () => {
  it("reads what it wrote", () => {
    const rows = fc.array(fc.array(cells, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, (items) => {
        const { result: text } = dataOf("csv_ops", { op: "stringify", items });
        const read = dataOf("csv_ops", { op: "parse", text, header: false, delimiter: ",", skip_empty: false });
        expect(read).toEqual({ result: items });
      }),
      runs,
    );
  });

  it("reads twenty thousand rows within its limits", () => {
    const text = `name,city,n\n${'Ada,"Lon""don",1\n'.repeat(20_000)}`;
    const { result } = dataOf("csv_ops", { op: "parse", text });
    expect(Object(result)).toHaveLength(20_000);
    expect(Object(result)[19_999]).toEqual({ name: "Ada", city: 'Lon"don', n: "1" });
  });
});

describe("xml_ops", () => {
  it("reads what it wrote", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "<", "&", ">", '"', "'", "é", "世", "]", "1") });
    const value = fc.record({
      "@id": text,
      one: text,
      many: fc.array(text, { minLength: 2, maxLength: 3 }),
      deep: fc.record({ x: text, y: text }),
    });
    fc.assert(
      fc.property(value, (root) => {
        const { result: xml } = dataOf("xml_ops", { op: "stringify", value: { root } });
        expect(dataOf("xml_ops", { op: "parse", text: xml })).toEqual({ result: { root } });
      }),
      runs,
    );
  });
});

describe("regex_ops", () => {
  it("finds, replaces and splits as JavaScript does", () => {
    const pieces = fc.array(
      fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", "\\w", "\\b", "^", "$", "a*", "b+?", "a?", "(?<n>b)", "é"),
      {
        minLength: 1,
        maxLength: 5,
      },
    );
    // A name may come once.
    const patterns = pieces.filter((list) => list.filter((piece) => piece.includes("?<n>")).length < 2).map((list) => list.join(""));
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "é", " ", "👋"), maxLength: 8 });
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const js = new RegExp(pattern, "gu");
        const replacement = "<$&$1>";
        const matches = [...text.matchAll(js)].map((found) => ({ match: found[0], start: found.index }));
        const found = Object(dataOf("regex_ops", { op: "match_all", text, pattern })["result"]);
        expect(found.map(({ match, start }: { match: string; start: number }) => ({ match, start }))).toEqual(matches);
        expect(dataOf("regex_ops", { op: "replace", text, pattern, replacement })).toEqual({ result: text.replace(js, replacement) });
      }),
      runs,
    );
  });

  it("takes time in proportion to the text", () => {
    const fuel = (length: number): number =>
      runOn(named("regex_ops"), { op: "test", text: "a".repeat(length), pattern: "(a|aa)+$b" }).fuelUsed;
    expect(fuel(40_000) - fuel(20_000)).toBeLessThan(3 * (fuel(20_000) - fuel(10_000)));
  });
});

describe("diff", () => {
  type Change = { readonly op: string; readonly path: string; readonly value: unknown };

  /** As RFC 6902 has it, for objects and lists. */
  function applied(document: unknown, { op, path, value }: Change): unknown {
    if (path === "") return value;
    const root: unknown = structuredClone(document);
    const keys = path
      .slice(1)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    const holder: unknown = keys.reduce<unknown>((inner, key) => Object(inner)[key], root);
    if (Array.isArray(holder)) holder.splice(Number(last), op === "add" ? 0 : 1, ...(op === "remove" ? [] : [value]));
    else if (op === "remove") Reflect.deleteProperty(Object(holder), last);
    else Object.defineProperty(Object(holder), last, { value, enumerable: true, writable: true, configurable: true });
    return root;
  }

  it("gives a patch that makes the one value of the other", () => {
    const leaf = fc.constantFrom(0, 1, "a", null, true, [], {});
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie("value"), { maxLength: 5 }),
        fc.dictionary(fc.constantFrom("a", "b/", "~", "__proto__"), tie("value"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, value, (before, after) => {
        const changes: readonly Change[] = Object(dataOf("diff", { before, after, mode: "json" })["changes"]);
        // the generator may put one list into two places: here each place gets its own
        const own: unknown = JSON.parse(JSON.stringify(before));
        expect(changes.reduce(applied, own)).toEqual(after);
      }),
      { numRuns: 300 },
    );
  });

  it("gives pieces that make up both texts", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", " ", "世", "👋") });
    fc.assert(
      fc.property(text, text, fc.constantFrom("lines", "words", "chars"), (before, after, mode) => {
        const pieces: readonly { kind: string; value: string }[] = Object(dataOf("diff", { before, after, mode })["changes"]);
        const without = (kind: string): string => pieces.map((piece) => (piece.kind === kind ? "" : piece.value)).join("");
        expect([without("added"), without("removed")]).toEqual([before, after]);
      }),
      runs,
    );
  });

  it("takes very different texts for changed as a whole, and stays within its fuel", () => {
    const lines = (letter: string): string => Array.from({ length: 5000 }, (_, n) => `${letter}${n}\n`).join("");
    expect(dataOf("diff", { before: lines("a"), after: lines("b") })).toMatchObject({ equal: false, added: 5000, removed: 5000 });
  });
});

describe("date_ops", () => {
  it("shows local time in every zone as the runtime does", () => {
    const zones = Intl.supportedValuesOf("timeZone");
    const moments = fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2099, 0) });
    fc.assert(
      fc.property(fc.constantFrom(...zones), moments, (timezone, date) => {
        const expected = new Date(date).toLocaleString("sv-SE", { timeZone: timezone });
        expect(dataOf("date_ops", { op: "format", date, timezone, format: "yyyy-MM-dd HH:mm:ss" })).toEqual({ result: expected });
      }),
      { numRuns: 300 },
    );
  });
});

describe("markdown_html", () => {
  it("gives no markup of its input's, whatever stands in it", () => {
    const text = fc.string({
      unit: fc.constantFrom("<", ">", "a", "[", "]", "(", ")", "javascript:", "*", "`", "\n", "&", '"', "script", " "),
    });
    fc.assert(
      fc.property(text, (markdown) => {
        const { html } = dataOf("markdown_html", { markdown, linkify: true });
        expect(String(html)).not.toMatch(/<script|<a[^>]*href="\s*javascript:/i);
      }),
      runs,
    );
  });
});
