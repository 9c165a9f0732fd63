import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArcrunError } from "../../../../shared/model/errors.ts";
import { resolveConfig } from "../../../../shared/model/expression/template.ts";

describe("For any data", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("{{input}}", "{{", "}}", "{{credential.A}}", "{{x}}"));

  it("what was looked up is never rescanned", () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(resolveConfig({ a: "{{l}}", b: "{{l}}{{r}}", c: "<{{[l]}}>" }, { l: left, r: right }, { node: "n" })).toEqual({
          a: left,
          b: left + right,
          c: `<${JSON.stringify([left])}>`,
        });
      }),
    );
  });

  it("keys never reach a prototype", () => {
    const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "prototype", "toString"), fc.string());
    const value = fc.oneof(fc.constantFrom("{{input}}", "{{input.__proto__ ?? 1}}", "{{input.constructor ?? 1}}"), fc.constant("plain"));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), (entries) => {
        const keys = entries.map(([name]) => name);
        const config = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
        const resolved = Object(resolveConfig(config, { input: JSON.parse('{"polluted": true}') }, { node: "n" }));
        expect(Object.getPrototypeOf(resolved)).toBe(Object.prototype);
        expect(Object.keys(resolved).toSorted()).toEqual([...new Set(keys)].toSorted());
        expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
      }),
    );
  });

  it("a text is parsed or refused with an ArcrunError", () => {
    const piece = fc.constantFrom("{{", "}}", "{", "}", "input", ".n", "'", '"', " ", "\\", "credential.", "A", "??", "text", "[0]");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          resolveConfig({ x: pieces.join("") }, { input: { n: 3 } }, { node: "a" });
        } catch (error) {
          if (!(error instanceof ArcrunError)) throw error;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
