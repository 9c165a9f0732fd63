/** `trigger_workflow`: starts another run of the same tenant. Its id is made from the step, so a second attempt finds the first one's child. */
import { TriggerWorkflow } from "../../../shared/engine-params.ts";
import { ArcrunError, type ErrorInfo } from "../../../shared/model/errors.ts";
import { MAX_CHILD_DEPTH, SECOND_MS } from "../../../shared/model/limits.ts";
import { isRunTerminal } from "../../../shared/model/run.ts";
import { outputJson } from "../../../shared/run-json.ts";
import { startRun } from "../../../shared/start-run.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Paused, Performed } from "../attempt.ts";
import { readParams } from "./params.ts";

const FIRST_LOOK_MS = SECOND_MS / 4;
const MAX_LOOK_MS = 30 * SECOND_MS;
/** The children of a run are not counted: they are as many as its own steps. */
const UNCOUNTED = { take: () => undefined };
const SOURCE = "step";

export async function runTriggerWorkflow(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { workflow_name: name, input, wait } = readParams(TriggerWorkflow, attempt);
  const runId = await startChild({ workflow: name, input: input ?? attempt.context(), callNumber: 0 }, attempt, deps);
  const isWaited = wait === "finished" || wait === true;
  if (!isWaited)
    return { kind: "answered", output: { success: true, data: { run_id: runId, workflow: name, status: "running" } }, fuel: 0 };
  const looked = await lookAtChild(runId, name, attempt, deps);
  switch (looked.kind) {
    case "going":
      return { ...looked.pause, fuel: 0 };
    case "succeeded":
      return { kind: "answered", output: { success: true, data: looked.data }, fuel: 0 };
    case "failed":
      return { kind: "failed", error: looked.error, fuel: 0 };
  }
}

type Child = { readonly workflow: string; readonly input: unknown; readonly callNumber: number };

/** Gives the id of the child's run: the same one for all attempts of the call. Throws `child.too_deep`, `child.not_found`. */
export async function startChild({ workflow: name, input, callNumber }: Child, attempt: Attempt, deps: RunnerDeps): Promise<string> {
  const { run, step, generation } = attempt.assignment;
  if (run.depth >= MAX_CHILD_DEPTH)
    throw new ArcrunError("child.too_deep", `a run may be ${MAX_CHILD_DEPTH} children deep; this one is at depth ${run.depth}`);
  const workflow = await deps.catalogue.newest(run.tenant, name);
  if (workflow === undefined) throw new ArcrunError("child.not_found", `there is no workflow "${name.slice(0, 64)}"`);
  const child = await startRun(
    { ...deps, newUnique: () => step, startRate: UNCOUNTED },
    {
      tenant: run.tenant,
      workflow,
      inputJson: JSON.stringify(input),
      origin: { kind: "run", depth: run.depth + 1, parentRunId: run.id },
      idempotency: { source: SOURCE, key: deps.ids.idempotencyKey(run.tenant, run.id, step, generation, callNumber) },
    },
  );
  return child.runId;
}

type Looked =
  | { readonly kind: "going"; readonly pause: Paused }
  | { readonly kind: "succeeded"; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: "failed"; readonly error: ErrorInfo };

export async function lookAtChild(runId: string, name: string, { assignment }: Attempt, deps: RunnerDeps): Promise<Looked> {
  const { tenant } = assignment.run;
  const run = deps.runs.of(tenant, runId);
  // The status alone is cheap, however much the child holds: it is asked for again and again.
  const isOver = isRunTerminal((await run.wait(0)) ?? "running");
  const child = isOver ? await run.view({ offset: 0, limit: 0 }) : null;
  if (child === null || !isRunTerminal(child.summary.status)) return { kind: "going", pause: lookAgain(assignment.pauses, deps.now()) };
  const { status } = child.summary;
  const data = { run_id: runId, workflow: name, status };
  if (status === "succeeded") return { kind: "succeeded", data: { ...data, output: await outputJson(deps, child) } };
  const error = child.error ?? { code: "child.failed", message: `the child ${runId} was ${status}`, retryable: false };
  return { kind: "failed", error: { code: error.code, message: error.message, retryable: false, details: data } };
}

/** Soon at first, then ever more seldom. */
export function lookAgain(looks: number, now: number): Paused {
  return { kind: "paused", reason: "child_runs", dueAt: now + Math.min(FIRST_LOOK_MS * 2 ** Math.min(looks, 16), MAX_LOOK_MS) };
}
