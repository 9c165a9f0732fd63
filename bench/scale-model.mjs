/**
 * From what single runs were counted to cost (`counts.json`, by `test/workerd/run-cost.test.ts`) to what many of them cost a day.
 * A chain costs a share for the run and a share for each step, exactly: the shorter and the longer of the counted chains give both.
 */
import { LIMITS, OBJECT_GB, OPERATIONS_PER_MESSAGE, PRICES } from "./prices.mjs";

const DAY_SECONDS = 86_400;
export const DAYS_A_MONTH = 30;
/** Messages of an invocation when there is much to do. */
const SHARED_BATCH = 10;

/** What no count gives. */
export const ASSUMED = {
  /** Of the Worker, claim to ack. Measured for all of local workerd, its queues and SQLite included: 0.7 to 1.2, so it is too much. */
  cpuMsPerStep: 1,
  /** How long a call keeps a run object awake. Not measured: in production its answer waits until the rows lie in several places. */
  objectMsPerCall: 10,
  /** So many steps one after the other are settled together: `shared/ledger/line.ts`. */
  lineSteps: 16,
  /** How long a runner goes on with a chain: `workers/runner/settle-batch.ts`. */
  goOnMs: 200,
  /** Of the busiest second to the mean one. */
  peak: 3,
  /** Runs are forgotten after so many days. */
  retentionDays: 30,
  /** Isolates of the runner that count, each of them for itself, and write down every so many seconds what they counted. */
  flushSeconds: 5,
  stepsPerIsolateSecond: 200,
};

/**
 * Of a run with so many steps one after the other, by name of the count. It goes on without messages for a while (docs/decisions/0020-going-on.md); the
 * clock of the counted runs stood still, so what comes after that while is added here.
 */
export function countsOfChain({ chains }, steps, { lineSteps, goOnMs, objectMsPerCall, cpuMsPerStep } = ASSUMED) {
  const [short, long] = [chains[0], chains.at(-1)];
  const at = (name) => short[name] + ((long[name] - short[name]) / (long.steps - short.steps)) * (steps - short.steps);
  const run = Object.fromEntries(Object.keys(short).map((name) => [name, at(name)]));
  const settle = Math.ceil(steps / lineSteps);
  const pauses = Math.ceil((steps * cpuMsPerStep + settle * objectMsPerCall) / goOnMs) - 1;
  return { ...run, settle, messages: run.messages + pauses, batches: run.batches + pauses, claim: run.claim + pauses };
}

/** The same run if each of its steps were one of several that became ready, and nothing shared its batch: the dearest way. */
export function withMessages(run) {
  return { ...run, messages: run.steps, batches: run.steps, claim: run.steps, settle: run.steps };
}

/** Of a run with large values: what the counted one takes more than a chain of its length, for each step. */
export function withLarge(counts, of) {
  const { large } = counts;
  const small = countsOfChain(counts, large.steps);
  const share = of.steps / large.steps;
  const more = (name) => of[name] + (large[name] - small[name]) * share;
  const settle = of.steps; // a large answer ends its line
  return { ...of, settle, r2Writes: more("r2Writes"), r2Reads: more("r2Reads"), r2Bytes: (more("r2Writes") - of.r2Writes) * large.bytes };
}

/** A run of which steps took what `npm run bench -- --json FILE` measured: on one machine steps are handed out with settlements, and share batches. */
export function asMeasured(run, { rows, perStep }) {
  const batches = (perStep.messages * run.steps) / SHARED_BATCH;
  return {
    ...run,
    batches,
    claim: perStep.rpcs * run.steps,
    settle: 0,
    messages: perStep.messages * run.steps,
    objectRowsWritten: run.objectRowsWritten + (rows - 1) * run.steps,
  };
}

/** What one run asks of each thing that has a price. */
function usageOfRun(counts, run, { cpuMsPerStep, objectMsPerCall, retentionDays }) {
  const calls = run.start + run.claim + run.settle + run.alarm;
  const months = retentionDays / DAYS_A_MONTH;
  return {
    queueOperations: run.messages * OPERATIONS_PER_MESSAGE,
    workerRequests: 1 + run.batches,
    workerCpuMs: run.steps * cpuMsPerStep,
    objectRequests: calls,
    objectGbSeconds: (calls * objectMsPerCall * OBJECT_GB) / 1000,
    objectRowsRead: run.objectRowsRead,
    objectRowsWritten: run.objectRowsWritten + run.alarmsSet,
    objectGbMonths: (run.objectBytes / 1e9) * months,
    d1RowsRead: run.d1RowsRead,
    d1RowsWritten: run.d1RowsWritten,
    d1GbMonths: (counts.indexBytes / 1e9) * months,
    r2ClassA: run.r2Writes,
    r2ClassB: run.r2Reads,
    r2GbMonths: ((run.r2Bytes ?? 0) / 1e9) * months,
  };
}

/** Usage of a day, and what a month of such days costs. */
export function planOf(counts, run, stepsPerDay, assumed = ASSUMED) {
  const runsPerDay = stepsPerDay / run.steps;
  const isolates = Math.max(1, stepsPerDay / DAY_SECONDS / assumed.stepsPerIsolateSecond);
  const flushes = isolates * (DAY_SECONDS / assumed.flushSeconds);
  const day = Object.fromEntries(Object.entries(usageOfRun(counts, run, assumed)).map(([name, used]) => [name, used * runsPerDay]));
  day.d1RowsRead += flushes * counts.flush.d1RowsRead;
  day.d1RowsWritten += flushes * counts.flush.d1RowsWritten;
  const month = Object.entries(day).map(([name, used]) => {
    const { price, per, included } = PRICES[name];
    // Of storage a run takes what it takes over its life, so this is what lies there once the first runs are forgotten.
    const amount = used * DAYS_A_MONTH;
    return { name, day: used, amount, list: (amount / per) * price, billed: (Math.max(0, amount - included) / per) * price };
  });
  const sum = (of) => month.reduce((total, line) => total + of(line), 0);
  const list = sum((line) => line.list);
  return {
    runsPerDay,
    flushes,
    lines: month,
    list,
    billed: sum((line) => line.billed),
    perMillion: (list / (stepsPerDay * DAYS_A_MONTH)) * 1e6,
  };
}

/** Where growth ends, in steps a day, the nearest end first. */
export function endsOf(counts, run, assumed = ASSUMED) {
  const { peak, retentionDays } = assumed;
  const perRun = (runsPerDay) => runsPerDay * run.steps;
  const ends = [
    { id: "d1Bytes", stepsPerDay: perRun(LIMITS.d1Bytes / counts.indexBytes / retentionDays) },
    { id: "d1Queries", stepsPerDay: perRun((LIMITS.d1QueriesPerSecond * DAY_SECONDS) / peak / run.d1Queries) },
    { id: "queue", stepsPerDay: perRun((LIMITS.queueMessagesPerSecond * DAY_SECONDS) / peak / run.messages) },
  ];
  return ends.sort((one, other) => one.stepsPerDay - other.stepsPerDay);
}

/** Of each thing that ends somewhere, how many it takes. */
export function shardsOf(counts, run, stepsPerDay, assumed = ASSUMED) {
  return Object.fromEntries(endsOf(counts, run, assumed).map((end) => [end.id, Math.max(1, Math.ceil(stepsPerDay / end.stepsPerDay))]));
}
