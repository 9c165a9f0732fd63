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
    frames: ["FOREACH line: 2/2 ok"],
    steps: { invoice: "succeeded", price: times(2), total: "succeeded" },
  },
  {
    file: "foreach",
    when: "there is no line",
    input: { lines: [] },
    output: { result: 0 },
    frames: ["FOREACH line: 0/0 ok"],
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
    frames: ["FOREACH reader: 2/2 ok"],
  },
  {
    file: "foreach-nested",
    input: { vans: [{ stops: [{ drive: 10 }, { drive: 6 }] }, { stops: [] }, { stops: [{ drive: 30 }] }] },
    output: { result: 34 },
    frames: ["FOREACH stop: 3/3 ok", "FOREACH van: 3/3 ok"],
    steps: { plan: "succeeded", tour: times(3), minutes: times(3), van_done: times(3), day: "succeeded" },
  },
  {
    file: "foreach-after",
    input: { shelves: ["jam", "wine"] },
    frames: ["FOREACH shelf: 2/2 ok"],
    steps: { cellar: "succeeded", light_on: "succeeded", empty: times(2), light_off: "succeeded" },
  },
  {
    file: "foreach-concurrency",
    input: { books: [1, 2, 3, 4, 5, 6, 7], catalogue: "$WORLD/sink/catalogue" },
    output: { asked: 7, failed: 0 },
    frames: ["FOREACH book: 7/7 ok"],
    after: ({ world }) => Promise.resolve(expect(world.seen("/sink/catalogue").map(({ json }) => json)).toHaveLength(7)),
  },
  {
    file: "foreach-tolerate",
    input: { values: [1, 2, 0, 4] },
    output: expect.objectContaining({ report: { checked: 4 } }),
    frames: ["FOREACH value: 3/4 ok, 1 failed"],
    steps: { sensors: "succeeded", check: expect.arrayContaining(["failed"]), report: "succeeded" },
  },
  {
    file: "foreach-tolerate",
    when: "half of them are broken",
    input: { values: [0, 2, 0, 4] },
    frames: ["FOREACH value: 2/4 ok, 2 failed"],
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
    frames: ["FOREACH table: 1/3 ok, 1 failed"],
    after: async ({ call, runId }) => {
      const { trace }: Run = JSON.parse((await call("GET", `/runs/${runId}`)).text);
      const moved = trace.filter(({ node }) => node === "move").map(({ status }) => status);
      expect([moved.slice(0, 2), moved.slice(2).filter((status) => status !== "cancelled")]).toEqual([["succeeded", "failed"], []]);
    },
  },
  { file: "chinese-loop", input: { 信件: ["a", "b"] }, frames: ["FOREACH 信: 2/2 ok"], output: { 全部: ["A", "B"] } },
];
