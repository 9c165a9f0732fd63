/** How a step waits for a slot. It has not begun: its pauses, calls and open wait stay as they were, and no attempt is spent. */
import type { EventOf } from "./log.ts";
import type { RunState, Step } from "./run-state.ts";

export function queue(step: Step, { dueAt, note }: EventOf<"step.queued">, at: number): void {
  step.lease = undefined;
  step.leases = 0;
  step.status = "waiting";
  step.queued = { since: step.queued?.since ?? at, note };
  step.dueAt = dueAt;
}

/** Who waits for something else by now is not woken by a slot. */
export function wake(state: RunState, step: Step, at: number): void {
  if (!isQueued(step)) return;
  step.status = "ready";
  step.dueAt = at;
  state.readied.push(step.key);
}

export const isQueued = ({ status, queued }: Step): boolean => status === "waiting" && queued !== undefined;
