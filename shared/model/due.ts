/** What the state says about time: what may be claimed now, what is over, and when to look again. All pure: `now` is handed in. */
import type { Lease, RunState, Step } from "./run-state.ts";
import type { RunStatus } from "./run.ts";

/** A durable lease is void when its time is over or its process is gone (R3). */
export const isVoid = (lease: Lease, now: number, boot: string): boolean => lease.boot !== boot || lease.until <= now;

/** Without a delay a ready step is due, whatever the clock shows: it may have gone back since. */
const readyAt = ({ vertex, dueAt: at }: Step, now: number): number => (vertex.delayMs > 0 ? at : Math.min(at, now));

/** Whether the step, as the log knows it, may be given to a runner. */
export function isClaimable(step: Step, now: number, boot: string): boolean {
  switch (step.status) {
    case "ready":
      return readyAt(step, now) <= now;
    case "retrying":
      return step.dueAt <= now;
    case "waiting":
      return step.dueAt <= now && !isExpired(step, now);
    case "running":
      return step.lease !== undefined && isVoid(step.lease, now, boot);
    case "succeeded":
    case "failed":
    case "skipped":
    case "cancelled":
    case "unknown":
      return false;
  }
}

/** The wait is over and nothing came. Not while the step waits for a slot: then a wait that it goes on from was due. A timer that is due at that very moment is not expired. */
export const isExpired = (step: Step, now: number): boolean =>
  step.status === "waiting" &&
  step.wait !== undefined &&
  step.wait.expiresAt <= now &&
  (step.wait.dueAt === undefined || step.wait.expiresAt < step.wait.dueAt);

/** When the step must be looked at even if no message ever comes; infinity: never by itself. */
export function dueAt(step: Step, now: number, boot: string): number {
  switch (step.status) {
    case "ready":
      return readyAt(step, now);
    case "retrying":
      return step.dueAt;
    case "waiting":
      return Math.min(step.dueAt, (step.queued ? undefined : step.wait?.expiresAt) ?? Number.POSITIVE_INFINITY);
    case "running":
      return step.lease === undefined || isVoid(step.lease, now, boot) ? now : step.lease.until;
    case "succeeded":
    case "failed":
    case "skipped":
    case "cancelled":
    case "unknown":
      return Number.POSITIVE_INFINITY;
  }
}

/** Waits for something other than a runner. */
const isParked = (step: Step, now: number): boolean =>
  step.status === "waiting" ||
  step.status === "retrying" ||
  step.status === "unknown" ||
  (step.status === "ready" && readyAt(step, now) > now);

/** `waiting`: nothing is ready or leased. `isLeased` knows the leases that are kept in memory. */
export function runStatus(state: RunState, now: number, isLeased: (key: string) => boolean): RunStatus {
  if (state.ended !== undefined) return state.ended.status;
  for (const step of state.live) if (!isParked(step, now) || isLeased(step.key)) return "running";
  return "waiting";
}

export const runTimeoutAt = (state: RunState): number =>
  state.ended === undefined && state.plan.run.timeoutMs !== undefined
    ? state.resumedAt + state.plan.run.timeoutMs
    : Number.POSITIVE_INFINITY;

export const retentionAt = (state: RunState): number =>
  state.ended === undefined ? Number.POSITIVE_INFINITY : state.ended.at + state.plan.run.retentionMs;
