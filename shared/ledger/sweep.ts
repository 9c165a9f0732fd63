/** The alarm's work: what is over ends, what is due or was forgotten is hinted (again), and when to look next (R6). */
import type { DeadLetter, LaneHint } from "../message.ts";
import { dueAt, isClaimable, isExpired, retentionAt, runTimeoutAt } from "../model/due.ts";
import type { RunState, Step } from "../model/run-state.ts";
import { MAX_HINTS_PER_RUN, MINUTE_MS, SECOND_MS } from "../model/limits.ts";
import type { RunSummary } from "../run-view.ts";
import { nextErrandAt } from "./kin.ts";
import { type Hinted, type Ledger, transact, volatileLease } from "./ledger.ts";
import { failByItself } from "./settle.ts";
import { deadLettersOf, heldBackUntil, takeHints, takeSummary } from "./summary.ts";

export type Swept = {
  readonly hints: readonly LaneHint[];
  readonly summary: RunSummary | null;
  readonly deadLetters: readonly DeadLetter[];
  /** The run and all that belongs to it may be deleted. */
  readonly isForgotten: boolean;
};

const MAX_RESEND_MS = 15 * MINUTE_MS;
const REPAIR_AFTER_MS = 3 * SECOND_MS;

/**
 * `backlogSince`: when the oldest message in the queues was sent, or infinity if they are empty. A hint that is not older than
 * that still lies in the backlog, and a second one would only make it longer.
 */
export function sweep(ledger: Ledger, backlogSince = Number.POSITIVE_INFINITY): Swept {
  const { state } = ledger;
  if (state === undefined) return { hints: [], summary: null, deadLetters: [], isForgotten: false };
  const failed = expire(ledger, state);
  const now = ledger.deps.now();
  forgetIdleHints(ledger, state, now);
  const again: string[] = [];
  for (const step of wakeable(state)) {
    if (!isWanted(ledger, step, now, backlogSince)) continue;
    if (ledger.hinted.has(step.key)) again.push(step.key);
    else ledger.unhinted.add(step.key);
  }
  const hints = takeHints(ledger, state, now, again);
  const summary = takeSummary(ledger, state, now);
  if (summary !== null) ledger.reported = summary.status;
  return {
    hints,
    summary,
    deadLetters: deadLettersOf(ledger, state, summary !== null && state.ended !== undefined ? state.steps.values() : failed, now),
    isForgotten: retentionAt(state) <= now,
  };
}

function expire(ledger: Ledger, state: RunState): readonly Step[] {
  const failed: Step[] = [];
  transact(ledger, (transaction) => {
    const { now } = transaction;
    if (runTimeoutAt(state) <= now) {
      const message = `the run took longer than policy.run.timeout allows (${state.plan.run.timeoutMs} ms)`;
      transaction.record({ type: "run.ended", status: "failed", error: { code: "run.timed_out", message, retryable: false } });
      return;
    }
    for (const step of [...state.live].filter((one) => isExpired(one, now))) {
      const what = step.wait?.reason === "poll" ? "what it polls for has not come true" : "nobody answered";
      failByItself(state, step, "wait.expired", `"${step.vertex.node}": ${what} within its wait`, transaction);
      failed.push(step);
    }
  });
  return failed;
}

/** A step that ended or was cancelled before its message came must not take a place in the window for ever. */
function forgetIdleHints(ledger: Ledger, state: RunState, now: number): void {
  for (const key of ledger.hinted.keys()) {
    const step = state.steps.get(key);
    if (step === undefined || !isClaimable(step, now, ledger.deps.boot)) ledger.hinted.delete(key);
  }
}

function* wakeable(state: RunState): Generator<Step> {
  yield* state.live;
  if (state.ended !== undefined) for (const step of state.steps.values()) if (step.vertex.kind === "epilogue") yield step;
}

function isWanted(ledger: Ledger, step: Step, now: number, backlogSince: number): boolean {
  if (!isClaimable(step, now, ledger.deps.boot) || volatileLease(ledger, step.key, now) !== undefined) return false;
  const hinted = ledger.hinted.get(step.key);
  if (hinted === undefined) return true;
  return sentAt(hinted, now) + resendAfter(ledger, hinted.times) <= now && sentAt(hinted, now) < backlogSince;
}

/** Whether it matters what lies in the queues: some hint is so old that it would be sent again. */
export function asksForBacklog(ledger: Ledger): boolean {
  const now = ledger.deps.now();
  return [...ledger.hinted.values()].some((hinted) => sentAt(hinted, now) + resendAfter(ledger, hinted.times) <= now);
}

/** A moment that is still to come: the clock has gone back, and nobody knows how long ago it was. */
const sentAt = ({ at }: Hinted, now: number): number => (at > now ? Number.NEGATIVE_INFINITY : at);

const resendAfter = ({ deps }: Ledger, times: number): number => Math.min(deps.resendMs * 2 ** (times - 1), MAX_RESEND_MS);

/** The earliest moment at which something is due, were every message lost; infinity: never. */
export function nextSweepAt(ledger: Ledger): number {
  const { state } = ledger;
  if (state === undefined) return Number.POSITIVE_INFINITY;
  const now = ledger.deps.now();
  let next = Math.min(
    runTimeoutAt(state),
    retentionAt(state),
    repairAt(ledger, state, now),
    heldBackUntil(ledger, state, now),
    nextErrandAt(ledger),
  );
  for (const step of wakeable(state)) next = Math.min(next, lookAt(ledger, step, now));
  return next;
}

/** Soon after the end of a run index and desk are told once more, if they may not know. */
const repairAt = (ledger: Ledger, { ended }: RunState, now: number): number =>
  ended === undefined || ended.status === ledger.reported ? Number.POSITIVE_INFINITY : Math.min(ended.at, now) + REPAIR_AFTER_MS;

function lookAt(ledger: Ledger, step: Step, now: number): number {
  const lease = volatileLease(ledger, step.key, now);
  if (lease !== undefined) return lease.until;
  const due = dueAt(step, now, ledger.deps.boot);
  if (due > now) return step.status === "running" ? Math.min(due, now + ledger.deps.leaseCheckMs) : due;
  // Ready, and no method's answer carried its hint: the alarm sends it at once.
  if (ledger.unhinted.has(step.key) && ledger.hinted.size < MAX_HINTS_PER_RUN) return now;
  const hinted = ledger.hinted.get(step.key);
  const resendAt = hinted === undefined ? now : sentAt(hinted, now) + resendAfter(ledger, hinted.times);
  // A moment that is over would ring at once and for ever while the hint lies in the backlog.
  return resendAt > now ? resendAt : now + ledger.deps.resendMs;
}
