/** What the components of the engine itself take: read when a step runs, and told as JSON Schema when a workflow is pushed. */
import { z } from "zod";
import { ApprovalFields } from "./model/approval.ts";
import { DURATION_PATTERN } from "./model/duration.ts";
import type { JsonMap } from "./model/definition/issues.ts";

/** A duration that a template brings is read by who waits; one that is written is checked by its pattern. */
const Duration = z.union([z.string().meta({ pattern: DURATION_PATTERN.source, examples: ["10s"] }), z.number()]);
const Text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const oneOf = (...names: readonly string[]) => ({ anyOf: names.map((name) => ({ required: [name] })) });

export const Wait = z
  .object({ duration: Duration.optional(), ms: z.number().optional(), until: z.union([z.string(), z.number()]).optional() })
  .meta(oneOf("duration", "ms", "until"));

export const WaitForCallback = z.object({ timeout: Duration.optional(), schema: z.unknown().optional(), note: z.unknown().optional() });

/** `fields`: the answers, one flat object. */
export const Approval = z.object({
  title: Text.pipe(z.string().min(1).max(500)),
  fields: ApprovalFields.optional(),
  timeout: Duration.optional(),
});

export const PollTask = z.object({
  request: z.looseObject({ url: z.unknown() }),
  every: Duration,
  done_when: z.string(),
  fail_when: z.string().optional(),
  timeout: Duration.optional(),
});

export const Respond = z.object({
  status: z.number().int().min(200).max(599).default(200),
  headers: z.record(z.string(), Text).default({}),
  body: z.unknown().optional(),
});

export const TriggerWorkflow = z.object({
  workflow_name: z.string(),
  input: z.unknown().optional(),
  wait: z.union([z.enum(["started", "finished"]), z.boolean()]).default("started"),
});

const MAX_RUNS = 1000;
export const WaitForWorkflows = z.object({
  run_ids: z.array(z.string()).max(MAX_RUNS),
  mode: z.union([z.enum(["all", "any"]), z.object({ quorum: z.number().int().min(1) })]).default("all"),
  on_failure: z.enum(["fail", "continue"]).default("fail"),
});

const SCHEMAS = {
  approval: Approval,
  poll_task: PollTask,
  respond: Respond,
  trigger_workflow: TriggerWorkflow,
  wait: Wait,
  wait_for_callback: WaitForCallback,
  wait_for_workflows: WaitForWorkflows,
} as const;

/** The JSON Schema of what may be written in a workflow, by component. */
export const engineInputs = (): Readonly<Record<string, JsonMap>> =>
  Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, z.toJSONSchema(schema, { io: "input" })]));
