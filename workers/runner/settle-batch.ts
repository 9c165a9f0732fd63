/**
 * From assignments to committed results, and what follows from them: execute → settle (one RPC a run) → go on with runs that have but one next
 * step, and one `sendBatch` and one index write for all others.
 *
 * Invariants
 * B1  Nothing is sent before the result is committed (R2).
 * B2  The failure of one run's object delays that run only.
 * B3  An invocation spends a bounded amount of fuel. What is left then goes back unexecuted, and is hinted anew.
 * B4  What a step with an effect has done is told until it is stored, or its lease is over: else the effect would be made again, or nobody
 *     would know whether it was made. In the lane of pure steps, where others wait for it, it is told again for a moment only.
 * B5  A part that computes for long gives way to others; so do many that compute together.
 */
import { toErrorInfo } from "../../shared/model/errors.ts";
import { groupBy } from "../../shared/model/group-by.ts";
import { MAX_FUEL_PER_INVOCATION, MINUTE_MS, SECOND_MS } from "../../shared/model/limits.ts";
import { nextInLine } from "../../shared/line.ts";
import type { Assignment, Outcome, SettleReply } from "../../shared/run-api.ts";
import type { RunnerDeps } from "./deps.ts";
import { executeStep } from "./execute-step.ts";
import { giveBack, type TakenSlot } from "./slot-step.ts";
import { isStorageAway, untilStored } from "./storage-away.ts";
import { createTurns } from "./turns.ts";

/**
 * Each holds its input, its output (10 MiB each) and the memory of its part: a hundred of them would be the end of the process. And the
 * platform lets one request have no more than four loaded parts at work (`part-loader.ts`).
 */
const MAX_AT_ONCE = 4;
/** Everything of this process waits while parts compute, and on Cloudflare the clock stands still meanwhile: after so much of it the others have a turn. */
const LONG_FUEL = 20_000_000;
/** All lines of a batch that belong to one run are settled in one call, which takes 32 MiB. */
const MAX_LINE_BYTES = 64 * 1024;
/** The platform ends an invocation after a quarter of an hour. */
const TOLD_AT_MOST_MS = 10 * MINUTE_MS;
/** The runs of the other messages of the batch, and of the next batches, wait meanwhile. What is not stored then is done again: it has no effect. */
const TOLD_BESIDE_OTHERS_MS = 2 * SECOND_MS;

/** Executes, commits run by run, then sends for all of them together. Never rejects for one run's sake. */
export async function executeAndSettle(assignments: readonly Assignment[], deps: RunnerDeps): Promise<void> {
  const inTurn = createTurns(MAX_AT_ONCE);
  const fuel = { left: MAX_FUEL_PER_INVOCATION, sinceTurn: 0 };
  const until = deps.now() + deps.goOnMs;
  const behind: Promise<void>[] = [];
  const mayGoOn = () => fuel.left > 0 && deps.now() < until;
  const settleOne = async (group: readonly Assignment[]) => {
    const taken: TakenSlot[] = [];
    const execute = (assignment: Assignment) =>
      inTurn(() => executeLine(assignment, mayGoOn, (one) => executeWithin(fuel, one, taken, deps), deps));
    const settled = await settleGroup(group, execute, deps);
    behind.push(giveBack(taken, deps));
    return settled;
  };
  const unsettled: Unsettled[] = [];
  for (let next = assignments; next.length > 0;) {
    const byRun = groupBy(next, ({ run }) => run.id);
    const groups = await Promise.all([...byRun.values()].map(settleOne));
    unsettled.push(...groups.flatMap((group) => group.unsettled ?? []));
    const replies = groups.flatMap(({ reply }) => reply ?? []);
    const isGoingOn = mayGoOn();
    next = isGoingOn ? replies.flatMap((reply) => onlyStep(reply) ?? []) : [];
    behind.push(flush(isGoingOn ? replies.map(withoutOnlyStep) : replies, deps));
  }
  await Promise.all(behind);
  await Promise.all(unsettled.map((one) => settleLate(one, deps)));
}

/** All that follows, if it is one pure step. Several are messages: others may execute them at the same time. */
function onlyStep({ hints, offers }: SettleReply): Assignment | undefined {
  const [offered] = offers;
  return hints.length === 1 && offers.length === 1 ? offered : undefined;
}

const withoutOnlyStep = (reply: SettleReply): SettleReply => (onlyStep(reply) === undefined ? reply : { ...reply, hints: [], offers: [] });

type Unsettled = { readonly group: readonly Assignment[]; readonly outcomes: readonly Outcome[] };

