/**
 * A line: the pure steps that follow one after the other when nothing else leads to them. Whoever is handed the first may execute them all, and
 * settle them together. The run object alone says afterwards what became of them (R1); what was executed in vain is executed again.
 */
import type { Value } from "./model/log.ts";
import { nodeOfKey } from "./model/plan.ts";
import type { Assignment, LineStep, Outcome } from "./run-api.ts";

/** The next one, as a claim would hand it out now; undefined: there is none, or this outcome leads elsewhere. `now`: milliseconds of the epoch. */
export function nextInLine({ line = [], ...done }: Assignment, { result }: Outcome, now: number): Assignment | undefined {
  const [next, ...rest] = line;
  if (next === undefined || result.kind !== "succeeded" || !result.taken.includes(next.edge) || !("json" in result.output))
    return undefined;
  const { output } = result;
  const { edge: _, ...step } = withAnswer(next, done, output);
  const { item, lease, run } = done;
  const fresh = { attempt: 1, wait: 0, pauses: 0, exchanges: [], resume: null, ownRuns: [] } as const;
  return {
    kind: "execute",
    ...step,
    ...fresh,
    item,
    lease,
    run,
    now: Math.max(now, done.now),
    timeoutMs: step.vertex.timeoutMs,
    line: rest.map((later) => withAnswer(later, done, output)),
  };
}

/** What has just been answered belongs to the scope of those that mention it, in its place. */
function withAnswer(step: LineStep, { vertex: { key, node } }: Pick<Assignment, "vertex">, value: Value): LineStep {
  const { nodes: needed } = step.vertex.needs;
  if (!needed.includes(key)) return step;
  const order = needed.map(nodeOfKey);
  const nodes = [...step.scope.nodes, { name: node, value }].toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  return { ...step, scope: { ...step.scope, nodes } };
}
