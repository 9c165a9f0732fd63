/** Whether an edge was taken, is dead, or is still open: said by what became of its source, and stored nowhere. */
import { loopKey } from "./loop-run.ts";
import type { Edge } from "./plan.ts";
import { vertexAt } from "./plan-index.ts";
import { stepKey } from "./run.ts";
import type { RunState, Step } from "./run-state.ts";

export type EdgeState = "open" | "taken" | "dead";

/** `item` is the path of the step that the edge leads to. */
export function edgeState(state: RunState, edge: Edge, item: readonly number[]): EdgeState {
  const { relation, after } = edge;
  switch (relation.kind) {
    case "foreach": {
      const run = state.loops.get(loopKey(relation.loop, item.slice(0, -1)));
      return run !== undefined && (item.at(-1) ?? 0) < run.next ? "taken" : "open";
    }
    case "gather": {
      const run = state.loops.get(loopKey(relation.loop, item));
      if (run !== undefined) return run.isEnded ? "taken" : "open";
      const opener = state.plan.loops?.[relation.loop]?.opener;
      const source = opener === undefined ? undefined : sourceOf(state, opener, item);
      return source?.status === "failed" || source?.status === "skipped" ? "dead" : "open";
    }
    case "pipe":
    case "success":
    case "fail":
    case "branch":
    case "when": {
      const source = sourceOf(state, edge.from, item);
      if (source === undefined || !isDecided(source)) return "open";
      if (!source.taken.includes(edge.id)) return "dead";
      return after === undefined || source.status !== "succeeded" || isLoopOver(state, after, item) ? "taken" : "open";
    }
  }
}

const sourceOf = (state: RunState, vertex: number, item: readonly number[]): Step | undefined =>
  state.steps.get(stepKey(vertexAt(state.plan, vertex).key, item));

/** What was cancelled decided nothing. */
const isDecided = ({ status }: Step): boolean => status === "succeeded" || status === "failed" || status === "skipped";

const isLoopOver = (state: RunState, loop: number, item: readonly number[]): boolean =>
  state.loops.get(loopKey(loop, item))?.isEnded === true;
