/**
 * How a run moves along its graph: a step that is over decides its edges, and what that makes ready or dead follows at once.
 * The invariants F1 to F4 of `fold.ts` are kept here, and these:
 *
 * F6  An item of a loop is in flight as long as anything in it is alive: a step, or a loop that it opened. What follows from an end is
 *     begun before the end is counted, so an item with nothing alive in it is over.
 * F7  At most `concurrency` items of a pass are in flight. Whoever ends one begins the next, one after the other and not one inside the
 *     other: a body in which nothing runs makes no deep stack.
 */
import { leaveRuns } from "./awaited-runs.ts";
import { edgeState } from "./edge-state.ts";
import { isCaught } from "./failures.ts";
import { judgeJoin } from "./joins.ts";
import { firstFailure, isLoopFailed, isStopped, loopKey } from "./loop-run.ts";
import type { Vertex } from "./plan.ts";
import { edgeAt, loopAt, loopsOpenedBy, targetsOf, vertexAt } from "./plan-index.ts";
import { stepKey } from "./run.ts";
import type { LoopRun, RunState, Step } from "./run-state.ts";

type Item = readonly number[];

export function createStep(state: RunState, vertex: Vertex, item: readonly number[], at: number): Step {
  const key = stepKey(vertex.key, item);
  const former = state.formers.get(key);
  const step: Step = {
    key,
    vertex,
    item,
    generation: former?.generation ?? 0,
    status: "ready",
    attempt: 1,
    readyAt: at,
    dueAt: at + vertex.delayMs,
    lease: undefined,
    leases: 0,
    crashSuspect: false,
    wait: undefined,
    queued: undefined,
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
    lists: undefined,
    rows: former?.rows ?? [],
  };
  state.steps.set(key, step);
  if (vertex.kind === "epilogue") return step;
  state.live.add(step);
  enter(state, vertex.loops, item);
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
  leaveRuns(state, step);
  step.status = status;
  step.endedAt = status === "skipped" ? undefined : at;
  step.lease = undefined;
  step.wait = undefined;
  step.queued = undefined;
  step.taken = taken;
  if (status === "cancelled") return;
  const { vertex, item } = step;
  if (status === "failed" && !isCaught(state, step)) noteFailure(state, vertex.loops, item, step);
  for (const to of targetsOf(state.plan, vertex)) arrive(state, to, item, at);
  for (const id of loopsOpenedBy(state.plan, vertex)) {
    if (status !== "succeeded") arriveAll(state, loopAt(state.plan, id).gathers, item, at);
    else if (isFirst(state, vertex, id)) openLoop(state, step, id, at);
  }
  leave(state, vertex.loops, item, at);
}

/** Creates or skips the step if its join says so and it is not there yet (F1). */
export function arrive(state: RunState, to: number, item: Item, at: number): void {
  const vertex = vertexAt(state.plan, to);
  if (state.steps.has(stepKey(vertex.key, item))) return;
  const counts = { total: vertex.incoming.length, open: 0, taken: 0, dead: 0 };
  for (const id of vertex.incoming) counts[edgeState(state, edgeAt(state.plan, id), item)] += 1;
  const verdict = judgeJoin(vertex.join, counts);
  if (verdict === "wait") return;
  const step = createStep(state, vertex, item, at);
  if (verdict === "skip") finish(state, step, "skipped", at, []);
  else if (vertex.kind === "end" && vertex.config === undefined) finish(state, step, "succeeded", at, []);
  else state.readied.push(step.key);
}

function arriveAll(state: RunState, edges: readonly number[], item: Item, at: number): void {
  for (const id of edges) arrive(state, edgeAt(state.plan, id).to, item, at);
}

// ---------------------------------------------------------------- loops

const isFirst = ({ plan }: RunState, vertex: Vertex, loop: number): boolean => loopsOpenedBy(plan, vertex)[0] === loop;

