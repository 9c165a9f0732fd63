/** `trigger_workflow`: starts another run of the same tenant, and waits for its end if it is asked to. */
import { z } from "zod";
import { awaitChild, remainingWait, startChild } from "../child-runs.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { readParams } from "./params.ts";

const TriggerWorkflow = z.object({
  workflow_name: z.string(),
  input: z.unknown().optional(),
  wait: z.union([z.enum(["started", "finished"]), z.boolean()]).default("started"),
});

export async function runTriggerWorkflow(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { workflow_name: workflow, input, wait } = readParams(TriggerWorkflow, attempt);
  const child = { workflow, input: input ?? attempt.context(), callNumber: 0 };
  const isWaited = wait === "finished" || wait === true;
  if (!isWaited) {
    const { runId } = await startChild(child, false, attempt, deps);
    const data = { run_id: runId, workflow, status: "running" };
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
