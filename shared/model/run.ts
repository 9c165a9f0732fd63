/** The words for runs and steps, on the wire and inside. The tables are what docs and API are generated from. */

export const RUN_STATUSES = ["running", "waiting", "succeeded", "failed", "cancelled"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = ["ready", "running", "waiting", "retrying", "succeeded", "failed", "skipped", "cancelled", "unknown"] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** What may follow what; an empty row is an end that only a redrive leaves. */
export const STEP_TRANSITIONS: { readonly [S in StepStatus]: readonly StepStatus[] } = {
  ready: ["running", "succeeded", "failed", "waiting", "retrying", "cancelled"],
  running: ["ready", "succeeded", "failed", "waiting", "retrying", "cancelled", "unknown"],
  waiting: ["ready", "running", "succeeded", "failed", "retrying", "cancelled"],
  retrying: ["ready", "running", "succeeded", "failed", "waiting", "cancelled"],
  unknown: ["ready", "succeeded", "failed", "waiting", "retrying", "cancelled"],
  succeeded: [],
  failed: [],
  skipped: [],
  cancelled: [],
};

export const isRunTerminal = (status: RunStatus): boolean => status === "succeeded" || status === "failed" || status === "cancelled";
export const isStepTerminal = (status: StepStatus): boolean => STEP_TRANSITIONS[status].length === 0;

/** `translate[3][0]` */
export const stepKey = (vertexKey: string, item: readonly number[]): string => vertexKey + item.map((index) => `[${index}]`).join("");
