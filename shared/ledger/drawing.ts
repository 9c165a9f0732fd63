/** What a drawing of the run is made from. Reads the state, changes nothing. */
import type { LoopRun, RunState, Step } from "../model/run-state.ts";
import { isStepTerminal, type StepStatus } from "../model/run.ts";
import type { Counts, LoopTally, RunTally } from "../model/tally.ts";
import type { RunDrawing } from "../run-view.ts";
import type { Ledger } from "./ledger.ts";
import { statusOfStep } from "./view.ts";

export function drawing(ledger: Ledger): RunDrawing | null {
  const { state, deps } = ledger;
  if (state === undefined) return null;
  const now = deps.now();
  return { plan: state.plan, tally: tallyRun(state, (step) => statusOfStep(ledger, step, now)) };
}

function tallyRun(state: RunState, statusOf: (step: Step) => StepStatus): RunTally {
  const { plan } = state;
  const indexOf = new Map(plan.vertices.map(({ key }, i) => [key, i]));
  const stepsOf: Step[][] = plan.vertices.map(() => []);
  for (const step of state.steps.values()) stepsOf[indexOf.get(step.vertex.key) ?? -1]?.push(step); // the epilogue is not in the plan
  const taken = new Set([...state.steps.values()].flatMap((step) => step.taken));
  return {
    vertices: stepsOf.map((steps) => countsOf(steps, statusOf)),
    edges: plan.edges.map(({ id, from, to, relation }) => {
      const isEntered = relation.kind === "gather" && (stepsOf[to] ?? []).some(({ status }) => status !== "skipped");
      if (taken.has(id) || isEntered) return "taken";
      const sources = stepsOf[from] ?? [];
      const isDecided = sources.length > 0 && sources.every(({ status }) => isStepTerminal(status)) && !isGoing(state, from);
      return isDecided || state.ended !== undefined ? "dead" : "open";
    }),
    loops: (plan.loops ?? []).map((_, id) => tallyLoop(state, id)),
  };
}

/** Whether more items may come to a vertex in a loop. */
function isGoing(state: RunState, vertex: number): boolean {
  const around = state.plan.vertices[vertex]?.loops ?? [];
  return [...state.loops.values()].some(({ id, isEnded }) => !isEnded && around.includes(id));
}

function countsOf(steps: readonly Step[], statusOf: (step: Step) => StepStatus): Counts {
  const counts: { [S in StepStatus]?: number } = {};
  for (const step of steps) {
    const status = statusOf(step);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** All passes of the loop together. An item is over when it is no longer in flight. */
function tallyLoop(state: RunState, id: number): LoopTally {
  const passes = [...state.loops.values()].filter((pass) => pass.id === id);
  const sum = (of: (pass: LoopRun) => number): number => passes.reduce((total, pass) => total + of(pass), 0);
  const failed = sum((pass) => pass.failed.size);
  const stillOpen = (pass: LoopRun): number => [...pass.open.keys()].filter((item) => !pass.failed.has(item)).length + pass.again.length;
  return { ok: Math.max(0, sum((pass) => pass.next - stillOpen(pass)) - failed), failed, count: sum((pass) => pass.count) };
}
