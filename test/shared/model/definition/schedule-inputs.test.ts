/** The input of a schedule is looked at when it is pushed, as a start would look at it. */
import { expect, it } from "vitest";
import { parseWorkflow } from "../../../../shared/model/definition/parse-workflow.ts";
import { schemaProblems } from "../../../../shared/schema-problems.ts";
import { definition, sha256Hex } from "../../../support/definitions.ts";
import { fakeCatalogue } from "../../../support/fake-catalogue.ts";

function errorsOf(more: Readonly<Record<string, unknown>>) {
  const result = parseWorkflow(definition(more), { catalogue: fakeCatalogue, sha256Hex, schemaProblems });
  return result.ok ? [] : result.errors.map(({ pointer, code }) => [pointer, code]);
}
const pushed = (input: unknown, given?: unknown) => errorsOf({ input, schedule: [{ cron: "@hourly", input: given }] });

it.each<[string, unknown, unknown, string]>([
  ["has another type", { properties: { n: { type: "integer" } } }, { n: "x" }, "/n"],
  ["lacks a field", { required: ["n"] }, {}, ""],
  ["has a field too many", { properties: { n: {} }, additionalProperties: false }, { m: 1 }, "/m"],
  ["is null where a number is wanted", { properties: { n: { type: "number" } } }, { n: null }, "/n"],
  ["is too short", { properties: { t: { minLength: 3 } } }, { t: "ab" }, "/t"],
  ["is none of several", { properties: { t: { oneOf: [{ type: "number" }, { type: "null" }] } } }, { t: "x" }, "/t"],
])("one that %s is refused", (_, schema, given, pointer) => {
  expect(pushed(schema, given)).toContainEqual([`/schedule/0/input${pointer}`, "schedule.invalid_input"]);
});

it.each<[string, unknown, unknown]>([
  ["a tuple", { properties: { l: { type: "array", prefixItems: [{ type: "string" }], items: { type: "number" } } } }, { l: ["a", 1] }],
  ["fields by pattern", { properties: { m: { patternProperties: { "^x": {} }, additionalProperties: false } } }, { m: { x1: 1 } }],
  ["a constant in another order", { properties: { m: { const: { a: 1, b: 2 } } } }, { m: { b: 2, a: 1 } }],
])("%s is accepted as at a start", (_, schema, given) => {
  expect(pushed(schema, given)).toEqual([]);
});

it("that of a cron node is looked at, too", () => {
  const errors = errorsOf({
    flow: ["clock >> ON_SUCCESS >> one"],
    config: { clock: { component: "cron", cron_expr: "@daily" }, one: { component: "set", values: {} } },
    input: { required: ["n"] },
  });
  expect(errors).toContainEqual(["/config", "schedule.invalid_input"]);
});
