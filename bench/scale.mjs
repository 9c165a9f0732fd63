/**
 * What a number of steps a day costs in production, and which limit it meets first: arithmetic over what the bench counts.
 *
 *   node bench/scale.mjs [--counts FILE]     FILE is `bench/counts.json`, or what `npm run bench -- --json FILE` wrote
 *
 * Between its markers `docs/scale.md` holds exactly this output; a test compares.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** US dollars for a million, from the pages of Cloudflare on 2026-11-20, without what the paid plan includes. */
const PRICES = {
  queueOperations: 0.4,
  objectRequests: 0.15,
  rowsWritten: 1,
  rowsRead: 0.001,
  requests: 0.3,
  cpuMs: 0.02,
  gbSeconds: 12.5,
  workflowsSteps: 8,
};
const LIMITS = { queueMessagesASecond: 5000, indexGb: 10, indexWritesASecond: 1000 };

/** Assumed: how runs look, and what one machine cannot tell. */
const ASSUMED = {
  batch: 10, // messages of one consumer invocation; at most 100
  peak: 3, // the busiest second to the average one
  cpuMsOfStep: 3, // runner and run object; the whole of workerd takes 0.7 ms here
  objectMsOfCall: 10,
  indexBytesOfRun: 400, // with its two indexes
};

/** Counted in the code, of each run: rows of its log beside the steps, alarms, and rows of the index with its indexes. */
const OF_RUN = { logRows: 2, alarmRows: 2, indexRows: 5, calls: 1, alarms: 1, headRowsRead: 1 };
/** Only a process that gets its own messages back is handed steps with a settlement: in production a step is claimed and settled. */
const CALLS_OF_STEP = 2;
const DAYS = 30;

export function readCounts(file) {
  const counted = JSON.parse(readFileSync(file, "utf8"));
  const { engine } = counted;
  if (engine === undefined) return counted;
  return { rowsOfStep: engine.rows, messagesOfStep: engine.perStep.messages, callsOfStep: engine.perStep.rpcs };
}

/** Everything for one million steps in runs of `stepsOfRun`, in millions. */
function amounts({ rowsOfStep, messagesOfStep }, stepsOfRun) {
  const runs = 1 / stepsOfRun;
  const calls = CALLS_OF_STEP + runs * (OF_RUN.calls + OF_RUN.alarms);
  return {
    queueOperations: 3 * messagesOfStep,
    objectRequests: calls,
    rowsWritten: rowsOfStep + runs * (OF_RUN.logRows + OF_RUN.alarmRows + OF_RUN.indexRows),
    rowsRead: runs * OF_RUN.headRowsRead,
    requests: runs + messagesOfStep / ASSUMED.batch,
    cpuMs: ASSUMED.cpuMsOfStep,
    gbSeconds: (calls * ASSUMED.objectMsOfCall * 0.128) / 1000,
  };
}

function priceOfMillion(counts, stepsOfRun) {
  return Object.entries(amounts(counts, stepsOfRun)).reduce((sum, [name, millions]) => sum + millions * PRICES[name], 0);
}

export function scale(counts) {
  return [costs(counts), loads(counts)].join("\n\n");
}

function costs(counts) {
  const shapes = [5, 10, 100];
  const lines = Object.keys(amounts(counts, 10)).map((name) => [
    name,
    ...shapes.flatMap((steps) => {
      const amount = amounts(counts, steps)[name];
      return [amount.toPrecision(3), dollars(amount * PRICES[name])];
    }),
  ]);
  const total = shapes.flatMap((steps) => ["", dollars(priceOfMillion(counts, steps))]);
  const heads = shapes.flatMap((steps) => [`runs of ${steps}: million`, "US $"]);
  return markdown([["for a million steps", ...heads], ...lines, ["**together**", ...total]]);
}

function loads(counts) {
  const days = [1e6, 1e9];
  const row = (title, of) => [title, ...days.map((steps) => of(steps, (steps / 86_400) * ASSUMED.peak))];
  return markdown([
    ["in runs of 10 steps", ...days.map((steps) => `${steps.toExponential(0).replace("e+", " × 10^")} steps a day`)],
    row("steps a second, on average", (steps) => number(steps / 86_400)),
    row("messages a second, at the peak", (_, peak) => number(peak * counts.messagesOfStep)),
    row("queues that each lane needs", (_, peak) => number(Math.ceil((peak * counts.messagesOfStep) / LIMITS.queueMessagesASecond))),
    row("runs a second into the index, at the peak", (_, peak) => `${number(peak / 10)} of about ${LIMITS.indexWritesASecond}`),
    row("days until one index database is full", (steps) => number((LIMITS.indexGb * 1e9) / ((steps / 10) * ASSUMED.indexBytesOfRun))),
    row("US $ a month", (steps) => number((steps / 1e6) * DAYS * priceOfMillion(counts, 10))),
    row("the same on Cloudflare Workflows, its steps alone", (steps) => number((steps / 1e6) * DAYS * PRICES.workflowsSteps)),
  ]);
}

const dollars = (value) => value.toFixed(2);
const number = (value) => (value < 10 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value).toLocaleString("en-US"));

function markdown([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { counts: { type: "string", default: fileURLToPath(new URL("counts.json", import.meta.url)) } },
  });
  console.log(scale(readCounts(values.counts)));
}
