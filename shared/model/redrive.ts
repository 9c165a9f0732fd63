/** Which steps start again in a redrive: the failed or the named ones, and everything downstream of them. */
import { edgesFrom } from "./edges.ts";
import { isHandled, type RunState, type Step } from "./run-state.ts";
import { stepKey } from "./run.ts";

export type RedriveWish = { readonly nodes?: readonly string[]; readonly steps?: readonly string[] };

/** In the order of creation; undefined: a named node or step does not exist in this run. */
export function stepsToRedrive(state: RunState, { nodes, steps }: RedriveWish): readonly Step[] | undefined {
  const all = [...state.steps.values()].filter(({ vertex }) => vertex.kind !== "start" && vertex.kind !== "epilogue");
  const isNamed = (step: Step) => (nodes?.includes(step.vertex.node) ?? false) || (steps?.includes(step.key) ?? false);
  const named = nodes !== undefined || steps !== undefined;
  const missing = [
    ...(nodes ?? []).filter((node) => !all.some(({ vertex }) => vertex.node === node)),
    ...(steps ?? []).filter((key) => !state.steps.has(key)),
  ];
  if (missing.length > 0) return undefined;
  return withDownstream(state, all, all.filter(named ? (step) => isNamed(step) || isCutShort(step) : (step) => needsRepair(state, step)));
}

/** Steps of a run that is going of which nobody knows whether their effect happened: a person may decide that they run again. */
export const heldSteps = (state: RunState, { nodes, steps }: RedriveWish): readonly Step[] =>
  [...state.live].filter(
    ({ status, key, vertex }) => status === "unknown" && (nodes?.includes(vertex.node) ?? true) && (steps?.includes(key) ?? true),
  );

/** Left out, it would never end, and whatever joins it would be forgotten: always redriven. */
const isCutShort = ({ status }: Step): boolean => status === "cancelled" || status === "unknown";

const needsRepair = (state: RunState, step: Step): boolean => isCutShort(step) || (step.status === "failed" && !isHandled(state, step));

function withDownstream(state: RunState, all: readonly Step[], first: readonly Step[]): readonly Step[] {
  const chosen = new Set(first);
  for (const step of chosen) {
    for (const edge of edgesFrom(state.plan, step.vertex)) {
      const next = state.steps.get(stepKey(state.plan.vertices[edge.to]?.key ?? "", step.item));
      if (next !== undefined) chosen.add(next); // a set may grow while it is walked
    }
  }
  return all.filter((step) => chosen.has(step));
}
