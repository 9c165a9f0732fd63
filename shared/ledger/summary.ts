/** What leaves the ledger after a change: the next hints, the row of the index, the dead letters. */
import type { DeadLetter, LaneHint } from "../message.ts";
import { passOf } from "../model/advance.ts";
import { isClaimable, runStatus } from "../model/due.ts";
import { firstUnhandled, isHandled } from "../model/failures.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { Value } from "../model/log.ts";
import { MAX_HINTS_PER_RUN, MAX_STEPS_PER_RUN, MAX_TRACE_VALUE_BYTES, SECOND_MS } from "../model/limits.ts";
import type { RunStatus } from "../model/run.ts";
import type { RunSummary } from "../run-view.ts";
import { isLeased, type Ledger, type LedgerDeps, type Transaction, volatileLease } from "./ledger.ts";

export const statusOf = (ledger: Ledger, state: RunState, now: number): RunStatus => runStatus(state, now, isLeased(ledger, now));

export function summaryOf(ledger: Ledger, state: RunState, now: number): RunSummary {
  const { tenant, runId } = state.started;
  return {
    tenant,
    runId,
    workflow: state.plan.workflow,
    version: state.plan.version,
    status: statusOf(ledger, state, now),
    startedAt: state.startedAt,
    endedAt: state.ended?.at ?? null,
    errorCode: state.ended?.error?.code ?? null,
    seq: state.seq,
  };
}

/**
 * The row of the index, if it says something that was not handed out yet (L4). Who takes it writes it. That a run failed is said again by
 * its alarm: its dead letters travel by a queue that may forget them.
 */
export function takeSummary(ledger: Ledger, state: RunState, now: number): RunSummary | null {
  const summary = summaryOf(ledger, state, now);
  if (summary.status === ledger.reported || (state.ended === undefined && tellAt(ledger) > now)) return null;
  if (summary.status !== "failed") ledger.reported = summary.status;
  ledger.told = { times: ledger.told.times + 1, at: now };
  return summary;
}

/** A loop whose items wait one after the other goes and waits thousands of times: the index is told of the first, then now and then. */
const TOLD_AT_ONCE = 10;
const TELL_EVERY_MS = 5 * SECOND_MS;

const tellAt = ({ told: { times, at } }: Ledger): number => (times < TOLD_AT_ONCE ? 0 : at + TELL_EVERY_MS);

/** When the index is told what was held back; infinity: nothing is. */
export const heldBackUntil = (ledger: Ledger, state: RunState, now: number): number =>
  state.ended !== undefined || ledger.told.times < TOLD_AT_ONCE || statusOf(ledger, state, now) === ledger.reported
    ? Number.POSITIVE_INFINITY
    : Math.max(now, tellAt(ledger));

/** The next hints, within the window; they count as sent from now on. Nothing depends on their arrival (R1). `again` are in the window already. */
export function takeHints(ledger: Ledger, state: RunState, now: number, again: readonly string[] = []): readonly LaneHint[] {
  const hints: LaneHint[] = [];
  for (const key of [...again, ...ledger.unhinted]) {
    if (ledger.hinted.size >= MAX_HINTS_PER_RUN && !ledger.hinted.has(key)) break;
    const step = state.steps.get(key);
    const isWanted = step !== undefined && isClaimable(step, now, ledger.deps.boot) && volatileLease(ledger, key, now) === undefined;
    ledger.unhinted.delete(key);
    if (!isWanted) continue; // what is due later is hinted by the alarm
    ledger.hinted.set(key, { at: now, times: (ledger.hinted.get(key)?.times ?? 0) + 1 });
    hints.push(hintFor(state, step));
  }
  return hints;
}

const hintFor = (state: RunState, step: Step): LaneHint => ({
  lane: step.vertex.lane,
  hint: { v: 1, tenant: state.started.tenant, run: state.started.runId, step: step.key },
});

/** Ends the run when nothing can change any more, or when it grows beyond all bounds. */
export function endIfOver(state: RunState, { record }: Transaction): void {
  if (state.ended !== undefined) return;
  if (state.steps.size > MAX_STEPS_PER_RUN) {
    const message = `a run may have ${MAX_STEPS_PER_RUN} steps; split it with trigger_workflow`;
    record({ type: "run.ended", status: "failed", error: { code: "run.too_many_steps", message, retryable: false } });
    return;
  }
  if (state.live.size > 0) return;
  const failure = firstUnhandled(state);
  if (failure === undefined) record({ type: "run.ended", status: "succeeded" });
  else record({ type: "run.ended", status: "failed", error: { ...(failure.error ?? UNKNOWN), node: failure.vertex.node } });
}

const UNKNOWN = { code: "internal_error", message: "the step failed and left no error", retryable: false };

/** A list in which all items fail tells the desk of so many, the first; the redrive of the run finds them all. */
const MAX_LETTERS_PER_RUN = 100;

/** The letters of these steps, as far as they failed and nobody handled it. The same ones whether they are told one by one or together. */
export function deadLettersOf(ledger: Ledger, state: RunState, steps: Iterable<Step>, now: number): readonly DeadLetter[] {
  const letters: DeadLetter[] = [];
  for (const step of steps) {
    if (step.status !== "failed" || isHandled(state, step) || !isAmongFirst(state, step)) continue;
    letters.push(letterOf(ledger.deps, state, step, now));
    if (letters.length >= MAX_LETTERS_PER_RUN) break;
  }
  return letters;
}

/** Of a step in a loop: whether its item was among the first that failed. */
function isAmongFirst(state: RunState, { vertex, item }: Step): boolean {
  const pass = passOf(state, vertex.loops, item);
  if (pass === undefined) return true;
  let rank = 0;
  for (const index of pass.failed.keys()) {
    if (index === item.at(-1)) return true;
    rank += 1;
    if (rank >= MAX_LETTERS_PER_RUN) return false;
  }
  return false;
}

function letterOf({ store, sha256Hex }: LedgerDeps, state: RunState, step: Step, now: number): DeadLetter {
  const { tenant, runId } = state.started;
  const workflow = state.plan.workflow;
  const error = step.error ?? UNKNOWN;
  return {
    id: `dl_${sha256Hex(JSON.stringify([tenant, runId, step.key, step.generation])).slice(0, 32)}`,
    tenant,
    runId,
    workflow,
    node: step.vertex.node,
    step: step.key,
    error,
    fingerprint: sha256Hex(JSON.stringify([workflow, step.vertex.node, error.code])).slice(0, 32),
    input: shown(valueIn(store, step.inputSeq, "input")),
    at: step.endedAt ?? now,
  };
}

const shown = (value: Value | undefined): string | null =>
  value === undefined ? null : "json" in value ? value.json.slice(0, MAX_TRACE_VALUE_BYTES) : JSON.stringify(value);

/** The input or output that lies in this row. */
export function valueIn(store: LedgerDeps["store"], seq: number | undefined, field: "input" | "output"): Value | undefined {
  const event = seq === undefined ? undefined : store.row(seq)?.event;
  return event !== undefined && field in event ? (event as { readonly [F in typeof field]?: Value })[field] : undefined; // the union has the field in some members only
}
