/**
 * A step starts another run, and waits for its end without a process: it asks to be told, pauses, and is executed again when it was told.
 * The id of the child is made from the step, so that every execution of the same call means the same child.
 */
import { ArcrunError, type ErrorInfo } from "../../shared/model/errors.ts";
import { MAX_CHILD_DEPTH } from "../../shared/model/limits.ts";
import type { Awaited, AwaitedRun } from "../../shared/model/log.ts";
import { isRunTerminal } from "../../shared/model/run.ts";
import { outputJson } from "../../shared/run-json.ts";
import { deliveredRunId, startRun, type StartedRun } from "../../shared/start-run.ts";
import type { Assignment } from "../../shared/run-api.ts";
import type { Attempt, Paused } from "./attempt.ts";
import type { RunnerDeps } from "./deps.ts";

const SOURCE = "step";
/** The children of a run are not counted: they are as many as its own steps. */
const UNCOUNTED = { take: () => undefined };

/** What a step starts: `callNumber` tells its calls apart. */
export type Child = { readonly workflow: string; readonly input: unknown; readonly callNumber: number };

export type ChildEnd =
  | { readonly kind: "going"; readonly pause: Paused }
  | { readonly kind: "succeeded"; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: "failed"; readonly error: ErrorInfo };

const idempotencyOf = (callNumber: number, { run, step, generation }: Assignment, { ids }: RunnerDeps) => ({
  source: SOURCE,
  key: ids.idempotencyKey(run.tenant, run.id, step, generation, callNumber),
});

/** Throws `child.too_deep`, `child.not_found`. The owner of a run is told of its end, and its own end is the run's. */
export async function startChild(child: Child, isOwner: boolean, { assignment }: Attempt, deps: RunnerDeps): Promise<StartedRun> {
  const { workflow: name, input, callNumber } = child;
  const { run, step, generation } = assignment;
  if (run.depth >= MAX_CHILD_DEPTH)
    throw new ArcrunError("child.too_deep", `a run may be ${MAX_CHILD_DEPTH} children deep; this one is at depth ${run.depth}`);
  const workflow = await deps.catalogue.newest(run.tenant, name);
  if (workflow === undefined) throw new ArcrunError("child.not_found", `there is no workflow "${name.slice(0, 64)}"`);
  return startRun(
    { ...deps, newUnique: () => step, startRate: UNCOUNTED },
    {
      tenant: run.tenant,
      workflow,
      inputJson: JSON.stringify(input),
      origin: { kind: "run", depth: run.depth + 1, parentRunId: run.id, ...(isOwner ? { owner: { step, generation } } : {}) },
      idempotency: idempotencyOf(callNumber, assignment, deps),
    },
  );
}

/** How the child ended; or that it goes on, and what the step pauses for. */
export async function awaitChild(child: Child, attempt: Attempt, deps: RunnerDeps): Promise<ChildEnd> {
  const { assignment } = attempt;
  const { run, ownRuns, step, generation } = assignment;
  const runId = deliveredRunId(deps.ids, run.tenant, child.workflow, idempotencyOf(child.callNumber, assignment, deps));
  // What the step has paused for is there; its workflow may have been deleted since.
  if (!ownRuns.includes(runId)) {
    const started = await startChild(child, true, attempt, deps);
    const { replay, status } = started;
    // A singleton is going already: that run is somebody else's, and is neither waited for nor ended with this step.
    if (started.skipped) return { kind: "succeeded", data: { run_id: started.runId, workflow: child.workflow, status, skipped: true } };
    if (!replay && !isRunTerminal(status)) return { kind: "going", pause: pauseForChild({ runId, life: 0 }) };
  }
  const object = deps.runs.of(run.tenant, runId);
  const seen = await object.watch({ runId: run.id, step, generation });
  if (seen !== null && !isRunTerminal(seen.status)) return { kind: "going", pause: pauseForChild({ runId, life: seen.life }) };
  const view = seen === null ? null : await object.view({ offset: 0, limit: 0 });
  if (view === null) throw new ArcrunError("child.not_found", `the child ${runId} was deleted`);
  const { status } = view.summary;
  const data = { run_id: runId, workflow: child.workflow, status };
  if (status === "succeeded") return { kind: "succeeded", data: { ...data, output: await outputJson(deps, view) } };
  const error = view.error ?? { code: "child.failed", message: `the child ${runId} was ${status}` };
  return { kind: "failed", error: { code: error.code, message: error.message, retryable: false, details: data } };
}

const pauseForChild = (run: AwaitedRun): Paused => pauseForRuns({ runs: [run], wanted: 1, isOwner: true });

export const pauseForRuns = (awaited: Awaited): Paused => ({ kind: "paused", reason: "child_runs", awaited });

/** The limit of a wait counts from its first pause, however often the step goes on and waits again. */
export function remainingWait({ resume, vertex }: Assignment, now: number): { readonly waitMs?: number } {
  return resume?.kind === "due" ? { waitMs: Math.max(0, resume.since + vertex.waitMs - now) } : {};
}
