/** `trigger_workflow`: starts another run of the same tenant, and waits for its end if it is asked to. */
import { TriggerWorkflow } from "../../../shared/engine-params.ts";
import { awaitChild, remainingWait, startChild } from "../child-runs.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { readParams } from "./params.ts";

export async function runTriggerWorkflow(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { workflow_name: workflow, input, wait } = readParams(TriggerWorkflow, attempt);
  const child = { workflow, input: input ?? attempt.context(), callNumber: 0 };
  const isWaited = wait === "finished" || wait === true;
  if (!isWaited) {
    const { runId, skipped } = await startChild(child, false, attempt, deps);
    const data = { run_id: runId, workflow, status: "running", ...(skipped ? { skipped } : {}) };
    return { kind: "answered", output: { success: true, data }, childRuns: [runId], fuel: 0 };
  }
  const end = await awaitChild(child, attempt, deps);
  switch (end.kind) {
    case "going":
      return { ...end.pause, ...remainingWait(attempt.assignment, deps.now()), fuel: 0 };
    case "succeeded":
      return { kind: "answered", output: { success: true, data: end.data }, fuel: 0 };
    case "failed":
      return { kind: "failed", error: end.error, fuel: 0 };
  }
}
