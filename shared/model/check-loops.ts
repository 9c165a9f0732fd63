/** Whether FOREACH and GATHER stand where they may. */
import type { FlowGraph, GraphEdge } from "./flow-graph.ts";
import { type Issues, shown } from "./issues.ts";

/** Loops are read in full, but not compiled yet: a workflow that has one is refused at its line. */
export function checkLoops({ nodes, edges, incoming, order }: FlowGraph, issues: Issues): void {
  const depths = new Map<string, number>();
  const depthAfter = ({ from, relation }: GraphEdge): number => {
    const depth = depths.get(from) ?? 0;
    return relation?.kind === "foreach" ? depth + 1 : relation?.kind === "gather" ? Math.max(0, depth - 1) : depth;
  };
  for (const node of order ?? nodes.keys()) depths.set(node, Math.max(0, ...(incoming.get(node) ?? []).map(depthAfter)));
  for (const { from, relation, pointer } of edges) {
    if (relation?.kind === "gather" && depths.get(from) === 0 && order !== undefined) {
      issues.error(pointer, "flow.gather_without_loop", `${shown(from)} is in no loop; expected a FOREACH before GATHER`);
    } else if (relation?.kind === "foreach" || relation?.kind === "gather") {
      issues.error(pointer, "flow.loops_not_available", "FOREACH and GATHER are understood, but cannot be run yet");
    }
  }
}
