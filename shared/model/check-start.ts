/** What leaves the start: it succeeds, and has no branch, so some relations there are never followed. */
import type { FlowGraph } from "./flow-graph.ts";
import type { Issues } from "./issues.ts";
import { START_NODE } from "./plan.ts";

/** Not refused: an old file may have such a line, and its node is skipped as it always was. */
export function checkStart({ edges }: FlowGraph, issues: Issues): void {
  for (const { from, relation, pointer } of edges) {
    if (from !== START_NODE || (relation?.kind !== "fail" && relation?.kind !== "branch")) continue;
    const why = relation.kind === "fail" ? "the start does not fail" : "the start has no branch; write WHEN(input.…)";
    issues.warn(pointer, "flow.never_followed", `this line is never followed: ${why}`);
  }
}
