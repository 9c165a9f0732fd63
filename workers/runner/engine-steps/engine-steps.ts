/** The orchestration parts that the engine runs itself, by component. Each is still one message and one attempt. */
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { runApproval } from "./approval.ts";
import { runFinalCallback } from "./final-callback.ts";
import { runPollTask } from "./poll-task.ts";
import { runRunSlot } from "./run-slot.ts";
import { runTriggerWorkflow } from "./trigger-workflow.ts";
import { runOutput, runRespond, runWait, runWaitForCallback } from "./waits.ts";
import { runWaitForWorkflows } from "./wait-for-workflows.ts";

type EngineStep = (attempt: Attempt, deps: RunnerDeps) => Promise<Performed>;

export const ENGINE_STEPS: Readonly<Record<string, EngineStep | undefined>> = Object.assign(Object.create(null), {
  approval: runApproval,
  final_callback: runFinalCallback,
  output: runOutput,
  poll_task: runPollTask,
  respond: runRespond,
  run_slot: runRunSlot,
  trigger_workflow: runTriggerWorkflow,
  wait: runWait,
  wait_for_callback: runWaitForCallback,
  wait_for_workflows: runWaitForWorkflows,
} satisfies Record<string, EngineStep>);
