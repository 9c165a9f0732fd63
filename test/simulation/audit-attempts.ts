/** Checks that what counts was computed on what the log says, and that who waited for a store goes on as if it had not. */
import { isDeepStrictEqual } from "node:util";
import type { RunEvent, Value } from "../../shared/model/log.ts";
import type { Vertex } from "../../shared/model/plan.ts";
import { vertexByKey } from "../../shared/model/plan-index.ts";
import { stepKey } from "../../shared/model/run.ts";
import type { LogStore } from "../../shared/log-store.ts";
import type { RunState } from "../../shared/model/run-state.ts";
import type { Assignment, LeaseRef, Outcome, Resume } from "../../shared/run-api.ts";
import { fail } from "./violation.ts";

export type Attempts = {
  /** What an outcome was computed on. */
  readonly computedOn: WeakMap<LeaseRef, Assignment>;
  /** What each step was last told to go on from, by `step, generation`. */
  readonly resumed: Map<string, Resume | null>;
  /** Pauses for a store, by `step, generation`. */
  readonly spared: Map<string, number>;
  /** Those whose last row is such a pause. */
  readonly sparing: Set<string>;
};

export const createAttempts = (): Attempts => ({ computedOn: new WeakMap(), resumed: new Map(), spared: new Map(), sparing: new Set() });

type Watched = { readonly shadow: RunState | undefined; readonly store: LogStore; readonly attempts: Attempts };

const sparedKey = ({ step, generation }: Pick<LeaseRef, "step" | "generation">): string => JSON.stringify([step, generation]);

/** The pauses that the step itself made. */
export const ownPauses = ({ spared }: Attempts, assignment: Assignment): number =>
  assignment.pauses - (spared.get(sparedKey(assignment)) ?? 0);

/** Call for every row. */
export function noteSpared({ spared, sparing }: Attempts, event: RunEvent): void {
  if (!("step" in event) || event.type === "step.leased" || event.type === "step.queued") return;
  const key = sparedKey(event);
  const isSpared = event.type === "step.paused" && event.reason === "retry_backoff";
  if (!isSpared) return void sparing.delete(key);
  sparing.add(key);
  spared.set(key, (spared.get(key) ?? 0) + 1);
}

/** Call for every assignment. True: it goes on as it was to go on before, and that is right. */
export function auditSpared({ resumed, sparing }: Attempts, assignment: Assignment): boolean {
  const { step, resume } = assignment;
  const key = sparedKey(assignment);
  const before = resumed.get(key);
  resumed.set(key, resume);
  if (!sparing.has(key)) return false;
  if (!isDeepStrictEqual(before, resume))
    fail("I6", `${step} waited for a store, was to go on from ${JSON.stringify(before)}, and goes on from ${JSON.stringify(resume)}`);
  return true;
}

/** Call when a success is recorded: it was computed on what the log says, and on all that the log had when the step became ready. */
export function auditSight({ shadow, store, attempts }: Watched, output: Value, settling: readonly LeaseRef[]): void {
  const isThis = ({ result }: Partial<Outcome>) => result?.kind === "succeeded" && isDeepStrictEqual(result.output, output);
  const outcome: LeaseRef & Partial<Outcome> = settling.find(isThis) ?? fail("I2", "a result is recorded that nobody settles");
  const assignment = attempts.computedOn.get(outcome);
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
