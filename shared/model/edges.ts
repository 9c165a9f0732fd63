/** Which outgoing edges of a vertex are followed. Decided once per result, and logged (R8). */
import { evaluateCondition, parseExpression } from "./expression/expression.ts";
import type { Edge } from "./plan.ts";

export type Taken = { readonly taken: readonly number[]; readonly unmatched?: string };
type Scope = Readonly<Record<string, unknown>>;

/** It is shown to people, and lies in the row of the step. */
const MAX_UNMATCHED_CHARS = 128;

/** What a condition is judged on: what the vertex and all upstream of it know, and the names of these nodes. */
export type Sight = { readonly scope: Scope; readonly names: ReadonlySet<string> };

/** After a success. `branch` is that of the answer; `sight` is asked for only if there is a condition. Throws what a condition throws. */
export function takenOnSuccess(edges: readonly Edge[], branch: string | undefined, sight: () => Sight): Taken {
  const taken = edges.filter(({ relation }) => {
    switch (relation.kind) {
      case "pipe":
      case "success":
      case "foreach":
        return true;
      case "fail":
      case "gather": // followed by the end of its loop, not by that of this step
        return false;
      case "branch":
        return relation.branch === branch;
      case "when": {
        const { scope, names } = sight();
        return evaluateCondition(parseExpression(relation.expression, names), scope);
      }
    }
  });
  const branches = edges.filter(({ relation }) => relation.kind === "branch");
  const matched = taken.some(({ relation }) => relation.kind === "branch");
  const ids = taken.map(({ id }) => id);
  return branches.length > 0 && !matched ? { taken: ids, unmatched: (branch ?? "").slice(0, MAX_UNMATCHED_CHARS) } : { taken: ids };
}

/** After a failure for good: PIPE, and ON_FAIL; one for just this code wins over the general one. */
export function takenOnFailure(edges: readonly Edge[], code: string): readonly number[] {
  const specific = edges.some(({ relation }) => relation.kind === "fail" && relation.code === code);
  return edges
    .filter(({ relation }) => {
      if (relation.kind === "pipe") return true;
      return relation.kind === "fail" && relation.code === (specific ? code : undefined);
    })
    .map(({ id }) => id);
}

/** The branch of a whole answer: its `branch`, else `data.branch`, else a boolean `data.result`. */
export function branchOf(answer: unknown): string | undefined {
  const branch = own(answer, "branch") ?? own(own(answer, "data"), "branch");
  if (typeof branch === "string" || typeof branch === "boolean" || typeof branch === "number") return String(branch).normalize("NFC"); // as lines are
  const result = own(own(answer, "data"), "result");
  return typeof result === "boolean" ? String(result) : undefined;
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