export function openLoop(state: RunState, opener: Step, id: number, at: number): void {
  const run: LoopRun = {
    id,
    loop: loopAt(state.plan, id),
    item: opener.item,
    count: opener.lists?.get(id)?.count ?? 0,
    next: 0,
    again: [],
    open: new Map(),
    failed: new Map(),
    isPumping: false,
    isEnded: false,
  };
  state.loops.set(loopKey(id, opener.item), run);
  enter(state, opener.vertex.loops, opener.item);
  pump(state, run, at);
}

/** Begins items as long as there is room for them (F7), and ends the loop when there are none. */
export function pump(state: RunState, run: LoopRun, at: number): void {
  if (run.isPumping || run.isEnded) return;
  run.isPumping = true;
  while (run.open.size < run.loop.concurrency) {
    const index = run.again.shift() ?? (isStopped(run) || run.next >= run.count ? undefined : run.next++);
    if (index === undefined) break;
    beginItem(state, run, index, at);
  }
  run.isPumping = false;
  if (run.open.size === 0) endLoop(state, run, at);
}

/** The first time, or again: then only what is not there is created. */
function beginItem(state: RunState, run: LoopRun, index: number, at: number): void {
  const item = [...run.item, index];
  run.open.set(index, 1); // nobody ends it while it begins
  // What is opened from here on is begun by its opener.
  const unended = run.loop.inner.flatMap((id) => state.loops.get(loopKey(id, item)) ?? []).filter(({ isEnded }) => !isEnded);
  for (const vertex of run.loop.body) arrive(state, vertex, item, at);
  for (const inner of unended) {
    enter(state, [run.id], item);
    pump(state, inner, at);
  }
  leave(state, [run.id], item, at);
}

function endLoop(state: RunState, run: LoopRun, at: number): void {
  const { loop, item } = run;
  const opener = state.steps.get(stepKey(vertexAt(state.plan, loop.opener).key, item));
  if (opener === undefined) throw new Error(`the loop ${loop.name} ends without a step that opened it`);
  const { loops } = opener.vertex;
  run.isEnded = true;
  const failure = isLoopFailed(run) ? firstFailure(run) : undefined;
  if (failure !== undefined) noteFailure(state, loops, item, failure);
  arriveAll(state, loop.gathers, item, at);
  for (const id of loop.followers) {
    const { relation, to } = edgeAt(state.plan, id);
    if (relation.kind !== "foreach") arrive(state, to, item, at);
    else if (!state.loops.has(loopKey(relation.loop, item))) openLoop(state, opener, relation.loop, at);
  }
  leave(state, loops, item, at);
}

/** The pass in whose item this is, if it is in one. */
export function passOf(state: RunState, loops: readonly number[], item: Item): LoopRun | undefined {
  const id = loops.at(-1);
  return id === undefined ? undefined : state.loops.get(loopKey(id, item.slice(0, -1)));
}

const indexIn = (item: Item): number => item.at(-1) ?? 0;

/** One thing more is alive in the item. */
export function enter(state: RunState, loops: readonly number[], item: Item): void {
  const run = passOf(state, loops, item);
  run?.open.set(indexIn(item), (run.open.get(indexIn(item)) ?? 0) + 1);
}

/** One thing less; when it was the last, the item is over and another may begin (F6). */
function leave(state: RunState, loops: readonly number[], item: Item, at: number): void {
  const run = passOf(state, loops, item);
  if (run === undefined) return;
  const left = (run.open.get(indexIn(item)) ?? 1) - 1;
  if (left > 0) {
    run.open.set(indexIn(item), left);
    return;
  }
  run.open.delete(indexIn(item));
  pump(state, run, at);
}

/** Nothing in the item handled it. */
function noteFailure(state: RunState, loops: readonly number[], item: Item, step: Step): void {
  const run = passOf(state, loops, item);
  if (run !== undefined && !run.failed.has(indexIn(item))) run.failed.set(indexIn(item), step);
}
