import { expect } from "vitest";
import type { Example, Run } from "./example.ts";

const times = (count: number, status = "succeeded"): readonly string[] => Array.from({ length: count }, () => status);

export const LOOP_EXAMPLES: readonly Example[] = [
  {
    file: "foreach",
    input: {
      lines: [
        { count: 2, price: 5 },
        { count: 1, price: 2.5 },
      ],
    },
    output: { result: 12.5 },
    steps: { invoice: "succeeded", price: times(2), total: "succeeded" },
  },
  {
    file: "foreach",
    when: "there is no line",
    input: { lines: [] },
    output: { result: 0 },
    steps: { invoice: "succeeded", total: "succeeded" },
  },
  {
    file: "foreach-in",
    input: {
      people: [
        { name: "Ada", wants: true },
        { name: "Ben", wants: false },
        { name: "Cleo", wants: true },
      ],
    },
    output: { letters: ["1 of 2: Dear Ada", "2 of 2: Dear Cleo"], failed: 0 },
  },
  {
    file: "foreach-nested",
    input: { vans: [{ stops: [{ drive: 10 }, { drive: 6 }] }, { stops: [] }, { stops: [{ drive: 30 }] }] },
    output: { result: 34 },
    steps: { plan: "succeeded", tour: times(3), minutes: times(3), van_done: times(3), day: "succeeded" },
  },
  {
    file: "foreach-after",
    input: { shelves: ["jam", "wine"] },
    steps: { cellar: "succeeded", light_on: "succeeded", empty: times(2), light_off: "succeeded" },
  },
  {
    file: "foreach-concurrency",
    input: { books: [1, 2, 3, 4, 5, 6, 7], catalogue: "$WORLD/sink/catalogue" },
    output: { asked: 7, failed: 0 },
    after: ({ world }) => Promise.resolve(expect(world.seen("/sink/catalogue").map(({ json }) => json)).toHaveLength(7)),
  },
  {
    file: "foreach-tolerate",
    input: { values: [1, 2, 0, 4] },
    output: expect.anything(),
    steps: { sensors: "succeeded", check: expect.arrayContaining(["failed"]), done: "succeeded" },
  },
  {
    file: "foreach-tolerate",
    when: "half of them are broken",
    input: { values: [0, 2, 0, 4] },
    status: "failed",
    error: "number.division_by_zero",
  },
  {
    file: "foreach-stop",
    input: {
      tables: [
        { rows: 10, pages: 2 },
        { rows: 1, pages: 0 },
        { rows: 8, pages: 4 },
      ],
    },
    output: { first: 5 },
    after: async ({ call, runId }) => {
      const { trace }: Run = JSON.parse((await call("GET", `/runs/${runId}`)).text);
      const moved = trace.filter(({ node }) => node === "move").map(({ status }) => status);
      expect([moved.slice(0, 2), moved.slice(2).filter((status) => status !== "cancelled")]).toEqual([["succeeded", "failed"], []]);
    },
  },
  { file: "chinese-loop", input: { 信件: ["a", "b"] }, output: { 全部: ["A", "B"] } },
];
