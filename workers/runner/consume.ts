/**
 * From a batch of hints to acks. The path of a message: parse → claim (one RPC a run, unless the assignment is here already) →
 * execute and settle (`settle-batch.ts`) → ack.
 *
 * Invariants
 * C1  Never throws; every message ends in exactly one outcome, settled in one place.
 * C2  A failure redelivers its own message only.
 */
import { ROLL_OUT_DELAY_SECONDS, StepHint, waitsForRollOut } from "../../shared/message.ts";
import { groupBy } from "../../shared/model/group-by.ts";
import type { Assignment } from "../../shared/run-api.ts";
import type { RunnerDeps } from "./deps.ts";
import { unreadable } from "./dead-letters.ts";

/** How a claimed step is carried out: at once (pure steps), or handed to the io lane. */
export type Lane = {
  /** False: no room now, come again. */
  hasRoom(): boolean;
  execute(assignments: readonly Assignment[], deps: RunnerDeps): Promise<void>;
};

type Delivery = { readonly message: Message; readonly hint: StepHint };

const BUSY_DELAY_SECONDS = 1;
const MAX_BACKOFF_SECONDS = 60;

export async function consume(batch: MessageBatch, lane: Lane, deps: RunnerDeps): Promise<void> {
  const deliveries: Delivery[] = [];
  const poison: Message[] = [];
  for (const message of batch.messages) {
    const parsed = StepHint.safeParse(message.body);
    if (parsed.success) deliveries.push({ message, hint: parsed.data });
    else if (waitsForRollOut(message)) message.retry({ delaySeconds: ROLL_OUT_DELAY_SECONDS });
    else poison.push(message);
  }
  await Promise.all([quarantine(poison, batch.queue, deps), carryOut(deliveries, batch.queue, lane, deps)]);
}

async function carryOut(deliveries: readonly Delivery[], queue: string, lane: Lane, deps: RunnerDeps): Promise<void> {
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
    deps.log("lane.failed", { queue, error: String(thrown) });
    for (const { group } of claimed) for (const { message } of group) retry(message);
  }
}

/** Undefined assignments: the run object could not be asked; its messages come again. */
async function claimGroup(group: readonly Delivery[], deps: RunnerDeps) {
  const first = group[0]?.hint;
  const offered = group.flatMap(({ hint }) => deps.offers.take(hint) ?? []);
  const keys = unoffered(group, offered);
  if (first === undefined || keys.length === 0) return { group, assignments: offered };
  deps.counters.objectCall();
  try {
    const replies = deps.ids.isRunOf(first.tenant, first.run) ? await deps.runs.of(first.tenant, first.run).claim(keys) : [];
    return { group, assignments: [...offered, ...replies.filter((reply) => reply.kind === "execute")] };
  } catch (thrown) {
    deps.log("claim.failed", { run: first.run, error: String(thrown) });
    for (const { message } of group) retry(message);
    return { group, assignments: undefined };
  }
}

/** Steps that a message names and no offer is here for; a second message of one step is as good as the first. */
function unoffered(group: readonly Delivery[], offered: readonly Assignment[]): readonly string[] {
  const keys = new Set(group.map(({ hint }) => hint.step));
  for (const { step } of offered) keys.delete(step);
  return [...keys];
}

function groupByRun(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  return [...groupBy(deliveries, ({ hint }) => `${hint.tenant} ${hint.run}`).values()];
}

/** Straight to the desk, all at once: no run's alarm would send such a letter again if the queue lost it. Their neighbours do not wait for it. */
async function quarantine(poison: readonly Message[], queue: string, deps: RunnerDeps): Promise<void> {
  if (poison.length === 0) return;
  try {
    await deps.index.addDeadLetters(poison.map((message) => unreadable(message, queue, deps.now())));
    for (const message of poison) {
      deps.counters.deadLetter();
      message.ack();
    }
  } catch (thrown) {
    deps.log("quarantine.failed", { queue, error: String(thrown) });
    for (const message of poison) retry(message);
  }
}

const retry = (message: Message): void => message.retry({ delaySeconds: Math.min(2 ** message.attempts, MAX_BACKOFF_SECONDS) });
