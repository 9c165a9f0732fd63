import { describe, expect, it } from "vitest";
import { asMeasured, ASSUMED, type Counts, countsOfChain, endsOf, planOf, withMessages } from "../../bench/scale-model.mjs";
import { renderScale } from "../../bench/scale-page.mjs";
import { read } from "../docs/documents.ts";

const COUNTS: Counts = JSON.parse(read("bench/counts.json"));
const MONTHLY_STEPS = 30e6;

it("The page about scale says what the script makes of the counts", () => {
  expect(read("docs/scale.md"), "the page is stale: run `npm run docs`").toBe(renderScale(COUNTS));
});

describe("what a chain costs", () => {
  it("is a share for the run and one for each step: the chain in the middle lies on the line of the others", () => {
    const middle = COUNTS.chains[1];
    expect(middle?.steps).toBe(10);
    const { objectBytes: line, ...computed } = countsOfChain(COUNTS, 10);
    const { objectBytes: counted, ...rest } = middle ?? { steps: 0 };
    expect(computed).toEqual(rest);
    // The size goes in pages of 4 KiB.
    expect(Math.abs(Number(line) - Number(counted))).toBeLessThan(4096);
  });

  it("at a million steps a day is the sum of what is counted, times its price", () => {
    const { lines, runsPerDay, perMillion } = planOf(COUNTS, countsOfChain(COUNTS, 10), 1e6);
    const listOf = (name: string): number => lines.find((line) => line.name === name)?.list ?? Number.NaN;
    expect(runsPerDay).toBe(1e5);
    expect(listOf("queueOperations")).toBeCloseTo((MONTHLY_STEPS * 0.1 * 3 * 0.4) / 1e6);
    // start, a claim, a settlement, 2 alarms
    expect(listOf("objectRequests")).toBeCloseTo((MONTHLY_STEPS * 0.5 * 0.15) / 1e6);
    // 10 results, start and end, the table and its entry, 3 alarms
    expect(listOf("objectRowsWritten")).toBeCloseTo((MONTHLY_STEPS * 1.7 * 1) / 1e6);
    expect(lines.reduce((sum, { list }) => sum + list, 0)).toBeCloseTo(perMillion * 30);
    expect(lines.find(({ name }) => name === "workerCpuMs")).toMatchObject({ billed: 0 });
  });
});

it("Growth ends where the nearest limit is, and a shorter retention moves that of the index", () => {
  const run = countsOfChain(COUNTS, 10);
  const [first] = endsOf(COUNTS, run);
  expect(first).toEqual({ id: "d1Bytes", stepsPerDay: (10e9 / COUNTS.indexBytes / 30) * 10 });
  const [shorter] = endsOf(COUNTS, run, { ...ASSUMED, retentionDays: 1 });
  expect(shorter?.id).toBe("d1Queries");
});

it("What the bench has counted of a step takes the place of what a chain costs", () => {
  const engine = { rows: 1, perStep: { rpcs: 0.9, messages: 1.01 } };
  const page = renderScale(COUNTS, engine);
  expect(page).toContain("A step took 0.90 calls of its run object, 1.01 messages and 1.0 rows.");
  const run = countsOfChain(COUNTS, 10);
  const [dearest, measured] = [withMessages(run), asMeasured(run, engine)].map((one) => planOf(COUNTS, one, 1e9).perMillion);
  // 1.1 calls less ($0.15 and their time a million), 0.01 messages more, a tenth of the invocations
  const less = 1.1 * (0.15 + 0.01 * 0.128 * 12.5) - 0.01 * 3 * 0.4 + (1 - 1.01 / 10) * 0.3;
  expect(measured).toBeCloseTo(Number(dearest) - less);
});

it("A long chain is a message and a claim more for each while that a runner goes on", () => {
  const [short, long] = [countsOfChain(COUNTS, 100), countsOfChain(COUNTS, 1000)]; // 1 ms a step, 10 ms for 16 of them, 200 ms a while
  expect([short.messages, short.claim, short.settle]).toEqual([1, 1, 7]);
  expect([long.messages, long.claim, long.settle]).toEqual([9, 9, 63]);
});
