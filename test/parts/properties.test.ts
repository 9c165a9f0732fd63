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
const result = (value: unknown): unknown => ({ success: true, data: { result: value } });

const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
const texts = fc.string({ unit: "binary" });

describe("Any document", () => {
  it("keeps its numbers, read and written as JavaScript does", () => {
    const ops = named("number_ops");
    fc.assert(
      fc.property(numbers, (a) => {
        expect(answerOf(runOn(ops, { op: "multiply", a, b: 1 }))).toEqual(result(a));
      }),
      { numRuns: 2000 },
    );
  });

  it("writes numbers in the same notation as JavaScript", () => {
    const ops = named("number_ops");
    const decoder = new TextDecoder();
    fc.assert(
      fc.property(numbers, (a) => {
        const outcome = runOn(ops, { op: "multiply", a, b: 1 });
        const answer = outcome.kind === "answered" ? decoder.decode(outcome.stdout) : outcome.kind;
        expect(answer).toBe(JSON.stringify(result(a)));
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps its texts, half surrogate pairs too", () => {
    const ops = named("string_ops");
    fc.assert(
      fc.property(texts, (text) => {
        expect(answerOf(runOn(ops, { op: "substring", text, start: 0 }))).toEqual(result(text));
      }),
      { numRuns: 500 },
    );
    const half = "a\ud800b\udc00";
    expect(answerOf(runOn(ops, { op: "substring", text: half, start: 0 }))).toEqual(result(half));
  });

  it("goes through set unchanged, whatever white space is in it", () => {
    const set = named("set");
    fc.assert(
      fc.property(fc.dictionary(texts, fc.jsonValue()), fc.constantFrom("", " ", "\n\t"), (values, space) => {
        const text = JSON.stringify({ values }, undefined, space);
        expect(answerOf(runOn(set, text))).toEqual({ success: true, data: JSON.parse(text).values });
      }),
      { numRuns: 300 },
    );
  });

  it("is parsed by validate_json exactly when JSON.parse takes it", () => {
    const part = named("validate_json");
    const pieces = fc.array(
      fc.constantFrom(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"a"',
        '"\\u00e9"',
        '"\\',
        "1",
        "-",
        "0",
        "1.5e3",
        ".",
        "true",
        "nul",
        "null",
        " ",
        "\n",
      ),
      { maxLength: 7 },
    );
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((list) => list.join("")),
          fc.json(),
        ),
        (text) => {
          expect(answerOf(runOn(part, { json_string: text }))).toMatchObject({ success: true, data: { valid: isJson(text) } });
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("is filtered by the same patterns as in JavaScript", () => {
    const part = named("filter");
    const pieces = fc.array(
      fc.constantFrom(
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        "(a|b)",
        "(?:ab)",
        "\\w",
        "\\b",
        "^",
        "$",
        "|",
        "a*",
        "b+",
        "a?",
        "(ab){2}",
        "[b-d]{1,2}",
      ),
      { minLength: 1, maxLength: 6 },
    );
    const items = ["", "a", "b", "ab", "ba", "abab", "aab", "c d", "bb\n", "é"];
    fc.assert(
      fc.property(pieces, (list) => {
        const value = list.join("");
        const kept = items.filter((item) => new RegExp(value, "u").test(item));
        expect(answerOf(runOn(part, { items, condition: { op: "matches", value } }))).toEqual({
          success: true,
          data: { items: kept, count: kept.length },
        });
      }),
      { numRuns: 1000 },
    );
  });
});
