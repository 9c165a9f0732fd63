/** What the run object tells of itself to those who look: plain data, big values as references. */
import type { ErrorInfo } from "./model/errors.ts";
import type { Origin, Value, WaitReason } from "./model/log.ts";
import type { Plan } from "./model/plan.ts";
import type { RunStatus, StepStatus } from "./model/run.ts";
import type { RunTally } from "./model/tally.ts";

/** The row of a run in the index. */
export type RunSummary = {
  readonly tenant: string;
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly errorCode: string | null;
  /** Rows of the log so far: a later summary has a higher one, an older one never overwrites it. */
  readonly seq: number;
};

/** How one wait is named by its callback token. */
export type WaitRef = { readonly step: string; readonly generation: number; readonly wait: number };

export type Wait = {
  readonly node: string;
  readonly item: readonly number[] | null;
  readonly reason: WaitReason;
  readonly taskId: string | null;
  /** Set for `callback` and `approval`. */
  readonly ref: WaitRef | null;
  readonly note: string | null;
  readonly since: number;
  readonly expiresAt: number | null;
  /** Runs that it waits for. */
  readonly childRuns: readonly string[];
};

/** What somebody is shown who has been asked for an approval. `terminal`: the run has ended without the answer. */
export type ApprovalLook =
  | {
      readonly kind: "open";
      readonly workflow: string;
      readonly runId: string;
      readonly title: string;
      readonly schema: unknown;
      readonly since: number;
      readonly expiresAt: number;
    }
  | {
      readonly kind: "answered";
      readonly workflow: string;
      readonly runId: string;
      readonly title: string;
      readonly schema: unknown;
      readonly data: Value;
      readonly success: boolean;
    }
  | { readonly kind: "expired" }
  | { readonly kind: "terminal" }
  | { readonly kind: "unknown" };

export type StepView = {
  readonly key: string;
  readonly node: string;
  readonly item: readonly number[] | null;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly component: string;
  readonly digest: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly fuel: number;
  readonly input: Value | null;
  readonly output: Value | null;
  readonly error: ErrorInfo | null;
  readonly crashSuspect: boolean;
  /** Runs that it started or waited for. */
  readonly childRuns: readonly string[];
  readonly events: readonly {
    readonly seq: number;
    readonly type: string;
    readonly at: number;
    readonly detail?: Readonly<Record<string, unknown>>;
  }[];
};

/** What one node gave; `isList`: it is in a loop that nobody gathers. */
export type NodeOutput = { readonly node: string; readonly isList: boolean; readonly values: readonly Value[] };

/** Where the output of a run is found: nothing, one node's `data` (of a loop: a list of them), several by name. */
export type OutputSource =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly output: Value }
  | { readonly kind: "list"; readonly values: readonly Value[] }
  | { readonly kind: "many"; readonly outputs: readonly NodeOutput[] }
  /** More than an output may have: only sizes are told, the values are in the trace. */
  | { readonly kind: "too_large"; readonly nodes: readonly { readonly node: string; readonly items: number; readonly bytes: number }[] };

export type RunView = {
  readonly summary: RunSummary;
  readonly origin: Origin;
  readonly input: Value;
  readonly output: OutputSource;
  /** Output of the `respond` node that ran, if one did. */
  readonly response: Value | null;
  readonly error: ErrorInfo | null;
  readonly waiting: readonly Wait[];
  readonly steps: readonly StepView[];
  /** Offset of the next page of steps, or null. */
  readonly nextOffset: number | null;
  readonly plan: Plan;
};

export type RunDrawing = { readonly plan: Plan; readonly tally: RunTally };

export type EventRow = {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly step: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
};
