/** How a run that was cut short or has ended is taken up again: steps are forgotten, and what they belong to goes on from there. */
import { arrive, finish, openLoop, passOf, pump } from "./advance.ts";
import { leaveRuns } from "./awaited-runs.ts";
import { isCaught } from "./failures.ts";
import { groupBy } from "./group-by.ts";
import { firstFailure, isLoopFailed, isStopped, loopKey } from "./loop-run.ts";
import { START_NODE } from "./plan.ts";
import { edgeAt, loopsOpenedBy, vertexAt } from "./plan-index.ts";
import { stepKey } from "./run.ts";
import type { LoopRun, RunState, Step } from "./run-state.ts";

/** Everything that is alive is cancelled. What was in flight is in none of the items any more; a redrive goes on with those of cancelled steps. */
export function halt(state: RunState, at: number): void {
  for (const step of state.live) finish(state, step, "cancelled", at, []);
  for (const run of state.loops.values()) run.open.clear();
}

/** Forgets these steps, and gives those that were there: they are to begin again. */
export function forgetAll(state: RunState, keys: readonly string[]): readonly Step[] {
  const forgotten = keys.flatMap((key) => state.steps.get(key) ?? []);
  for (const step of forgotten) forget(state, step);
  reopenLoops(state);
  return forgotten;
}

/** Creates what is not there and can begin now; the rest follows from that. */
export function beginAgain(state: RunState, forgotten: readonly Step[], at: number): void {
  // What is in no loop, or in an item that is still in flight; all else is begun by its loop, when there is room for it.
  for (const [index, { loops }] of state.plan.vertices.entries()) if (loops.length === 0) arrive(state, index, [], at);
  for (const { vertex, item } of forgotten)
    if (passOf(state, vertex.loops, item)?.open.has(item.at(-1) ?? 0) === true)
      arrive(state, state.plan.vertices.indexOf(vertex), item, at);
  for (const run of state.loops.values()) if (run.item.length === 0) pump(state, run, at);
  openNewLoops(state, at);
}

/** The start is never run again: loops that another version of the workflow gave it are opened here, one after the other as always. */
function openNewLoops(state: RunState, at: number): void {
  const start = state.steps.get(START_NODE);
  let isFree = start !== undefined;
  for (const id of start === undefined ? [] : loopsOpenedBy(state.plan, start.vertex)) {
    if (start !== undefined && isFree && !state.loops.has(loopKey(id, []))) openLoop(state, start, id, at);
    isFree = state.loops.get(loopKey(id, []))?.isEnded === true;
  }
}

function forget(state: RunState, step: Step): void {
  const { key, vertex, item, rows } = step;
  leaveRuns(state, step);
  state.formers.set(key, { generation: state.generation, rows });
  state.steps.delete(key);
  if (state.live.delete(step)) lower(passOf(state, vertex.loops, item), item);
  for (const loop of loopsOpenedBy(state.plan, vertex)) state.loops.delete(loopKey(loop, item));
}

/** A live step of an item in flight is gone, but the item is gone on with at once. */
function lower(run: LoopRun | undefined, item: readonly number[]): void {
  const index = item.at(-1) ?? 0;
  if (run !== undefined) run.open.set(index, (run.open.get(index) ?? 1) - 1);
}

/**
 * Loops take up what is missing in them again, inner ones before those around them: items in which a step is missing, or a loop has not
 * ended, have not ended any more; a loop that had stopped goes on if what made it stop is gone. What has failed is counted anew.
 */
function reopenLoops(state: RunState): void {
  for (const run of state.loops.values()) run.failed.clear();
  for (const step of state.steps.values())
    if (step.status === "failed" && !isCaught(state, step)) blame(passOf(state, step.vertex.loops, step.item), step.item, step);
  for (const passes of innermostFirst(state)) {
    for (const run of passes) reopen(state, run);
    for (const run of passes) if (!run.isEnded) dropFollowers(state, run);
    for (const run of passes) if (state.loops.get(loopKey(run.id, run.item)) === run) blameOuter(state, run);
  }
}

function reopen(state: RunState, run: LoopRun): void {
  const queued = new Set(run.again);
  for (let index = 0; index < run.next; index += 1)
    if (!run.open.has(index) && !queued.has(index) && isIncomplete(state, run, [...run.item, index])) queued.add(index);
  run.again = [...queued].sort((one, other) => one - other);
  run.isEnded &&= queued.size === 0 && (isStopped(run) || run.next >= run.count);
}

const isIncomplete = (state: RunState, { loop }: LoopRun, item: readonly number[]): boolean =>
  loop.body.some((vertex) => !state.steps.has(stepKey(vertexAt(state.plan, vertex).key, item))) ||
  loop.inner.some((id) => state.loops.get(loopKey(id, item))?.isEnded === false);

/** Passes of the same depth together. */
const innermostFirst = (state: RunState): readonly (readonly LoopRun[])[] =>
  [...groupBy(state.loops.values(), ({ item }) => item.length)].sort(([one], [other]) => other - one).map(([, passes]) => passes);

/** Loops that begin when this one has ended will begin anew: all that was in them is forgotten with what they follow. */
function dropFollowers(state: RunState, { loop, item }: LoopRun): void {
  for (const id of loop.followers) {
    const { relation } = edgeAt(state.plan, id);
    const next = relation.kind === "foreach" ? state.loops.get(loopKey(relation.loop, item)) : undefined;
    if (next === undefined) continue;
    state.loops.delete(loopKey(next.id, item));
    dropFollowers(state, next);
  }
}

function blameOuter(state: RunState, run: LoopRun): void {
  const failure = run.isEnded && isLoopFailed(run) ? firstFailure(run) : undefined;
  const opener = state.plan.vertices[run.loop.opener];
  if (failure !== undefined && opener !== undefined) blame(passOf(state, opener.loops, run.item), run.item, failure);
}

function blame(run: LoopRun | undefined, item: readonly number[], step: Step): void {
  const index = item.at(-1) ?? 0;
  const known = run?.failed.get(index);
  if (known === undefined || (step.outputSeq ?? 0) < (known.outputSeq ?? 0)) run?.failed.set(index, step);
}
