/** What a drawing of the run is made from. Reads the state, changes nothing. */
import type { RunState, Step } from "../model/run-state.ts";
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
      const isEntered = String(relation.kind) === "gather" && (stepsOf[to] ?? []).some(({ status }) => status !== "skipped");
      if (taken.has(id) || isEntered) return "taken";
      const sources = stepsOf[from] ?? [];
      const isDecided = sources.length > 0 && sources.every(({ status }) => isStepTerminal(status));
      return isDecided || state.ended !== undefined ? "dead" : "open";
    }),
    loops: loopsOf(plan).map((_, id) => tallyLoop(plan, id, stepsOf)),
  };
}

function countsOf(steps: readonly Step[], statusOf: (step: Step) => StepStatus): Counts {
  const counts: { [S in StepStatus]?: number } = {};
  for (const step of steps) {
    const status = statusOf(step);
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

type Looped = {
  readonly vertices: RunState["plan"]["vertices"];
  readonly loops?: readonly { readonly body: readonly number[]; readonly inner: readonly number[] }[];
};
const loopsOf = ({ loops = [] }: Looped): NonNullable<Looped["loops"]> => loops;

/** An item is what its steps have in common: the beginning of their paths, as long as loops stand around the body. */
function tallyLoop(plan: Looped, id: number, stepsOf: readonly (readonly Step[])[]): LoopTally {
  const depth = plan.vertices[loopsOf(plan)[id]?.body[0] ?? -1]?.loops.length ?? 0;
  const items = new Map<string, { isOpen: boolean; isFailed: boolean }>();
  for (const vertex of verticesIn(plan, id)) {
    for (const { item, status } of stepsOf[vertex] ?? []) {
      const key = item.slice(0, depth).join();
      const known = items.get(key) ?? { isOpen: false, isFailed: false };
      items.set(key, { isOpen: known.isOpen || !isStepTerminal(status), isFailed: known.isFailed || status === "failed" });
    }
  }
  const all = [...items.values()];
  const failed = all.filter(({ isFailed }) => isFailed).length;
  return { ok: all.filter(({ isOpen, isFailed }) => !isOpen && !isFailed).length, failed, count: all.length };
}

function verticesIn(plan: Looped, id: number): readonly number[] {
  const loop = loopsOf(plan)[id];
  return loop === undefined ? [] : [...loop.body, ...loop.inner.flatMap((inner) => verticesIn(plan, inner))];
}
