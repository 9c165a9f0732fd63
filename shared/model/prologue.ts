/**
 * What comes before the first step of a run: with `policy.run.concurrency` a step that takes the run's slot. Until it has one nothing
 * else begins, and it is the run's until the run ends, over all its pauses. A redrive takes a new one.
 */
import { createStep, finish } from "./advance.ts";
import { MINUTE_MS, SECOND_MS } from "./limits.ts";
import { type Concurrency, START_NODE, type Vertex } from "./plan.ts";
import { beginAgain } from "./restart.ts";
import type { RunState, Step } from "./run-state.ts";

/** No name of a node holds a `$`. */
export const PROLOGUE_KEY = "$concurrency";
export const RUN_SLOT = "run_slot";

export const isPrologue = ({ vertex }: Step): boolean => vertex.kind === "prologue";

/** The run begins with its start, or with the wait for a slot. */
export function enter(state: RunState, start: Step, at: number): void {
  if (!hasQueued(state, at)) return finish(state, start, "succeeded", at, state.started.taken);
  // It is over when the run has its slot; until then it is nothing that anybody could do.
  start.status = "waiting";
  start.dueAt = Number.POSITIVE_INFINITY;
  start.taken = state.started.taken;
  state.live.delete(start);
}

/** The run has its slot: it begins, or what a redrive forgot does. */
export function goOn(state: RunState, at: number, forgotten: readonly Step[] = []): void {
  const start = state.steps.get(START_NODE);
  if (start?.status === "waiting") finish(state, start, "succeeded", at, start.taken);
  beginAgain(state, forgotten, at);
}

/** After a redrive of a run that had ended; nothing of it is in flight, so what begins again is found without a list when it has its slot. */
export function enterAgain(state: RunState, forgotten: readonly Step[], at: number): void {
  if (!hasQueued(state, at)) goOn(state, at, forgotten);
}

function hasQueued(state: RunState, at: number): boolean {
  const { concurrency } = state.plan.run;
  if (concurrency === undefined) return false;
  state.readied.push(createStep(state, prologueVertex(concurrency), [], at).key);
  return true;
}

function prologueVertex({ key, limit }: Concurrency): Vertex {
  return {
    key: PROLOGUE_KEY,
    node: PROLOGUE_KEY,
    loops: [],
    kind: "prologue",
    component: RUN_SLOT,
    config: { key, limit },
    receives: "params",
    effects: "idempotent",
    lane: "steps",
    mayPause: false,
    join: { kind: "settled" },
    retry: { attempts: 10, backoff: "exponential", initialMs: SECOND_MS, maxMs: MINUTE_MS, jitter: true },
    timeoutMs: 10 * SECOND_MS,
    waitMs: MINUTE_MS,
    delayMs: 0,
    onUnknown: "hold",
    needs: { input: true, context: false, nodes: [] },
    incoming: [],
    outgoing: [],
  };
}