async function settleGroup(
  group: readonly Assignment[],
  execute: (assignment: Assignment) => Promise<readonly Outcome[]>,
  deps: RunnerDeps,
): Promise<{ readonly reply?: SettleReply; readonly unsettled?: Unsettled }> {
  deps.counters.objectCall();
  const outcomes = (await Promise.all(group.map(execute))).flat();
  try {
    return { reply: await settleOutcomes({ group, outcomes }, deps) };
  } catch (thrown) {
    logFailure(group, thrown, deps);
    // A pure step is done again at once: its lease went with the memory of its object, or ends soon.
    const isDone = isStorageAway(thrown) && group.some(isDurable);
    return isDone ? { unsettled: { group, outcomes } } : {};
  }
}

const settleOutcomes = ({ group: [first], outcomes }: Unsettled, deps: RunnerDeps): Promise<SettleReply> => {
  if (first === undefined) throw new Error("a group has a step");
  return deps.runs.of(first.run.tenant, first.run.id).settle(outcomes, deps.offers.most);
};

/** B4 */
async function settleLate(unsettled: Unsettled, deps: RunnerDeps): Promise<void> {
  const { group } = unsettled;
  const most = group.some(({ vertex }) => vertex.lane === "io") ? TOLD_AT_MOST_MS : TOLD_BESIDE_OTHERS_MS;
  const forMs = Math.min(Math.max(...group.map(({ timeoutMs }) => timeoutMs)), most);
  try {
    const reply = await untilStored(() => settleOutcomes(unsettled, deps), forMs);
    await flush([reply], deps);
  } catch (thrown) {
    logFailure(group, thrown, deps);
  }
}

/** The lease runs out and the step is given out again: nothing is lost, only time. */
function logFailure([first]: readonly Assignment[], thrown: unknown, deps: RunnerDeps): void {
  deps.log("settle.failed", { run: first?.run.id, error: toErrorInfo(thrown).message, cause: String(thrown) });
}

/** Its lease is a row: it is not simply done again. */
const isDurable = ({ vertex }: Assignment): boolean => vertex.effects !== "pure" || vertex.concurrency !== undefined;

/** The step, and those after it in its line that succeed: one settlement for all. What did not is given out once more, under a lease. */
async function executeLine(
  first: Assignment,
  mayGoOn: () => boolean,
  execute: (assignment: Assignment) => Promise<Outcome>,
  deps: RunnerDeps,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let bytes = 0;
  for (let assignment: Assignment | undefined = first; assignment !== undefined;) {
    const outcome = await execute(assignment);
    const isFirst = outcomes.length === 0;
    if (!isFirst && outcome.result.kind !== "succeeded") break;
    count(assignment, outcome, deps);
    outcomes.push(isFirst ? outcome : { ...outcome, follows: true });
    bytes += bytesOf(outcome);
    assignment = bytes < MAX_LINE_BYTES && mayGoOn() ? nextInLine(assignment, outcome, deps.now()) : undefined;
  }
  return outcomes;
}

const bytesOf = ({ input, result }: Outcome): number =>
  [input, "output" in result ? result.output : undefined].reduce(
    (sum, value) => sum + (value !== undefined && "json" in value ? value.json.length : 0),
    0,
  );

type Fuel = { left: number; sinceTurn: number };

async function executeWithin(fuel: Fuel, assignment: Assignment, taken: TakenSlot[], deps: RunnerDeps): Promise<Outcome> {
  // A step with a durable lease is executed: to hand it back would be a row. It waits for others more than it computes.
  if (fuel.left <= 0 && !isDurable(assignment)) return released(assignment, deps.now());
  const outcome = await executeStep(assignment, deps, taken);
  fuel.left -= outcome.fuel;
  fuel.sinceTurn += outcome.fuel;
  if (fuel.sinceTurn > LONG_FUEL) {
    fuel.sinceTurn = 0;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return outcome;
}

function count({ vertex }: Assignment, { result: { kind }, startedAt }: Outcome, { counters, now }: RunnerDeps): void {
  if (kind !== "released" && kind !== "yielded") counters.step(vertex.recipe ?? vertex.component, kind, now() - startedAt);
}

const released = ({ step, generation, attempt, lease }: Assignment, now: number): Outcome => ({
  step,
  generation,
  attempt,
  lease,
  startedAt: now,
  fuel: 0,
  result: { kind: "released" },
});

/** One `sendBatch` and one index write for everything that was committed. */
async function flush(replies: readonly SettleReply[], deps: RunnerDeps): Promise<void> {
  const summaries = replies.flatMap(({ summary }) => summary ?? []);
  const letters = replies.flatMap(({ deadLetters }) => deadLetters);
  for (const _ of letters) deps.counters.deadLetter();
  const hints = replies.flatMap(({ hints: next }) => next);
  deps.counters.hinted(hints.length);
  deps.counters.refused(replies.reduce((sum, { refused }) => sum + refused, 0));
  deps.offers.keep(replies.flatMap(({ offers }) => offers));
  await Promise.all([
    deps.hints.send(hints),
    letters.length > 0 ? deps.hints.sendDeadLetters(letters) : undefined,
    deps.teller.tell(summaries),
    deps.flushCounters(),
  ]);
}
