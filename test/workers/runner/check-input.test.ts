import { describe, expect, it } from "vitest";
import { parsePartManifest } from "../../../shared/part-manifest.ts";
import { inputError } from "../../../workers/runner/check-input.ts";

const manifest = (input: unknown, operations: unknown = {}) =>
  parsePartManifest(
    { name: "sample", summary: "s", category: "data", version: "1.0.0", effects: "pure", input, operations, output: {} },
    "d",
  );
const refused = (message: string, pointer: string, code = "part.invalid_input") => ({
  code,
  message,
  retryable: false,
  details: { pointer },
});

describe("The input of a part, before it runs,", () => {
  const known = manifest({
    type: "object",
    required: ["items"],
    properties: { items: { type: "array", items: { type: "number" } }, by: { type: "string" } },
  });
  it.each([
    [{ items: [1] }, undefined],
    [{ items: [], by: null, more: {}, callback_url: "u" }, undefined],
    [{}, refused('the field "items" is missing; expected a list', "/items")],
    [{ items: [1, "2"] }, refused('the field "items[1]" must be a number, but it is text ("2")', "/items/1")],
    [[1], refused("the input must be an object", "")],
  ])("is judged by the schema: %j", (params, expected) => {
    expect(inputError(known, params)).toEqual(expected);
  });

  const operating = manifest({ type: "object", properties: { text: { type: "string" } } }, { upper: ["text"], now: [] });
  it.each([
    [{ op: "upper", text: "a" }, undefined],
    [{ operation: "now" }, undefined],
    [{ op: null, operation: "now" }, undefined],
    [{ op: "upper" }, refused('the field "text" is missing; upper needs it', "/text")],
    [
      { op: "shout" },
      refused('the field "op" names the operation "shout", which is unknown; the valid ones are: upper, now', "/op", "part.unknown_op"),
    ],
  ])("is judged by its operation: %j", (params, expected) => {
    expect(inputError(operating, params)).toEqual(expected);
  });

  const uploaded = manifest({
    $defs: { id: { type: "string", pattern: "^[a-z]+$" } },
    type: "object",
    properties: { id: { $ref: "#/$defs/id" }, n: { type: "integer" } },
    additionalProperties: false,
  });
  it.each([
    [{ id: "abc", n: 1, context: "more" }, undefined],
    [{ id: null }, undefined],
    [{ id: "abc", n: "1" }, refused('the field "n" must be a whole number, but it is text ("1")', "/n")],
    [{ id: "1" }, refused("the field /id does not fit: String does not match pattern.", "/id")],
  ])("is judged by all keywords that a schema has: %j", (params, expected) => {
    expect(inputError(uploaded, params)).toEqual(expected);
  });
});
