/** How a run that was cut short or has ended is taken up again: steps are forgotten, and what they belong to goes on from there. */
import { arrive, finish, passOf, pump } from "./advance.ts";
import { isCaught } from "./failures.ts";
import { firstFailure, isLoopFailed, loopKey } from "./loop-run.ts";
import { edgeAt, loopsOpenedBy } from "./plan-index.ts";
import type { LoopRun, RunState, Step } from "./run-state.ts";

/** Everything that is alive is cancelled. What was in flight is in none of the items any more; a redrive goes on with those of cancelled steps. */
export function halt(state: RunState, at: number): void {
  for (const step of state.live) finish(state, step, "cancelled", at, []);
  for (const run of state.loops.values()) run.open.clear();
}

/** Forgets these steps and creates those of them that can begin now; the rest follow from them. */
export function restart(state: RunState, keys: readonly string[], at: number): void {
  const forgotten = keys.flatMap((key) => state.steps.get(key) ?? []);
  for (const step of forgotten) forget(state, step);
  reopenItems(state, forgotten);
  for (const run of state.loops.values()) if (!run.isEnded) dropFollowers(state, run);
  recountFailures(state);
  // What is in no loop, or in an item that is still in flight; all else is begun by its loop, when there is room for it.
  for (const { vertex, item } of forgotten) {
    const index = state.plan.vertices.indexOf(vertex);
    if (index !== -1 && (item.length === 0 || passOf(state, vertex.loops, item)?.open.has(item.at(-1) ?? 0) === true))
      arrive(state, index, item, at);
  }
  for (const run of state.loops.values()) if (run.item.length === 0) pump(state, run, at);
}

function forget(state: RunState, step: Step): void {
  const { key, vertex, item, rows } = step;
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

/** The items that the steps were in have not ended any more, nor have their loops. */
function reopenItems(state: RunState, forgotten: readonly Step[]): void {
  const again = new Map<LoopRun, Set<number>>();
  for (const { vertex, item } of forgotten) {
    for (let depth = vertex.loops.length; depth > 0; depth -= 1) {
      const run = passOf(state, vertex.loops.slice(0, depth), item.slice(0, depth));
      const index = item[depth - 1] ?? 0;
      if (run === undefined || index >= run.next || run.open.has(index)) continue;
      const indices = again.get(run) ?? new Set(run.again);
      again.set(run, indices.add(index));
    }
  }
  for (const [run, indices] of again) {
    run.isEnded = false;
    run.again = ascending(indices);
  }
}

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

/** Which items have failed, said anew by what is left: inner loops before those around them. */
function recountFailures(state: RunState): void {
  const passes = [...state.loops.values()].sort((one, other) => other.item.length - one.item.length);
  for (const run of passes) run.failed.clear();
  for (const step of state.steps.values())
    if (step.status === "failed" && !isCaught(state, step)) blame(passOf(state, step.vertex.loops, step.item), step.item, step);
  for (const run of passes) {
    const failure = run.isEnded && isLoopFailed(run) ? firstFailure(run) : undefined;
    const opener = state.plan.vertices[run.loop.opener];
    if (failure !== undefined && opener !== undefined) blame(passOf(state, opener.loops, run.item), run.item, failure);
  }
}

function blame(run: LoopRun | undefined, item: readonly number[], step: Step): void {
  const index = item.at(-1) ?? 0;
  const known = run?.failed.get(index);
  if (known === undefined || (step.outputSeq ?? 0) < (known.outputSeq ?? 0)) run?.failed.set(index, step);
}

const ascending = (indices: Iterable<number>): number[] => [...indices].sort((one, other) => one - other);
