import { describe, expect, it } from "vitest";
import { createComponents } from "../../shared/components.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";

const catalogue = createComponents();

function issuesOf(config: Record<string, unknown>): readonly string[] {
  const definition = { name: "w", description: "d", flow: ["input >> ON_SUCCESS >> a"], config: { a: config } };
  const result = parseWorkflow(definition, { catalogue, sha256Hex });
  const found = result.ok ? result.workflow.warnings : result.errors;
  return found.map(({ code, pointer, detail }) => `${code} ${pointer.replace("/config/a", "")} ${detail}`);
}

describe("a push finds in the config of the engine's own components", () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ["a wait for nothing", { component: "wait", note: 1 }, /config.missing_field \/duration .*or else ms or until/],
    ["a duration that is none", { component: "wait", duration: "10 minutes" }, /config.invalid_value \/duration .*like 10s.*10 minutes/],
    ["a timeout that is none", { component: "wait_for_callback", timeout: "soon" }, /config.invalid_value \/timeout .*like 10s/],
    ["an approval without a title", { component: "approval", fields: { properties: {} } }, /config.missing_field \/title/],
    [
      "a field that no form can show",
      { component: "approval", title: "t", fields: { properties: { list: { type: "array" } } } },
      /config.invalid_value \/fields\/properties\/list\/type .*one of: string, number, integer, boolean/,
    ],
    [
      "a poll without a condition",
      { component: "poll_task", request: { url: "https://a" }, every: "1s" },
      /config.missing_field \/done_when/,
    ],
    [
      "a poll of no address",
      { component: "poll_task", request: {}, every: "1s", done_when: "true" },
      /config.missing_field \/request\/url/,
    ],
    [
      "a condition that cannot be read",
      { component: "poll_task", request: { url: "https://a" }, every: "1s", done_when: "json.state ==" },
      /expression.invalid \/done_when/,
    ],
    ["a child without a name", { component: "trigger_workflow", input: {} }, /config.missing_field \/workflow_name/],
    [
      "a wrong word",
      { component: "trigger_workflow", workflow_name: "x", wait: "done" },
      /config.invalid_value \/wait .*started, finished/,
    ],
    ["runs that are no list", { component: "wait_for_workflows", run_ids: "x" }, /config.invalid_value \/run_ids .*a list/],
    ["a quorum of nobody", { component: "wait_for_workflows", run_ids: [], mode: { quorum: 0 } }, /config.invalid_value \/mode/],
    ["a status that is none", { component: "respond", status: 99 }, /config.invalid_value \/status .*200 at least/],
    [
      "a field that it does not have",
      { component: "wait", duration: "1s", durations: 1 },
      /config.unknown_field \/durations .*Did you mean "duration"/,
    ],
  ])("%s", (_, config, expected) => {
    expect(issuesOf(config)).toEqual([expect.stringMatching(expected)]);
  });
});

it.each<Record<string, unknown>>([
  { component: "wait", duration: " 1.5h " },
  { component: "wait", ms: 5 },
  { component: "wait", until: "{{input.when}}" },
  { component: "wait", duration: "{{input.n}}s" },
  { component: "wait" },
  { component: "wait_for_callback" },
  { component: "wait_for_callback", timeout: 3, schema: { type: "object" }, note: { any: 1 } },
  { component: "approval", title: "Pay {{input.n}}?" },
  { component: "approval", title: "t", fields: "{{input.fields}}", timeout: "2d" },
  {
    component: "approval",
    title: "t",
    fields: { properties: { a: { enum: "{{input.list}}", title: "A" }, b: { type: "integer" } }, required: ["a"] },
  },
  {
    component: "poll_task",
    request: "{{input.request}}",
    every: "{{input.every}}",
    done_when: "json.state == 'done'",
    fail_when: "status >= 400",
  },
  { component: "poll_task", request: { url: "https://a/{{input.id}}" }, every: 5, done_when: "has_key", timeout: "1d" },
  { component: "trigger_workflow", workflow_name: "{{input.name}}", wait: true },
  { component: "wait_for_workflows", run_ids: "{{input.ids}}", mode: { quorum: 2 }, on_failure: "continue" },
  { component: "wait_for_workflows", run_ids: ["{{input.id}}"], mode: "{{input.mode}}" },
  { component: "respond", status: "{{input.status}}", headers: { "x-n": 1 }, body: [] },
  { component: "respond", body: "{{input.text ?? null}}" },
])("what is right, or may become right by a template, passes without a word: %j", (config) => {
  expect(issuesOf(config)).toEqual([]);
});
