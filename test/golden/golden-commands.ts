/** Short words for what happens in golden runs. */
import { answer } from "../../shared/ledger/control.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { ItemList, Outcome } from "../../shared/run-api.ts";
import type { Play } from "../shared/ledger/play.ts";
import { type EdgeSpec, type NodeSpec, planOf, type PlanOptions } from "../simulation/graphs.ts";

export const SECOND = 1000;

/** Nodes in a line. */
export function line(nodes: readonly NodeSpec[], options: PlanOptions = {}): Plan {
  const edges = nodes.slice(1).map(({ name }, index): EdgeSpec => ({ from: nodes[index]?.name ?? "", to: name }));
  return planOf(nodes, edges, options);
}

export function later(run: Play, ms: number): void {
  run.clock.now += ms;
}

export const value = (content: unknown) => ({ json: JSON.stringify(content) });
export const itemsOf = (loop: number, count: number): ItemList => ({
  loop,
  items: Array.from({ length: count }, (_, item) => value({ item })),
});
const outputOf = (step: string) => ({ output: value({ success: true, data: { step } }) });
const tookOf = ({ edges }: ReturnType<Play["take"]>) => edges.filter(({ relation }) => relation.kind !== "fail").map(({ id }) => id);
export const open = (run: Play, step: string, list: ItemList): void => {
  const assignment = run.take(step);
  run.end(assignment, { kind: "succeeded", ...outputOf(step), taken: tookOf(assignment), lists: [list] });
};
export const succeed = (run: Play, ...steps: readonly string[]): void => {
  for (const step of steps) {
    const assignment = run.take(step);
    run.end(assignment, { kind: "succeeded", ...outputOf(step), taken: tookOf(assignment) });
    later(run, SECOND);
  }
};
export const say = (run: Play, step: string, wait: number, generation = 0): void => {
  const given = { success: true, data: value({ answered: step }), digest: `answer ${step} ${wait}` };
  answer(run.ledger, { ref: { step, generation, wait } }, given, {});
};
export const callback = (taskId: string): Outcome["result"] => ({ kind: "paused", reason: "callback", taskId, note: "somebody" });
export const branch = (run: Play, step: string, name: string): void => {
  const assignment = run.take(step);
  const taken = assignment.edges.flatMap(({ id, relation }) => (relation.kind === "branch" && relation.branch === name ? [id] : []));
  run.end(assignment, { kind: "succeeded", output: value({ success: true, branch: name }), taken });
};

export const PAUSING: NodeSpec = { name: "ask", effects: "idempotent", mayPause: true, waitMs: 600_000 };
export const LIMIT = { key: "k", limit: 1 };
export const awaiting = (ids: readonly string[], isOwner: boolean): Outcome["result"] => ({
  kind: "paused",
  reason: "child_runs",
  awaited: { runs: ids.map((runId) => ({ runId, life: 0 })), wanted: ids.length, ...(isOwner ? { isOwner } : {}) },
});
