/** Lines that can never be followed. Not refused: an old file may have one, and its node is skipped as it always was. */
import type { FlowGraph, GraphEdge } from "./flow-graph.ts";
import type { Issues } from "./issues.ts";
import { START_NODE } from "../plan.ts";

export function checkEdges({ edges }: FlowGraph, issues: Issues): void {
  for (const edge of edges) {
    const why = whyNever(edge);
    if (why !== undefined) issues.warn(edge.pointer, "flow.never_followed", `this line is never followed: ${why}`);
  }
}

function whyNever({ from, relation }: GraphEdge): string | undefined {
  if (relation?.kind === "fail" && from === START_NODE) return "the start does not fail";
  if (relation?.kind === "branch" && from === START_NODE) return "the start has no branch; write WHEN(input.…)";
  // In `policy.retry.on` a dot at the end means all below; here it would be taken for the same.
  if (relation?.kind === "fail" && relation.code?.endsWith(".") === true) return "no error code ends with a dot; expected a whole one";
  return undefined;
}
