/** Checks what a redrive on another version keeps: only what is the same in both, with all that led to it. */
import type { Plan } from "../../shared/model/plan.ts";
import type { RunState } from "../../shared/model/run-state.ts";
import { fail } from "./violation.ts";

/** Everything that a vertex is and hangs on, as one text: it grows with the ancestry, which is short here. */
function ancestry(plan: Plan, key: string): string {
  const vertex = plan.vertices.find((one) => one.key === key);
  if (vertex === undefined) return "nothing";
  const { component, config, join, incoming } = vertex;
  const sources = incoming.map((id) => {
    const edge = plan.edges[id];
    const { loop: _, ...relation } = { loop: 0, ...edge?.relation };
    return JSON.stringify([relation, ancestry(plan, plan.vertices[edge?.from ?? -1]?.key ?? "")]);
  });
  return JSON.stringify([component, config, join, sources.sort()]);
}

/** What there was before a redrive on another version. */
type Before = { readonly plan: Plan; readonly keys: ReadonlySet<string> };

export const keptFrom = (state: RunState | undefined): Before | undefined =>
  state && { plan: state.plan, keys: new Set(state.steps.keys()) };

/** Call with the state after it. */
export function auditKept({ plan, keys }: Before, state: RunState): void {
  for (const { key, vertex, generation } of state.steps.values()) {
    const isNew = generation === state.generation || !keys.has(key);
    if (vertex.kind === "start" || vertex.kind === "epilogue" || isNew) continue;
    if (ancestry(plan, vertex.key) !== ancestry(state.plan, vertex.key)) fail("R6", `${key} is kept, but it is another one now`);
  }
}
