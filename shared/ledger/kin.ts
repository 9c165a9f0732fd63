/**
 * Runs that wait for each other. A run tells those that watch it of its end, cancels what its steps left behind, and asks once whether the
 * step that started it still wants it. All of it is derived from the log, like the hints; nobody polls.
 *
 * Invariants
 * N1  What is to be said to another run is an errand: due as soon as the log implies it, and again, ever more seldom, until the other has
 *     answered. What was said is remembered in memory only (L4); to say it again changes nothing.
 * N2  A notice is a row only if a live step of that generation learns something from it; everything else is ignored.
 * N3  To cancel a run names its life: what somebody has redriven since is left alone.
 * N4  A run in its first life whose owner is over, or never came to wait for it, cancels itself: its parent may have been cancelled, or
 *     have crashed, between the start of the run and the pause.
 */
import type { LaneHint } from "../message.ts";
import { knowsEnd } from "../model/awaited-runs.ts";
import { watcherKey } from "../model/kin.ts";
import type { AwaitedRun, Watcher } from "../model/log.ts";
import { MINUTE_MS, SECOND_MS } from "../model/limits.ts";
import { groupBy } from "../model/group-by.ts";
import type { RunState } from "../model/run-state.ts";
import { isStepTerminal, type RunStatus } from "../model/run.ts";
import type { Errand, ErrandReply, Holding, Notice, StepRef } from "../errand.ts";
import { cancel } from "./control.ts";
import { type Ledger, type Tried, transact } from "./ledger.ts";
import { statusOf, takeHints } from "./summary.ts";

/** An errand that nobody answered is run again after this, and after twice as long each time. */
const AGAIN_AFTER_MS = 3 * SECOND_MS;
const MAX_AGAIN_AFTER_MS = 15 * MINUTE_MS;
/** By then the step has paused, unless something happened to it. */
const ASK_AFTER_MS = 3 * SECOND_MS;
/** On their way at once; the next ones follow when one has come back. */
const MAX_ERRANDS = 16;
/** Of one errand: each may be a row. */
const MAX_NOTICES = 100;

// ---------------------------------------------------------------- what others say to this run

/** Null: no such run. One that has ended has no watchers: what it says is its end. */
export function watch(ledger: Ledger, watcher: Watcher): { readonly status: RunStatus; readonly life: number } | null {
  const { state, deps } = ledger;
  if (state === undefined) return null;
  if (state.ended === undefined && !state.kin.watchers.has(watcherKey(watcher)))
    transact(ledger, ({ record }) => record({ type: "run.watched", watcher }));
  return { status: statusOf(ledger, state, deps.now()), life: state.kin.life };
}

/** A run that steps of this one may wait for has ended. The answer are the hints of what goes on. */
export function notify(ledger: Ledger, notices: readonly Notice[]): readonly LaneHint[] {
  const { state, deps } = ledger;
  if (state === undefined) return [];
  transact(ledger, ({ record }) => {
    for (const { step: key, generation, run, failed } of notices) {
      const step = state.steps.get(key);
      if (step === undefined || isStepTerminal(step.status) || step.generation !== generation || knowsEnd(state, step, run)) continue; // N2
      record({ type: "step.notified", step: key, generation, attempt: step.attempt, run, ...(failed ? { failed } : {}) });
    }
  });
  return takeHints(ledger, state, deps.now());
}

/** Whether the step waits for this run. */
export function holds({ state }: Ledger, { step: key, generation }: StepRef, runId: string): Holding {
  const step = state?.steps.get(key);
  if (state === undefined || state.ended !== undefined || step === undefined) return "gone";
  if (isStepTerminal(step.status) || step.generation !== generation) return "gone";
  return step.wait?.awaited?.runs.some((run) => run.runId === runId) === true ? "held" : "unclear";
}

// ---------------------------------------------------------------- errands

/** Those that are due. They count as on their way from now on; call it before the alarm is set. */
export function takeErrands(ledger: Ledger): readonly Errand[] {
  const now = ledger.deps.now();
  const taken: Errand[] = [];
  const room = MAX_ERRANDS - underWay(ledger, now);
  for (const { errand, dueAt } of openErrands(ledger)) {
    if (taken.length >= room) break;
    if (dueAt > now) continue;
    ledger.errands.set(errand.key, { at: now, times: (ledger.errands.get(errand.key)?.times ?? 0) + 1, isDone: false });
    taken.push(errand);
  }
  return taken;
}

/** When one is due, were all that are on their way lost. */
export function nextErrandAt(ledger: Ledger): number {
  const now = ledger.deps.now();
  let next = Number.POSITIVE_INFINITY;
  for (const { dueAt } of openErrands(ledger)) next = Math.min(next, dueAt);
  return next <= now && underWay(ledger, now) >= MAX_ERRANDS ? now + AGAIN_AFTER_MS : next;
}

function underWay({ errands }: Ledger, now: number): number {
  let count = 0;
  for (const { at, isDone } of errands.values()) if (!isDone && at <= now && at + AGAIN_AFTER_MS > now) count += 1;
  return count;
}

/** What became of an errand. An owner that is gone ends this run (N4). */
export function finishErrand(ledger: Ledger, { key, kind }: Errand, reply: ErrandReply): void {
  const known = ledger.errands.get(key);
  if (reply === "unclear") return;
  ledger.errands.set(key, { at: known?.at ?? 0, times: known?.times ?? 1, isDone: true });
  if (kind === "ask" && reply === "gone") cancel(ledger, ORPHANED);
}

const ORPHANED = "the step that started this run is over";

type Open = { readonly errand: Errand; readonly dueAt: number };

function* openErrands(ledger: Ledger): Generator<Open> {
  const { state, errands } = ledger;
  if (state === undefined) return;
  const now = ledger.deps.now();
  // The clock has gone back: nobody knows how long ago it was.
  const againAt = ({ at, times }: Tried) => (at > now ? now : at + Math.min(AGAIN_AFTER_MS * 2 ** (times - 1), MAX_AGAIN_AFTER_MS));
  for (const { errand, from } of impliedErrands(state)) {
    const known = errands.get(errand.key);
    if (known?.isDone === true) continue;
    yield { errand, dueAt: known === undefined ? from : againAt(known) };
  }
}

function* impliedErrands(state: RunState): Generator<{ readonly errand: Errand; readonly from: number }> {
  const { kin, ended, started } = state;
  const { owner, parentRunId } = started.origin;
  for (const { runId, life } of kin.orphans.values())
    yield { errand: { key: `cancel ${runId} ${life}`, kind: "cancel", runId, life, reason: ORPHANED }, from: 0 };
  if (ended !== undefined) for (const errand of tellings(state)) yield { errand, from: 0 };
  else if (kin.life === 0 && owner !== undefined && parentRunId !== undefined)
    yield {
      errand: { key: "ask", kind: "ask", runId: parentRunId, step: owner, asker: started.runId },
      from: state.startedAt + ASK_AFTER_MS,
    };
}

/** One errand a run that watches, or more if many of its steps do. */
function* tellings({ kin, ended, started }: RunState): Generator<Errand> {
  const run: AwaitedRun = { runId: started.runId, life: kin.life };
  const failed = ended?.status !== "succeeded";
  for (const [runId, watchers] of groupBy([...kin.watchers.values()], (watcher) => watcher.runId)) {
    for (let from = 0; from < watchers.length; from += MAX_NOTICES) {
      const notices = watchers.slice(from, from + MAX_NOTICES).map(({ step, generation }) => ({ step, generation, run, failed }));
      yield { key: `tell ${runId} ${kin.life} ${from}`, kind: "tell", runId, notices };
    }
  }
}
