/** `docs/scale.md`, from the counts. Nothing in it is written by hand but the sentences here. */
import { BASE_FEE, LIMITS, OBJECT_GB, PRICED_AT, PRICES, WORKFLOWS_STEP } from "./prices.mjs";
import { asMeasured, ASSUMED, countsOfChain, endsOf, planOf, shardsOf, withLarge, withMessages } from "./scale-model.mjs";

const USUAL_STEPS = 10;
/** As `workers/runner/wrangler.toml` sets them. */
const CONSUMERS = 50;
const BATCH = 100;
const LENGTHS = [5, 10, 100];
const DAYS = [
  ["1 M", 1e6],
  ["1 B", 1e9],
];

const NAMES = {
  queueOperations: "Queues, operations",
  workerRequests: "Workers, requests",
  workerCpuMs: "Workers, CPU ms",
  objectRequests: "run objects, requests",
  objectGbSeconds: "run objects, GB-s",
  objectRowsRead: "run objects, rows read",
  objectRowsWritten: "run objects, rows written",
  objectGbMonths: "run objects, GB kept",
  d1RowsRead: "D1, rows read",
  d1RowsWritten: "D1, rows written",
  d1GbMonths: "D1, GB kept",
  r2ClassA: "R2, class A",
  r2ClassB: "R2, class B",
  r2GbMonths: "R2, GB kept",
};

const ENDS = {
  d1Bytes: {
    what: "the index of runs fills its database",
    split:
      "by tenant (every row begins with it), then by month; or a run stays in the index for a shorter time than in its object. Lists ask the newest database first. No run needs the index: it may lag, and can be made anew",
  },
  d1Queries: {
    what: "the database answers no faster",
    split: "by tenant; and the newest version of a workflow is remembered for some seconds, as on one machine, or read from a replica",
  },
  queue: {
    what: "`arcrun-steps` takes no more messages",
    split: "a lane is several queues, chosen by the hash of the run: a hint may lie in any of them, and all have the same consumer",
  },
};

const money = (dollars) => (dollars >= 100 ? `$${Math.round(dollars).toLocaleString("en-US")}` : `$${dollars.toFixed(2)}`);

/** Three digits that count, and a word for the zeros. */
function amount(number) {
  const [size, word] = [
    [1e12, " T"],
    [1e9, " B"],
    [1e6, " M"],
    [1e3, " k"],
    [1, ""],
  ].find(([least]) => number >= least) ?? [1, ""];
  return `${Number((number / size).toPrecision(3))}${word}`;
}

