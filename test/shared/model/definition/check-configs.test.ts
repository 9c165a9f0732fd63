import { describe, expect, it } from "vitest";
import { createComponents } from "../../../../shared/components.ts";
import { parseDocument } from "../../../../shared/model/definition/parse-document.ts";
import { parseWorkflow } from "../../../../shared/model/definition/parse-workflow.ts";
import { sha256Hex } from "../../../support/definitions.ts";

const catalogue = createComponents();
/** What is said of a node with this config, behind another one. */
function told(config: Readonly<Record<string, unknown>>) {
  const flow = ["input >> ON_SUCCESS >> a", "a >> ON_SUCCESS >> b"];
  const value = { name: "sample", description: "for a test", flow, config: { a: { component: "set", values: {} }, b: config } };
  const result = parseWorkflow(value, { catalogue, sha256Hex });
  const warnings = result.ok ? result.workflow.warnings : result.warnings;
  return { errors: result.ok ? [] : result.errors, warnings };
}

describe("The config of a part", () => {
  it.each([
    ["fits", { component: "string_ops", op: "upper", text: "a" }],
    ["names the operation as old files do", { component: "string_ops", operation: "upper", text: "a" }],
    ["is a template in every field", { component: "string_ops", op: "{{input.op}}", text: "{{a.data.x ?? ''}}" }],
    ["holds templates inside lists", { component: "number_ops", op: "sum", items: [1, "{{a.data.x ?? 0}}"] }],
    ["is nothing: the part is given the context", { component: "string_ops" }],
    ["names variables of a condition", { component: "if_control", condition: "n > 1", n: 5 }],
    ["has null in an optional field", { component: "array_ops", op: "sort", items: [], by: null }],
    ["is for a daemon", { component: "daemon_task", url: "https://daemon.example/", task: {}, anything: 1 }],
  ])("is taken when it %s", (_, config) => {
    expect(told(config)).toEqual({ errors: [], warnings: [] });
  });

  it.each([
    [{ component: "string_ops", op: "uper", text: "a" }, "config.unknown_op", "/config/b/op", 'Did you mean "upper"?'],
    [{ component: "string_ops", operation: "uper", text: "a" }, "config.unknown_op", "/config/b/operation", 'Did you mean "upper"?'],
    [{ component: "string_ops", op: "replace", text: "a" }, "config.missing_field", "/config/b/search", "replace needs it"],
    [{ component: "string_ops", text: "a" }, "config.missing_field", "/config/b/op", "or else operation"],
    [
      { component: "number_ops", op: "sum", items: [1, "2"] },
      "config.invalid_value",
      "/config/b/items/1",
      "must be a number, but it is text",
    ],
    [{ component: "filter", items: [] }, "config.missing_field", "/config/b/condition", "expected an object"],
    [{ component: "filter", items: [], condition: { op: "like" } }, "config.unknown_op", "/config/b/condition/op", "starts_with"],
    [{ component: "text_chunk", text: "{{a.data.t ?? ''}}", size: 0 }, "config.invalid_value", "/config/b/size", "1 at least"],
    [{ component: "claude_api", prompt: "Hi" }, "config.missing_field", "/config/b/url", "or else api_key"],
    [{ component: "telegram_send", chat_id: 1 }, "config.missing_field", "/config/b/text", "is missing"],
  ])("is refused at push: %j", (config, code, pointer, words) => {
    const { errors } = told(config);
    expect(errors.map((error) => [error.code, error.pointer])).toContainEqual([code, pointer]);
    expect(errors.find((error) => error.pointer === pointer)?.detail).toContain(words);
  });

  it("may hold a field that means nothing, with a warning that names the nearest", () => {
    expect(told({ component: "array_ops", op: "sort", items: [], desending: true })).toEqual({
      errors: [],
      warnings: [
        { pointer: "/config/b/desending", code: "config.unknown_field", detail: expect.stringContaining('Did you mean "descending"?') },
      ],
    });
  });

  it("is told with its line", () => {
    const text = `name: sample\ndescription: d\nflow: ["input >> ON_SUCCESS >> a"]\nconfig:\n  a:\n    component: assert\n    that: "yes"\n`;
    const document = parseDocument(text, "yaml");
    const result = parseWorkflow(document.value, { catalogue, sha256Hex, lineOf: (pointer) => document.lineOf(pointer) });
    expect(result.ok ? [] : result.errors).toEqual([
      {
        pointer: "/config/a/that",
        code: "config.invalid_value",
        detail: '"that" must be true or false or null, but it is text ("yes").',
        line: 7,
      },
    ]);
  });
});
