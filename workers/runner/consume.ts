/**
 * From a batch of hints to acks. The path of a message: parse → claim (one RPC a run) → execute → settle (one RPC a run) →
 * one `sendBatch` and one index write for the whole batch → ack.
 *
 * Invariants
 * C1  Never throws; every message ends in exactly one outcome, settled in one place.
 * C2  A failure redelivers its own message only.
 * C3  Nothing is sent before the result is committed (R2).
 */
import { StepHint } from "../../shared/message.ts";
import { toErrorInfo } from "../../shared/model/errors.ts";
import { groupBy } from "../../shared/model/group-by.ts";
import type { Assignment, Outcome, SettleReply } from "../../shared/run-api.ts";
import type { RunnerDeps } from "./deps.ts";
import { unreadable } from "./dead-letters.ts";
import { executeStep } from "./execute-step.ts";

/** How a claimed step is carried out: at once (pure steps), or handed to the io lane. */
export type Lane = {
  /** False: no room now, come again. */
  hasRoom(): boolean;
  execute(assignments: readonly Assignment[], deps: RunnerDeps): Promise<void>;
};

type Delivery = { readonly message: Message; readonly hint: StepHint };

const BUSY_DELAY_SECONDS = 1;
/** Each holds its input, its output (10 MiB each) and the memory of its part: a hundred of them would be the end of the process. */
const MAX_AT_ONCE = 4;
const LONG_FUEL = 20_000_000;
const MAX_BACKOFF_SECONDS = 60;

export async function consume(batch: MessageBatch, lane: Lane, deps: RunnerDeps): Promise<void> {
  const deliveries: Delivery[] = [];
  for (const message of batch.messages) {
    const parsed = StepHint.safeParse(message.body);
    if (parsed.success) deliveries.push({ message, hint: parsed.data });
    else await quarantine(message, batch.queue, deps);
  }
  if (!lane.hasRoom()) {
    for (const { message } of deliveries) message.retry({ delaySeconds: BUSY_DELAY_SECONDS });
    return;
  }
  const claims = await Promise.all(groupByRun(deliveries).map((group) => claimGroup(group, deps)));
  const claimed = claims.filter((claim) => claim.assignments !== undefined);
  try {
    await lane.execute(
      claimed.flatMap(({ assignments }) => assignments ?? []),
      deps,
    );
    for (const { group } of claimed) for (const { message } of group) message.ack();
  } catch (thrown) {
    deps.log("lane.failed", { queue: batch.queue, error: String(thrown) });
    for (const { group } of claimed) for (const { message } of group) retry(message);
  }
}

/** Undefined assignments: the run object could not be asked; its messages come again. */
async function claimGroup(group: readonly Delivery[], deps: RunnerDeps) {
  const first = group[0]?.hint;
  if (first === undefined) return { group, assignments: [] };
  deps.counters.objectCall();
  try {
    const keys = [...new Set(group.map(({ hint }) => hint.step))];
    const replies = deps.ids.isRunOf(first.tenant, first.run) ? await deps.runs.of(first.tenant, first.run).claim(keys) : [];
    return { group, assignments: replies.filter((reply) => reply.kind === "execute") };
  } catch (thrown) {
    deps.log("claim.failed", { run: first.run, error: String(thrown) });
    for (const { message } of group) retry(message);
    return { group, assignments: undefined };
  }
}

function groupByRun(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  return [...groupBy(deliveries, ({ hint }) => `${hint.tenant} ${hint.run}`).values()];
}

/** Straight to the desk: no run's alarm would send such a letter again if the queue lost it. */
async function quarantine(message: Message, queue: string, deps: RunnerDeps): Promise<void> {
  try {
    await deps.index.addDeadLetters([unreadable(message, queue, deps.now())]);
    deps.counters.deadLetter();
    message.ack();
  } catch (thrown) {
    deps.log("quarantine.failed", { queue, error: String(thrown) });
    retry(message);
  }
}

const retry = (message: Message): void => message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_BACKOFF_SECONDS) });

// ---------------------------------------------------------------- after execution

/** Executes, commits run by run, then sends for all of them together. Never rejects for one run's sake. */
export async function executeAndSettle(assignments: readonly Assignment[], deps: RunnerDeps): Promise<void> {
  const byRun = groupBy(assignments, ({ run }) => run.id);
  const inTurn = createTurns(MAX_AT_ONCE);
  const execute = (assignment: Assignment) => inTurn(() => measured(assignment, deps));
  const replies = await Promise.all([...byRun.values()].map((group) => settleGroup(group, execute, deps)));
  await flush(
    replies.filter((reply) => reply !== undefined),
    deps,
  );
}

type Execute = (assignment: Assignment) => Promise<Outcome>;

async function settleGroup(group: readonly Assignment[], execute: Execute, deps: RunnerDeps): Promise<SettleReply | undefined> {
  const run = group[0]?.run;
  if (run === undefined) return undefined;
  deps.counters.objectCall();
  try {
    const outcomes = await Promise.all(group.map(execute));
    return await deps.runs.of(run.tenant, run.id).settle(outcomes);
  } catch (thrown) {
    // The lease runs out and the step is given out again: nothing is lost, only time.
    deps.log("settle.failed", { run: run.id, error: toErrorInfo(thrown).message, cause: String(thrown) });
    return undefined;
  }
}

/** Runs what it is given, so many at once and the others when it is their turn. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

async function measured(assignment: Assignment, deps: RunnerDeps): Promise<Outcome> {
  const outcome = await executeStep(assignment, deps);
  // Everything of this process waits while a part computes: after much of it the others have a turn.
  if (outcome.fuel > LONG_FUEL) await new Promise((resolve) => setTimeout(resolve, 0));
  const { kind } = outcome.result;
  deps.counters.step(assignment.vertex.recipe ?? assignment.vertex.component, kind, deps.now() - outcome.startedAt);
  return outcome;
}

/** One `sendBatch` and one index write for everything that was committed. */
async function flush(replies: readonly SettleReply[], deps: RunnerDeps): Promise<void> {
  const summaries = replies.flatMap(({ summary }) => summary ?? []);
  const letters = replies.flatMap(({ deadLetters }) => deadLetters);
  for (const _ of letters) deps.counters.deadLetter();
  const hints = replies.flatMap(({ hints: next }) => next);
  deps.counters.hinted(hints.length);
  deps.counters.refused(replies.reduce((sum, { refused }) => sum + refused, 0));
  await Promise.all([
    deps.hints.send(hints),
    letters.length > 0 ? deps.hints.sendDeadLetters(letters) : undefined,
    summaries.length > 0
      ? deps.index.upsert(summaries).catch((thrown: unknown) => deps.log("index.failed", { error: String(thrown) }))
      : undefined,
    deps.flushCounters(),
  ]);
}
