/**
 * How a step pauses, and what it goes on from. Part of the fold.
 *
 * Invariants
 * W1  What ended a wait outlasts a pause for a store, or for a host that asked to be left alone: the step goes on from it then.
 * W2  The time of a wait counts from the first pause of the step that was one.
 */
import { hasEnough } from "./awaited-runs.ts";
import { type EventOf, isAnswerable } from "./log.ts";
import { answerKey, type RunState, type Step, wasAnswered } from "./run-state.ts";

export function pause(state: RunState, step: Step, event: EventOf<"step.paused">, at: number): RunState {
  const { reason, taskId, expiresAt, dueAt, awaited, schema, note, isCall } = event;
  const isBackoff = reason === "retry_backoff";
  const wait = { number: event.wait, reason, taskId, since: at, expiresAt, dueAt, awaited, schema, note };
  step.wait = isBackoff ? { ...wait, ...keptBy(step, isCall === true) } : wait;
  if (isAnswerable(reason)) step.waits = event.wait + 1;
  step.pauses += 1;
  step.isMidway = isCall === true;
  if (isCall === true || event.results !== undefined) step.exchangeSeqs = [...step.exchangeSeqs, state.seq];
  if (!isBackoff || isCall !== true) step.pausedAt ??= at;
  step.taskId = taskId ?? step.taskId;
  step.leases = 0;
  step.dueAt = dueAt ?? Number.POSITIVE_INFINITY;
  step.status = "waiting";
  // The daemon was quicker than we: its answer is already in the log.
  if (isAnswerable(reason) && state.answers.has(answerKey(step.key, step.generation, event.wait))) resume(state, step, at);
  return wakeIfEnough(state, step, at);
}

/** Of the wait before (W1). */
function keptBy(step: Step, isCall: boolean) {
  const { awaited, backoffs = 0 } = step.wait ?? {};
  return { awaited, backoffs: backoffs + 1, ...(!isCall && wasAnswered(step) ? { isAfterAnswer: true as const } : {}) };
}

/** It keeps its wait, as after a timer: it goes on because the time has come, and not because somebody answered. */
export function wakeIfEnough(state: RunState, step: Step, at: number): RunState {
  if (!hasEnough(state, step)) return state;
  state.readied.push(step.key);
  step.status = "ready";
  step.dueAt = at;
  return state;
}

export function noteExchange(state: RunState, step: Step): void {
  step.exchangeSeqs = [...step.exchangeSeqs, state.seq];
}

/** In the middle of its part it lets others have a turn. */
export function takeTurn(state: RunState, step: Step, at: number): RunState {
  step.leases = 0;
  step.isMidway = true;
  resume(state, step, at);
  return state;
}

export function answer(state: RunState, event: EventOf<"step.answered">, at: number): RunState {
  state.answers.set(answerKey(event.step, event.generation, event.wait), { seq: state.seq, digest: event.answer.digest });
  const step = state.steps.get(event.step);
  const isOpen = step?.status === "waiting" && step.wait !== undefined && isAnswerable(step.wait.reason);
  if (isOpen && step.wait?.number === event.wait && step.generation === event.generation) resume(state, step, at);
  return state;
}

function resume(state: RunState, step: Step, at: number): void {
  state.readied.push(step.key);
  step.status = "ready";
  step.wait = undefined;
  step.queued = undefined;
  step.dueAt = at;
}
