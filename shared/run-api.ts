/**
 * What the Workers and the run object say to each other: the RPC methods of the Durable Object and their shapes.
 * All of it is plain data; big values travel as references.
 */
import type { DeadLetter, LaneHint } from "./message.ts";
import type { ErrorInfo } from "./model/errors.ts";
import type { Answer, Origin, Value, WaitReason } from "./model/log.ts";
import type { Plan, Vertex } from "./model/plan.ts";
import type { RunStatus, StepStatus } from "./model/run.ts";

export type StartRun = {
  readonly tenant: string;
  readonly runId: string;
  readonly plan: Plan;
  readonly digests: Readonly<Record<string, string>>;
  readonly input: Value;
  readonly inputDigest: string;
  readonly taken: readonly number[];
  readonly origin: Origin;
  readonly finalCallback?: string;
};

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

export type Started = {
  /** False: the run was there already (same idempotency key). */
  readonly created: boolean;
  /** Set when the key is known but the delivery's body is another. */
  readonly mismatch: boolean;
  readonly version: string;
  readonly summary: RunSummary;
  readonly hints: readonly LaneHint[];
};

/** Everything the runner needs for one attempt of one step. */
export type Assignment = {
  readonly kind: "execute";
  readonly step: string;
  readonly vertex: Vertex;
  readonly item: readonly number[];
  readonly generation: number;
  readonly attempt: number;
  readonly lease: number;
  /** Pauses so far: the number of the next wait. */
  readonly wait: number;
  readonly digest: string | null;
  /** Edges that leave the vertex, with their conditions. */
  readonly edges: Plan["edges"];
  readonly scope: ScopeValues;
  readonly run: {
    readonly id: string;
    readonly tenant: string;
    readonly workflow: string;
    readonly version: string;
    readonly startedAt: number;
    readonly depth: number;
  };
  /** The moment the step became ready, milliseconds: `now` in templates and the clock of the part. */
  readonly now: number;
  /** When this attempt of a part that calls out must have ended, in milliseconds from its start. */
  readonly timeoutMs: number;
  /** The answer to the last pause, or that its time has come. */
  readonly resume: Resume | null;
  /** For the epilogue: what the final callback tells. */
  readonly ending?: RunEnding;
};

export type Resume =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** The timer or poll of the last pause is due; `since` is when the step first paused. */
  | { readonly kind: "due"; readonly since: number };

export type ScopeValues = {
  readonly input: Value | null;
  /** Whole answers of finished upstream nodes by name, in the order of the flow's lines. */
  readonly nodes: readonly { readonly name: string; readonly value: Value }[];
};

export type RunEnding = {
  readonly status: RunStatus;
  readonly url: string;
  readonly error: ErrorInfo | null;
  readonly output: OutputSource;
};

export type ClaimReply =
  | Assignment
  | { readonly kind: "skip"; readonly step: string; readonly why: "done" | "leased" | "not_ready" | "unknown_step" };

/** How an attempt ended. */
export type Outcome = {
  readonly step: string;
  readonly generation: number;
  readonly attempt: number;
  readonly lease: number;
  readonly startedAt: number;
  readonly input?: Value;
  readonly fuel: number;
  readonly result:
    | { readonly kind: "succeeded"; readonly output: Value; readonly taken: readonly number[]; readonly unmatched?: string }
    | { readonly kind: "failed"; readonly error: ErrorInfo; readonly output?: Value }
    | {
        readonly kind: "paused";
        readonly reason: WaitReason;
        readonly taskId?: string;
        /** Milliseconds from now; absent: the node's `policy.wait`. */
        readonly waitMs?: number;
        readonly dueAt?: number;
        readonly schema?: unknown;
        readonly note?: string;
      };
};

export type SettleReply = {
  readonly hints: readonly LaneHint[];
  /** Set when the status of the run changed. */
  readonly summary: RunSummary | null;
  readonly deadLetters: readonly DeadLetter[];
  /** Outcomes that were refused: of a void lease, an old generation, a step that is done. */
  readonly refused: number;
};

/** How one wait is named by its callback token. */
export type WaitRef = { readonly step: string; readonly generation: number; readonly wait: number };

export type AnswerReply =
  | {
      readonly kind: "accepted" | "same";
      readonly taskId: string | null;
      readonly hints: readonly LaneHint[];
      readonly summary: RunSummary | null;
    }
  | { readonly kind: "conflict" | "expired" | "terminal"; readonly taskId: string | null }
  | { readonly kind: "invalid"; readonly errors: readonly { readonly pointer: string; readonly detail: string }[] }
  | { readonly kind: "unknown" };

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
};

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
  readonly events: readonly {
    readonly seq: number;
    readonly type: string;
    readonly at: number;
    readonly detail?: Readonly<Record<string, unknown>>;
  }[];
};

/** Where the output of a run is found: nothing, one node's `data`, several by name. */
export type OutputSource =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly output: Value }
  | { readonly kind: "many"; readonly outputs: readonly { readonly node: string; readonly output: Value }[] }
  /** Together they are more than an output may have: only their sizes are told, the values are in the trace. */
  | { readonly kind: "too_large"; readonly nodes: readonly { readonly node: string; readonly bytes: number }[] };

export type RunView = {
  readonly summary: RunSummary;
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

export type RedriveReply =
  | { readonly kind: "redriven"; readonly steps: readonly string[]; readonly hints: readonly LaneHint[]; readonly summary: RunSummary }
  | { readonly kind: "planned"; readonly steps: readonly string[] }
  | { readonly kind: "going" | "nothing" | "unknown_node" | "needs_confirm" };

/** The methods of the run object. Every name of an object contains its tenant, so no method takes one but `start`. */
export type RunApi = {
  start(run: StartRun): Promise<Started>;
  claim(steps: readonly string[]): Promise<readonly ClaimReply[]>;
  settle(outcomes: readonly Outcome[]): Promise<SettleReply>;
  /** `ref` from a token, or the id of the task (null: the only open wait) from a caller with a key. */
  answer(wait: { readonly ref: WaitRef } | { readonly taskId: string | null }, answer: Answer, data: unknown): Promise<AnswerReply>;
  cancel(
    reason?: string,
  ): Promise<{ readonly kind: "cancelled"; readonly summary: RunSummary } | { readonly kind: "terminal" | "unknown" }>;
  redrive(wish: {
    readonly nodes?: readonly string[];
    readonly steps?: readonly string[];
    readonly dryRun?: boolean;
    readonly confirm?: boolean;
  }): Promise<RedriveReply>;
  /** Null: no such run. */
  view(page: { readonly offset: number; readonly limit: number }): Promise<RunView | null>;
  /** Resolves when the run has ended, when only callbacks and approvals are left, or after so many milliseconds. */
  wait(ms: number): Promise<RunStatus | null>;
  /** Rows after `seq`, at most 500, as the event stream tells them (values left out); waits up to `waitMs` for the first. */
  events(afterSeq: number, waitMs: number): Promise<{ readonly rows: readonly EventRow[]; readonly ended: boolean } | null>;
  /** A value of this run that lies inline in its log. */
  inlineValue(sha256: string): Promise<string | null>;
};

export type EventRow = {
  readonly seq: number;
  readonly at: number;
  readonly type: string;
  readonly step: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
};
