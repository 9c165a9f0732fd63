/** Checks that what counts was computed on what the log says. */
import { isDeepStrictEqual } from "node:util";
import type { Value } from "../../shared/model/log.ts";
import type { Vertex } from "../../shared/model/plan.ts";
import { vertexByKey } from "../../shared/model/plan-index.ts";
import { stepKey } from "../../shared/model/run.ts";
import type { LogStore } from "../../shared/log-store.ts";
import type { RunState } from "../../shared/model/run-state.ts";
import type { Assignment, LeaseRef, Outcome } from "../../shared/run-api.ts";
import { fail } from "./violation.ts";

type Watched = {
  readonly shadow: RunState | undefined;
  readonly store: LogStore;
  readonly computedOn: WeakMap<LeaseRef, Assignment>;
};

/** Call when a success is recorded: it was computed on what the log says, and on all that the log had when the step became ready. */
export function auditSight({ shadow, store, computedOn }: Watched, output: Value, settling: readonly LeaseRef[]): void {
  const isThis = ({ result }: Partial<Outcome>) => result?.kind === "succeeded" && isDeepStrictEqual(result.output, output);
  const outcome: LeaseRef & Partial<Outcome> = settling.find(isThis) ?? fail("I2", "a result is recorded that nobody settles");
  const assignment = computedOn.get(outcome);
  if (shadow === undefined || assignment === undefined) return;
  const { vertex, item, scope } = assignment;
  const outputOf = (source: Vertex | undefined) => {
    const seq = source && shadow.steps.get(stepKey(source.key, item.slice(0, source.loops.length)))?.outputSeq;
    const event = seq === undefined ? undefined : store.row(seq)?.event;
    return event !== undefined && "output" in event ? { seq: seq ?? 0, value: event.output } : undefined;
  };
  const before =
    outcome.follows === true ? outputOf(shadow.plan.vertices[shadow.plan.edges[vertex.incoming[0] ?? -1]?.from ?? -1]) : undefined;
  for (const key of vertex.needs.nodes) {
    const source = vertexByKey(shadow.plan, key);
    if (source?.loops.some((loop, depth) => loop !== vertex.loops[depth]) === true) continue;
    const [seen, said] = [scope.nodes.find(({ name }) => name === source?.node), outputOf(source)];
    if (seen !== undefined && !isDeepStrictEqual(seen.value, said?.value))
      fail("R8", `${outcome.step} counts, and saw an answer of ${key} that the log does not have`);
    if (seen === undefined && before !== undefined && said !== undefined && said.seq <= before.seq)
      fail("R8", `${outcome.step} counts, and did not see what ${key} had answered before`);
  }
}
