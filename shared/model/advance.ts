/**
 * How a run moves along its graph: a step that is over decides its edges, and what that makes ready or dead follows at once.
 * The invariants F1 to F4 of `fold.ts` are kept here.
 */
import { edgesFrom } from "./edges.ts";
import { judgeJoin } from "./joins.ts";
import type { Vertex } from "./plan.ts";
import { stepKey } from "./run.ts";
import type { RunState, Step } from "./run-state.ts";

export function createStep(state: RunState, vertex: Vertex, item: readonly number[], at: number): Step {
  const key = stepKey(vertex.key, item);
  const step: Step = {
    key,
    vertex,
    item,
    generation: state.generations.get(key) ?? 0,
    status: "ready",
    attempt: 1,
    readyAt: at,
    dueAt: at + vertex.delayMs,
    lease: undefined,
    leases: 0,
    crashSuspect: false,
    wait: undefined,
    waits: 0,
    pauses: 0,
    exchangeSeqs: [],
    isMidway: false,
    pausedAt: undefined,
    taskId: undefined,
    startedAt: undefined,
    endedAt: undefined,
    inputSeq: undefined,
    outputSeq: undefined,
    error: undefined,
    fuel: 0,
    taken: [],
  };
  state.steps.set(key, step);
  if (vertex.kind !== "epilogue") state.live.add(step);
  return step;
}

/** The step is over: its edges are decided, and what that makes ready or dead follows (F3). */
export function finish(
  state: RunState,
  step: Step,
  status: "succeeded" | "failed" | "skipped" | "cancelled",
  at: number,
  taken: readonly number[],
): void {
  state.live.delete(step);
  step.status = status;
  step.endedAt = status === "skipped" ? undefined : at;
  step.lease = undefined;
  step.wait = undefined;
  step.taken = taken;
  if (status === "cancelled") return;
  const edges = edgesFrom(state.plan, step.vertex);
  const reached = new Set<number>();
  for (const edge of edges) {
    decide(state, edge.id, edge.to, step.item, taken.includes(edge.id));
    reached.add(edge.to);
  }
  for (const to of reached) arrive(state, to, step.item, at);
}

function decide(state: RunState, edge: number, to: number, item: readonly number[], isTaken: boolean): void {
  const vertex = state.plan.vertices[to];
  if (vertex === undefined) throw new Error(`the plan has no vertex ${to}`);
  const key = stepKey(vertex.key, item);
  const incoming = state.incoming.get(key) ?? { taken: new Set(), dead: new Set() };
  state.incoming.set(key, incoming);
  (isTaken ? incoming.taken : incoming.dead).add(edge);
}

/** Creates or skips the step if its join says so and it is not there yet (F1). */
export function arrive(state: RunState, to: number, item: readonly number[], at: number): void {
  const vertex = state.plan.vertices[to];
  if (vertex === undefined || state.steps.has(stepKey(vertex.key, item))) return;
  const incoming = state.incoming.get(stepKey(vertex.key, item));
  const verdict = judgeJoin(vertex.join, {
    total: vertex.incoming.length,
    taken: incoming?.taken.size ?? 0,
    dead: incoming?.dead.size ?? 0,
  });
  if (verdict === "wait") return;
  const step = createStep(state, vertex, item, at);
  if (verdict === "skip") finish(state, step, "skipped", at, []);
  else if (vertex.kind === "end" && vertex.config === undefined) finish(state, step, "succeeded", at, []);
  else state.readied.push(step.key);
}
