/**
 * From assignments to committed results, and what follows from them: execute → settle (one RPC a run) → go on with runs that have but one next
 * step, and one `sendBatch` and one index write for all others.
 *
 * Invariants
 * B1  Nothing is sent before the result is committed (R2).
 * B2  The failure of one run's object delays that run only.
 * B3  An invocation spends a bounded amount of fuel. What is left then goes back unexecuted, and is hinted anew.
 */
import { toErrorInfo } from "../../shared/model/errors.ts";
import { groupBy } from "../../shared/model/group-by.ts";
import { MAX_FUEL_PER_INVOCATION } from "../../shared/model/limits.ts";
import type { Assignment, Outcome, SettleReply } from "../../shared/run-api.ts";
import type { RunnerDeps } from "./deps.ts";
import { executeStep } from "./execute-step.ts";
import { giveBack, type TakenSlot } from "./slot-step.ts";
import { createTurns } from "./turns.ts";

/**
 * Each holds its input, its output (10 MiB each) and the memory of its part: a hundred of them would be the end of the process. And the
 * platform lets one request have no more than four loaded parts at work (`part-loader.ts`).
 */
const MAX_AT_ONCE = 4;
/** Everything of this process waits while a part computes: after so much of it the others have a turn. */
const LONG_FUEL = 20_000_000;

/** A run that goes on with one pure step goes on here, for so long: no message, no claim. Then it is the turn of what waits in the queue. */
const GO_ON_MS = 200;

/** Executes, commits run by run, then sends for all of them together. Never rejects for one run's sake. */
export async function executeAndSettle(assignments: readonly Assignment[], deps: RunnerDeps): Promise<void> {
  const inTurn = createTurns(MAX_AT_ONCE);
  const fuel = { left: MAX_FUEL_PER_INVOCATION };
  const until = deps.now() + GO_ON_MS;
  const behind: Promise<void>[] = [];
  const settleOne = async (group: readonly Assignment[]) => {
    const taken: TakenSlot[] = [];
    const execute = (assignment: Assignment) => inTurn(() => executeWithin(fuel, assignment, taken, deps));
    const reply = await settleGroup(group, execute, deps);
    behind.push(giveBack(taken, deps));
    return reply;
  };
  for (let next = assignments; next.length > 0;) {
    const byRun = groupBy(next, ({ run }) => run.id);
    const replies = await Promise.all([...byRun.values()].map(settleOne));
    const settled = replies.filter((reply) => reply !== undefined);
    const mayGoOn = fuel.left > 0 && deps.now() < until;
    next = mayGoOn ? settled.flatMap((reply) => onlyStep(reply) ?? []) : [];
    behind.push(flush(mayGoOn ? settled.map(withoutOnlyStep) : settled, deps));
  }
  await Promise.all(behind);
}

/** All that follows, if it is one pure step. Several are messages: others may execute them at the same time. */
function onlyStep({ hints, offers }: SettleReply): Assignment | undefined {
  const [offered] = offers;
  return hints.length === 1 && offers.length === 1 ? offered : undefined;
}

const withoutOnlyStep = (reply: SettleReply): SettleReply => (onlyStep(reply) === undefined ? reply : { ...reply, hints: [], offers: [] });

async function settleGroup(
  group: readonly Assignment[],
  execute: (assignment: Assignment) => Promise<Outcome>,
  deps: RunnerDeps,
): Promise<SettleReply | undefined> {
  const run = group[0]?.run;
  if (run === undefined) return undefined;
  deps.counters.objectCall();
  try {
    const outcomes = await Promise.all(group.map(execute));
    return await deps.runs.of(run.tenant, run.id).settle(outcomes, deps.offers.most);
  } catch (thrown) {
    // The lease runs out and the step is given out again: nothing is lost, only time.
    deps.log("settle.failed", { run: run.id, error: toErrorInfo(thrown).message, cause: String(thrown) });
    return undefined;
  }
}

async function executeWithin(fuel: { left: number }, assignment: Assignment, taken: TakenSlot[], deps: RunnerDeps): Promise<Outcome> {
  // A step with a durable lease is executed: to hand it back would be a row. It waits for others more than it computes.
  const isDurable = assignment.vertex.effects !== "pure" || assignment.vertex.concurrency !== undefined;
  if (fuel.left <= 0 && !isDurable) return released(assignment, deps.now());
  const outcome = await executeStep(assignment, deps, taken);
  fuel.left -= outcome.fuel;
  if (outcome.fuel > LONG_FUEL) await new Promise((resolve) => setTimeout(resolve, 0));
  const { kind } = outcome.result;
  const part = assignment.vertex.recipe ?? assignment.vertex.component;
  if (kind !== "released" && kind !== "yielded") deps.counters.step(part, kind, deps.now() - outcome.startedAt);
  return outcome;
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
