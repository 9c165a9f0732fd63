import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "../../../../shared/model/definition/parse-document.ts";
import { RELATIONS } from "../../../../shared/model/definition/relations.ts";
import { BOTH, parse, fixed, definition, two } from "../../../support/definitions.ts";

describe("Garbage", () => {
  const anything = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withBigInt: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
    maxDepth: 4,
  });
  const words = fc.constantFrom(
    "one",
    "two",
    "input",
    "output",
    "ghost",
    ">>",
    " ",
    "(",
    ")",
    "{{",
    "}}",
    "'",
    "IN",
    ".data",
    ...RELATIONS.flatMap((row) => row.words),
  );
  const line = fc.array(words, { maxLength: 9 }).map((parts) => parts.join(" "));

  it("gives errors, and throws nothing", () => {
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom("name", "description", "flow", "graph", "config", "policy", "input", "trigger", "schedule"),
        (value, key) => {
          expect(parse(value).ok).toBe(false);
          const result = parse(definition({ [key]: value }));
          if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("inside of nodes, policies and schedules gives errors, and throws nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(line, { maxLength: 5 }), (value, lines) => {
        for (const fields of [
          { config: { ...BOTH, two: value } },
          { policy: { two: value, run: value } },
          { schedule: [value] },
          { trigger: { auth: value } },
          { graph: { nodes: [value], edges: [value] } },
        ]) {
          parse(two(fields));
        }
        const result = parse(definition({ flow: lines, config: { one: fixed({ x: lines.join(" ") }) } }));
        if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("in place of a text gives a value or issues", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), line), (text) => {
        const { issues, value } = parseDocument(text, "yaml");
        expect(issues.length === 0 || value === undefined).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