const table = (header, rows) =>
  [header, header.map((_, column) => (column === 0 ? "---" : "--:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** `engine` is what `npm run bench -- --json FILE` wrote of it, if anything: the page has no such part. */
export function renderScale(counts, engine, assumed = ASSUMED) {
  const usual = countsOfChain(counts, USUAL_STEPS, assumed);
  return `${[
    "# Scale: what it costs, and where it ends",
    "Written by `npm run docs` (`bench/scale.mjs`), and compared by a test. The counts are those of `bench/counts.json`: a test in workerd plays runs through the real ingress, runner and run object, set as in production, " +
      "from the delivery to the day on which the run is forgotten, and counts rows, calls, messages and operations where the platform counts them for its bill. " +
      `Prices and limits are those of the paid plan as its documentation had them on ${PRICED_AT} (\`bench/prices.mjs\`). Nothing here was run against a real account.`,
    counted(counts),
    assumptions(assumed),
    ...DAYS.map(([title, steps]) => bill(title, planOf(counts, usual, steps, assumed))),
    sensitivity(counts, assumed),
    ...(engine === undefined ? [] : [measured(counts, engine, assumed)]),
    ending(counts, usual, assumed),
  ].join("\n\n")}\n`;
}

function counted(counts) {
  const columns = [
    ...counts.chains.map((run) => [`chain of ${run.steps}`, run]),
    [`1 → ${counts.fan.steps - 2} → 1`, counts.fan],
    [`chain of ${counts.large.steps}, ${counts.large.bytes / 1024} KiB`, counts.large],
  ];
  const line = (title, of) => [title, ...columns.map(([, run]) => String(of(run)))];
  const rows = [
    line("messages", ({ messages }) => messages),
    line("batches, if nothing else is there", ({ batches }) => batches),
    line("calls of the run object: start, claim, settle, alarm", ({ start, claim, settle, alarm }) => start + claim + settle + alarm),
    line("rows written in it, alarms set among them", ({ objectRowsWritten, alarmsSet }) => objectRowsWritten + alarmsSet),
    line("rows read in it", ({ objectRowsRead }) => objectRowsRead),
    line("its size, bytes", ({ objectBytes }) => objectBytes),
    line("D1: queries", ({ d1Queries }) => d1Queries),
    line("D1: rows written", ({ d1RowsWritten }) => d1RowsWritten),
    line("R2: class A", ({ r2Writes }) => r2Writes),
    line("R2: class B", ({ r2Reads }) => r2Reads),
  ];
  return [
    "## What one run costs",
    table(["counted for one run", ...columns.map(([title]) => title)], rows),
    `A step of a chain is one row; up to 16 of them share a call, their settlement ([0022](decisions/0022-lines.md)); only the first, and one now and then, is a message and a claim, too ([0020](decisions/0020-going-on.md)). Of several steps that become ready at once each is a message; ` +
      `those that share a batch share a claim and a settlement. A run adds a row for its start and one for its end, two of the table itself, ` +
      `three alarms, and its place in the index: ${counts.indexBytes} bytes of D1 while it is kept. Values over 32 KiB lie in R2, a step's input and output each. ` +
      `An isolate that writes down its counters writes ${counts.flush.d1RowsWritten} rows.`,
  ].join("\n\n");
}

function assumptions({ goOnMs, cpuMsPerStep, objectMsPerCall, peak, retentionDays, flushSeconds, stepsPerIsolateSecond }) {
  const awake = (2 * 10 * OBJECT_GB * 1e6 * PRICES.objectGbSeconds.price) / 1000 / PRICES.objectGbSeconds.per;
  return [
    "## What is assumed",
    [
      `- CPU of a step: ${cpuMsPerStep} ms. Measured locally as all that workerd does for one, its queues and SQLite included; so it is too much.`,
      `- A call keeps a run object awake for ${objectMsPerCall} ms. Not measured in production; each further 10 ms are ${money(awake)} for a million steps.`,
      `- Runs are chains, and kept for ${retentionDays} days. A runner goes on with a chain for ${goOnMs} ms. The busiest second has ${peak} times the mean.`,
      `- An isolate of the runner takes ${stepsPerIsolateSecond} steps/s, and writes down its counters every ${flushSeconds} s.`,
      "- No part calls out, nothing fails, nobody looks. A durable step (`idempotent`, `once`) writes a row more for its lease, and one for each call.",
    ].join("\n"),
  ].join("\n\n");
}

function bill(title, { runsPerDay, lines, list, billed, perMillion }) {
  const rows = lines
    .toSorted((one, other) => other.list - one.list)
    .map((line) => [
      NAMES[line.name],
      amount(line.day),
      money(line.list),
      money(line.billed),
      `${((100 * line.list) / list).toFixed(0)} %`,
    ]);
  const total = ["**all**", "", `**${money(list)}**`, `**${money(billed + BASE_FEE)}**`, ""];
  return [
    `## ${title} steps a day`,
    `${amount(runsPerDay)} runs of ${USUAL_STEPS} steps a day. **${money(perMillion)} for a million steps** by the list; the last row of what is billed has the fee of ${money(BASE_FEE)} in it.`,
    table(["", "a day", "a month, by the list", "billed, less what is included", "share"], [...rows, total]),
  ].join("\n\n");
}

function sensitivity(counts, assumed) {
  const rows = LENGTHS.flatMap((steps) => {
    const small = countsOfChain(counts, steps, assumed);
    return [
      ["a chain", small],
      [`a chain, values of ${counts.large.bytes / 1024} KiB`, withLarge(counts, small)],
      ["each a message, no batch is shared", withMessages(small)],
    ].map(([kind, run]) => {
      const [million, billion] = DAYS.map(([, perDay]) => planOf(counts, run, perDay, assumed));
      return [`${steps} steps: ${kind}`, money(million.perMillion), money(billion.perMillion)];
    });
  });
  const workflows = (WORKFLOWS_STEP.price / WORKFLOWS_STEP.per) * 1e6;
  const fan = planOf(counts, counts.fan, 1e9, assumed);
  return [
    "## What it depends on",
    table(["for a million steps, by the list", "at 1 M a day", "at 1 B a day"], rows),
    `Steps that share batches share their calls: a run of 1 → ${counts.fan.steps - 2} → 1 costs ${money(fan.perMillion)} for a million at 1 B a day. Cloudflare Workflows asks ${money(workflows)} for a million steps ` +
      "since August 2026, with requests, CPU and storage on top; its steps are closures in one Worker.",
  ].join("\n\n");
}

function measured(counts, engine, assumed) {
  const run = asMeasured(countsOfChain(counts, USUAL_STEPS, assumed), engine);
  const { rpcs, messages } = engine.perStep;
  return [
    "## As the bench measured it",
    `A step took ${rpcs.toFixed(2)} calls of its run object, ${messages.toFixed(2)} messages and ${engine.rows.toFixed(1)} rows. Were production like this machine, a million steps ` +
      `would cost ${money(planOf(counts, run, 1e9, assumed).perMillion)} at 1 B a day.`,
  ].join("\n\n");
}

const endOf = (counts, run, wanted, assumed) => endsOf(counts, run, assumed).find(({ id }) => id === wanted).stepsPerDay;

/** Steps a second: a batch is claimed in one call's time, computed, and settled in another's. */
const fullBatches = ({ objectMsPerCall, cpuMsPerStep }) => (CONSUMERS * BATCH * 1000) / (2 * objectMsPerCall + BATCH * cpuMsPerStep);

function ending(counts, usual, assumed) {
  const shards = DAYS.map(([, steps]) => shardsOf(counts, usual, steps, assumed));
  const rows = endsOf(counts, usual, assumed).map(({ id, stepsPerDay }) => [
    ENDS[id].what,
    amount(stepsPerDay),
    ...shards.map((needed) => String(needed[id])),
    ENDS[id].split,
  ]);
  return [
    "## Where it ends first",
    table(["", "steps a day", ...DAYS.map(([title]) => `needed at ${title}`), "what is split, and how"], rows),
    `Limits: ${LIMITS.d1Bytes / 1e9} GB a database, about ${LIMITS.d1QueriesPerSecond} queries a second (one at a time, a millisecond each), ${LIMITS.queueMessagesPerSecond} messages a second and queue, ` +
      `${LIMITS.consumerInvocations} invocations at once and queue (\`workers/runner/wrangler.toml\` allows 50; each of them busy with full batches they would do ${amount(fullBatches(assumed))} steps a second). ` +
      `Where each step is a message, its queue is full at ${amount(endOf(counts, withMessages(usual), "queue", assumed))} steps a day. ` +
      "Splitting is not built: one database and one queue a lane are what there is.",
    `What does not end: run objects, one a run, each far below ${LIMITS.objectRequestsPerSecond} requests a second (a loop shares its calls, and a run has at most 256 hints under way); R2; the Workers. ` +
      "What ends by itself, however small the whole: one key of `concurrency` or `singleton`, and one workflow with schedules, are one object each: a slot is taken and given back, so some 500 steps a second for a key. " +
      "Counters are rows that all isolates add to: at many isolates they belong into Analytics Engine, or are written down more rarely.",
    `Prices: ${[...new Set(Object.values(PRICES).map(({ source }) => source))].join(", ")}; ${WORKFLOWS_STEP.source}.`,
  ].join("\n\n");
}
