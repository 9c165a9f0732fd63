/** A relation in the words of the flow, whichever of its synonyms it was written with. */
import type { FlowRelation } from "./workflow.ts";

export function relationWord(relation: FlowRelation): string {
  switch (relation.kind) {
    case "pipe":
      return "PIPE";
    case "success":
      return "ON_SUCCESS";
    case "fail":
      return relation.code === undefined ? "ON_FAIL" : `ON_FAIL(${relation.code})`;
    case "branch":
      return `ON_BRANCH(${relation.branch})`;
    case "when":
      return `WHEN(${relation.expression})`;
    case "foreach":
      return `FOREACH ${relation.variable}${relation.list === undefined ? "" : ` IN {{${relation.list}}}`}`;
    case "gather":
      return "GATHER";
  }
}
