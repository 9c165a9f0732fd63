import { expect } from "vitest";
import type { Example } from "./example.ts";

const succeeded = (...nodes: readonly string[]) => Object.fromEntries(nodes.map((node) => [node, "succeeded"]));

export const RELATION_EXAMPLES: readonly Example[] = [
  {
    file: "pipe",
    input: { order: "A-7", printer: "$WORLD/sink/printer" },
    output: { line: "A-7: printed" },
    steps: succeeded("print", "note"),
  },
  {
    file: "pipe",
    when: "the printer is closed",
    input: { order: "A-8", printer: "$WORLD/status/410" },
    status: "failed",
    error: "http.status_410",
    output: null,
    steps: { print: "failed", note: "succeeded" },
  },
  {
    file: "on-success",
    input: { first: "Ada", last: "Lovelace" },
    output: { greeting: "Welcome, Ada Lovelace!", handle: "ada-lovelace" },
    steps: succeeded("person", "greeting", "handle", "output"),
  },
  {
    file: "on-fail",
    input: { service: '$WORLD/json?body={"sky":"blue"}' },
    output: { text: "Today: blue" },
    steps: { ...succeeded("weather", "letter"), excuse: "skipped" },
  },
  {
    file: "on-fail",
    when: "the service is down",
    input: { service: "$WORLD/quiet/weather" },
    output: { text: "No weather today (http.status_503)." },
    steps: { weather: "failed", letter: "skipped", excuse: "succeeded" },
  },
  {
    file: "on-fail-code",
    when: "there is no record",
    input: { record: "$WORLD/status/404" },
    output: { customer: "new" },
    steps: { look_up: "failed", known: "skipped", new: "succeeded", trouble: "skipped" },
  },
  {
    file: "on-fail-code",
    when: "there is trouble",
    input: { record: "$WORLD/status/403" },
    output: { customer: null, problem: "http.status_403" },
    steps: { look_up: "failed", known: "skipped", new: "skipped", trouble: "succeeded" },
  },
  {
    file: "on-true-on-false",
    input: { id: 1, total: 1200 },
    output: { order: 1, state: "waiting for a person" },
    steps: { ...succeeded("large", "desk"), confirm: "skipped" },
  },
  {
    file: "on-true-on-false",
    when: "it is small",
    input: { id: 2, total: 12 },
    output: { order: 2, state: "confirmed" },
    steps: { ...succeeded("large", "confirm"), desk: "skipped" },
  },
  {
    file: "on-branch",
    input: { kind: "application" },
    output: { tray: "people" },
    steps: { sort: "succeeded", accounts: "skipped", people: "succeeded", reception: "skipped" },
  },
  {
    file: "when",
    when: "it is hot at night",
    input: { celsius: 31.2, hour: 23, gardener: "Kim" },
    output: { open: { roof: "open" }, call: { woken: "Kim" } },
    steps: { ...succeeded("reading", "open", "call"), close: "skipped" },
  },
  {
    file: "when",
    when: "it is mild",
    input: { celsius: 18, hour: 23, gardener: "Kim" },
    output: { result: 18 },
    steps: { reading: "succeeded", close: "skipped", open: "skipped", call: "skipped" },
  },
  {
    file: "chinese-words",
    input: { 倉庫: "$WORLD/json?body=5", 金額: 300, 急件: true },
    output: { 狀態: "快遞送出" },
    steps: { ...succeeded("查庫存", "金額大嗎", "出貨", "快遞"), 通知倉庫: "skipped", 主管確認: "skipped" },
  },
  {
    file: "chinese-words",
    when: "失敗時",
    input: { 倉庫: "$WORLD/status/404", 金額: 300, 急件: true },
    output: { 訊息: "查不到庫存：http.status_404" },
  },
  {
    file: "old-file",
    input: { name: "  Ada " },
    output: { text: expect.stringMatching(/^Hello Ada, this is year 20\d\d$/) },
    warnings: ["flow.bare_condition", "template.bare_name", "template.bare_name"],
    steps: succeeded("Clean Name", "Greeting"),
  },
  { file: "old-graph", input: { text: "one two three" }, output: { words: 3 }, steps: succeeded("count", "say") },
  {
    file: "templates",
    input: {
      bills: [
        { number: 1, paid: true, euros: 9 },
        { number: 2, paid: false, euros: 5 },
        { number: 3, paid: false, euros: 7.5 },
      ],
    },
    output: { dear: "customer", open: [2, 3], total: [5, 7.5], many: "many", line: "3 bills, first: 1" },
  },
];
