/** Which failures count: those that no ON_FAIL edge took, that no loop gathers, and that are more than a loop tolerates. */
import { firstFailure, isGathered, isLoopFailed, loopKey } from "./loop-run.ts";
import { edgesFrom } from "./plan-index.ts";
import type { RunState, Step } from "./run-state.ts";

/** An ON_FAIL edge was followed. PIPE does not count. */
export const isCaught = ({ plan }: RunState, { vertex, taken }: Step): boolean =>
  edgesFrom(plan, vertex).some(({ id, relation }) => relation.kind === "fail" && taken.includes(id));

/** The first failure that nothing handled and no loop tolerates, in the order of the log: it names the run's error. */
export function firstUnhandled(state: RunState): Step | undefined {
  const failures: Step[] = [];
  for (const step of state.steps.values()) {
    const { status, vertex } = step;
    if (status === "failed" && vertex.loops.length === 0 && vertex.kind !== "epilogue" && !isCaught(state, step)) failures.push(step);
  }
  for (const run of state.loops.values()) {
    const failure = run.item.length === 0 && isLoopFailed(run) ? firstFailure(run) : undefined;
    if (failure !== undefined) failures.push(failure);
  }
  return failures.reduce<Step | undefined>(
    (first, step) => (first === undefined || (step.outputSeq ?? 0) < (first.outputSeq ?? 0) ? step : first),
    undefined,
  );
}

/** By an ON_FAIL edge that was followed, or by the GATHER of a loop around it. */
export function isHandled(state: RunState, step: Step): boolean {
  if (isCaught(state, step)) return true;
  return step.vertex.loops.some((id, depth) => {
    const run = state.loops.get(loopKey(id, step.item.slice(0, depth)));
    return run !== undefined && isGathered(run);
  });
}
