/**
 * Steps that wait for other runs. Part of the fold.
 *
 * Invariants
 * K1  A step that waits for runs is ready as soon as enough of them are known to have ended, whichever row came first.
 * K2  An end counts for a wait that began in the same life of that run, or in an earlier one: a run that was redriven is waited for anew.
 * K3  A step that is over leaves no run that it owns: what is not known to have ended becomes an orphan, which the ledger cancels.
 */
import type { KnownEnd } from "./kin.ts";
import type { AwaitedRun, EventOf } from "./log.ts";
import type { RunState, Step } from "./run-state.ts";

const placeOf = (step: string, generation: number): string => JSON.stringify([step, generation]);

export function noteEnd({ kin }: RunState, { step, generation, run, failed }: EventOf<"step.notified">): void {
  const place = placeOf(step, generation);
  const ends = kin.ends.get(place) ?? new Map<string, KnownEnd>();
  kin.ends.set(place, ends);
  ends.set(run.runId, { life: run.life, failed: failed === true });
}

/** Whether the step was told of this end, or of a later one. */
export const knowsEnd = (state: RunState, step: Step, run: AwaitedRun): boolean => endOf(state, step, run) !== undefined;

function endOf({ kin }: RunState, { key, generation }: Step, { runId, life }: AwaitedRun): KnownEnd | undefined {
  const end = kin.ends.get(placeOf(key, generation))?.get(runId);
  return end !== undefined && end.life >= life ? end : undefined;
}

/** Whether the step waits for runs, and needs to wait no longer (K1). */
export function hasEnough(state: RunState, step: Step): boolean {
  const isForRuns = step.status === "waiting" && step.queued === undefined && step.wait?.reason !== "retry_backoff";
  const awaited = isForRuns ? step.wait?.awaited : undefined;
  if (awaited === undefined) return false;
  const ends = awaited.runs.flatMap((run) => endOf(state, step, run) ?? []);
  return ends.length >= awaited.wanted || (awaited.stopsAtFailure === true && ends.some(({ failed }) => failed));
}

/** Those of the awaited runs that are not known to have ended. */
export const runsAhead = (state: RunState, step: Step): readonly AwaitedRun[] =>
  (step.wait?.awaited?.runs ?? []).filter((run) => !knowsEnd(state, step, run));

/** Call before the step's wait is forgotten (K3). */
export function leaveRuns(state: RunState, step: Step): void {
  if (step.wait?.awaited?.isOwner !== true) return;
  for (const run of runsAhead(state, step)) state.kin.orphans.set(run.runId, run);
}
