import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputProblems, isExact } from "../../../../shared/model/definition/input-problems.ts";
import { schemaProblems } from "../../../../shared/schema-problems.ts";

const OPEN = "?";
const isOpen = (value: unknown): boolean => value === OPEN;
const schema = {
  type: "object",
  required: ["items", "by"],
  properties: {
    items: { type: "array", items: { type: "object", required: ["n"], properties: { n: { type: ["integer", "null"] } } } },
    by: { type: ["string", "array"], items: { type: "string" } },
    order: { enum: ["up", "down"] },
    op: { enum: ["sum", "avg"] },
    size: { type: "integer", minimum: 1, maximum: 9 },
    names: { type: "object", additionalProperties: { type: "string" } },
    exact: { const: true },
  },
  anyOf: [{ required: ["size"] }, { required: ["order"] }],
};
const good = { items: [], by: "a", size: 1 };

describe("An input", () => {
  it.each([
    ["that fits", good, []],
    ["with fields that the schema does not name", { ...good, more: 1 }, []],
    ["whose optional fields are null", { ...good, order: null, names: null }, []],
    ["that lacks a field", { by: "a", size: 1 }, [["missing", ["items"], "is missing; expected a list"]]],
    ["whose required field is null", { ...good, by: null }, [["value", ["by"], "must be text or a list, but it is null"]]],
    ["of another type", { ...good, items: "x" }, [["value", ["items"], 'must be a list, but it is text ("x")']]],
    [
      "with a wrong value inside a list",
      { ...good, items: [{ n: 1 }, {}, { n: 1.5 }] },
      [
        ["missing", ["items", 1, "n"], "is missing; expected a whole number or null"],
        ["value", ["items", 2, "n"], "must be a whole number or null, but it is a number (1.5)"],
      ],
    ],
    ["with an unknown word", { ...good, order: "upp" }, [["value", ["order"], 'must be one of: up, down; but it is text ("upp")']]],
    [
      "with an unknown operation",
      { ...good, op: "median" },
      [["op", ["op"], 'names the operation "median", which is unknown; the valid ones are: sum, avg']],
    ],
    ["that is too small", { ...good, size: 0 }, [["value", ["size"], "must be 1 at least, but it is 0"]]],
    ["that is too large", { ...good, size: 10 }, [["value", ["size"], "must be 9 at most, but it is 10"]]],
    ["with a wrong value in a map", { ...good, names: { a: 1 } }, [["value", ["names", "a"], "must be text, but it is a number (1)"]]],
    ["that is no constant", { ...good, exact: false }, [["value", ["exact"], "must be true"]]],
    ["that lacks each of two fields", { items: [], by: "a" }, [["missing", ["size"], "is missing; expected it, or else order"]]],
  ])("%s", (_, input, expected) => {
    expect(inputProblems(schema, input).map(({ kind, path, detail }) => [kind, path, detail])).toEqual(expected);
  });

  it.each([
    ["is open as a whole field", { ...good, items: OPEN, by: OPEN, size: OPEN, order: OPEN }],
    ["is open inside of a list", { ...good, items: [OPEN, { n: OPEN }] }],
    ["could fit one of several forms", { items: [], by: "a", order: OPEN }],
  ])("is not refused for what %s", (_, input) => {
    expect(inputProblems(schema, input, isOpen)).toEqual([]);
  });

  it("is refused for what is written beside open fields", () => {
    const problems = inputProblems(schema, { items: [OPEN, { n: "x" }], size: OPEN }, isOpen);
    expect(problems.map(({ path }) => path)).toEqual([["by"], ["items", 1, "n"]]);
  });

  it("is told twenty problems at most, however large it is", () => {
    expect(inputProblems(schema, { ...good, items: Array.from({ length: 100_000 }, () => 1) })).toHaveLength(20);
  });
});

describe("The verdict", () => {
  const leaf = fc.constantFrom<unknown>(null, true, 0, 1, 1.5, -1, "", "a", "b");
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 2 },
      leaf,
      fc.array(tie("any"), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom("a", "b"), tie("any"), { noNullPrototype: true }),
    ),
  })).any;
  const type = fc.constantFrom("array", "boolean", "integer", "number", "object", "string");
  const schemas = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 2 },
      fc.record({ type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })) }),
      fc.record({ enum: fc.uniqueArray(leaf, { minLength: 1, maxLength: 3 }) }),
      fc.record({ minimum: fc.constantFrom(0, 1) }),
      fc.record({ type: fc.constant("array"), items: tie("any") }),
      fc.record({ anyOf: fc.array(tie("any"), { minLength: 1, maxLength: 2 }) }),
      fc.record({
        required: fc.uniqueArray(fc.constantFrom("a", "b"), { minLength: 1 }),
        properties: fc.record({ a: tie("any"), b: tie("any") }, { noNullPrototype: true }),
      }),
    ),
  })).any;

  it("is that of a whole validator, where a schema has known keywords only and no field is null", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("a", "b"), schemas, { noNullPrototype: true }),
        fc.dictionary(fc.constantFrom("a", "b"), value, { noNullPrototype: true }),
        (properties, input) => {
          fc.pre(!JSON.stringify(input).includes("null"));
          const whole = { type: "object", properties };
          expect(isExact(whole)).toBe(true);
          expect(inputProblems(whole, input).length === 0).toBe(schemaProblems(whole, input).length === 0);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("never refuses what could still become good: whatever is open is filled in", () => {
    fc.assert(
      fc.property(schemas, value, value, (inner, filled, other) => {
        fc.pre(!JSON.stringify([filled, other]).includes("null"));
        const whole = { type: "object", properties: { a: inner, b: { type: "array", items: inner } } };
        const isGood = inputProblems(whole, { a: filled, b: [filled, other] }).length === 0;
        const told = inputProblems(whole, { a: OPEN, b: [OPEN, other] }, isOpen);
        if (isGood) expect(told).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([{ pattern: "x" }, { properties: { a: { $ref: "#" } } }, { items: { not: {} } }])("is not whole for %j", (one) => {
    expect(isExact(one)).toBe(false);
  });
});
