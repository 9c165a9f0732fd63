/** Checks what a run does about other runs; an account of its own, kept by rows. */
import { watcherKey } from "../../shared/model/kin.ts";
import type { Awaited, EventOf, LogRow } from "../../shared/model/log.ts";
import type { RunState, Step } from "../../shared/model/run-state.ts";
import { fail } from "./violation.ts";

type Told = { readonly life: number; readonly failed: boolean };

export type KinAccount = {
  /** `step, generation` → run → the last end that the step was told of. */
  readonly told: Map<string, Map<string, Told>>;
  /** `step, generation, pause` of waits for runs that were told enough. */
  readonly met: Set<string>;
  /** Redrives after an end. */
  life: number;
};

export const createKinAccount = (): KinAccount => ({ told: new Map(), met: new Set(), life: 0 });

const placeOf = (step: string, generation: number): string => JSON.stringify([step, generation]);
const waitOf = ({ key, generation, pauses }: Step): string => JSON.stringify([key, generation, pauses]);

/** Call before the row is folded. */
export function auditKinRow(account: KinAccount, shadow: RunState | undefined, { event, seq }: LogRow): void {
  if (event.type === "step.notified") auditNotice(account, event, seq);
  if (event.type === "run.redriven" && shadow?.ended !== undefined) account.life += 1;
  if (event.type === "run.watched") auditWatcher(shadow, event, seq);
}

/** N2: a notice is a row only if the step learns something from it. */
function auditNotice({ told }: KinAccount, { step, generation, run, failed }: EventOf<"step.notified">, seq: number): void {
  const place = placeOf(step, generation);
  const known = told.get(place) ?? new Map<string, Told>();
  told.set(place, known);
  if ((known.get(run.runId)?.life ?? -1) >= run.life) fail("N2", `row ${seq} tells ${step} of an end of ${run.runId} that it knows`);
  known.set(run.runId, { life: run.life, failed: failed === true });
}

function auditWatcher(shadow: RunState | undefined, { watcher }: EventOf<"run.watched">, seq: number): void {
  if (shadow?.ended !== undefined) fail("N1", "a run that has ended is watched");
  if (shadow?.kin.watchers.has(watcherKey(watcher)) === true) fail("N1", `row ${seq} is a watcher that is there already`);
}

/** Call after every row. K1: nobody waits for what has happened. */
export function auditWait(account: KinAccount, state: RunState, { event }: LogRow): void {
  if (state.kin.life !== account.life) fail("K2", `life ${state.kin.life} of the run is its life ${account.life}`);
  const step = "step" in event ? state.steps.get(event.step) : undefined;
  const awaited = step?.wait?.awaited;
  if (step === undefined || awaited === undefined || !isEnough(account, step, awaited)) return;
  account.met.add(waitOf(step));
  // It may wait for a slot by now.
  if (step.status === "waiting" && step.queued === undefined && step.wait?.reason !== "retry_backoff")
    fail("K1", `${step.key} waits for runs that have reported`);
}

/** K1: and nobody goes on before it. */
export function auditAwake({ met }: KinAccount, step: Step): void {
  if (step.wait?.awaited !== undefined && !met.has(waitOf(step))) fail("K1", `${step.key} is given out while it waits for runs`);
}

function isEnough({ told }: KinAccount, { key, generation }: Step, { runs, wanted, stopsAtFailure }: Awaited): boolean {
  const known = told.get(placeOf(key, generation));
  const ends = runs.filter(({ runId, life }) => (known?.get(runId)?.life ?? -1) >= life);
  return ends.length >= wanted || (stopsAtFailure === true && ends.some(({ runId }) => known?.get(runId)?.failed === true));
}
