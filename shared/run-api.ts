/**
 * What the Workers and the run object say to each other: the RPC methods of the Durable Object and their shapes.
 * All of it is plain data; big values travel as references.
 */
import type { Holding, Notice, StepRef } from "./errand.ts";
import type { DeadLetter, LaneHint } from "./message.ts";
import type { ErrorInfo } from "./model/errors.ts";
import type { Answer, Awaited, Origin, Value, WaitReason, Watcher } from "./model/log.ts";
import type { Plan, Vertex } from "./model/plan.ts";
import type { RunStatus } from "./model/run.ts";
import type { ApprovalLook, EventRow, OutputSource, RunDrawing, RunSummary, RunView, WaitRef } from "./run-view.ts";

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
  /** Of the loops that the start opens. */
  readonly lists?: readonly ItemList[];
};

/** What a FOREACH goes through. */
export type ItemList = { readonly loop: number; readonly items: readonly Value[] };

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
  /** The number of the next wait that can be answered. */
  readonly wait: number;
  /** Pauses so far, of all kinds; `backoffs` of them, the last in a row, were for a store or a host. */
  readonly pauses: number;
  readonly backoffs?: number;
  /** What the calls that the part makes first have given already, in order. */
  readonly exchanges: readonly Exchange[];
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
  /** Runs that the step started and paused for: they were there then. */
  readonly ownRuns: readonly string[];
  /** For the epilogue: what the final callback tells. */
  readonly ending?: RunEnding;
  /** What may be executed after it without a claim. */
  readonly line?: readonly LineStep[];
};

/** A step that follows when `edge` was taken, the only one that leads to it. Its scope lacks what the steps before it in the line will answer. */
export type LineStep = Pick<Assignment, "step" | "vertex" | "generation" | "digest" | "edges" | "scope"> & { readonly edge: number };

/** The result of a call that is in the log. */
export type Exchange =
  | { readonly kind: "result"; readonly value: Value }
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "slept"; readonly ms: number }
  /** Nobody answered in time. */
  | { readonly kind: "expired" };

export type Resume =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** The timer or poll of the last pause is due; `since` is when the step first paused. */
  | { readonly kind: "due"; readonly since: number };

export type ScopeValues = {
  readonly input: Value | null;
  /** Whole answers of finished upstream nodes by name, in the order of the flow's lines. */
  readonly nodes: readonly { readonly name: string; readonly value: Value }[];
  /** Nodes of loops that have ended: the answers are asked for in pages. */
  readonly gathered: readonly Gathered[];
  /** The loops around the step, outermost first; the item itself, if it is mentioned. */
  readonly loops: readonly { readonly variable: string; readonly index: number; readonly count: number; readonly value: Value | null }[];
};

/** What was gathered of the vertex `key`, in the pass of its loop whose opener has the path `item`. */
export type Gathered = { readonly name: string; readonly key: string; readonly item: readonly number[]; readonly count: number };

/** Answers in the order of the items; null: the node was skipped or never ran. */
export type GatheredPage = {
  readonly answers: readonly (Value | null)[];
  /** Items of this page in which the node, or something before it that nothing handled, failed. */
  readonly failed: number;
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
  /** It was computed on what the outcome before it says, and counts only if that one does. */
  readonly follows?: true;
  readonly result:
    | {
        readonly kind: "succeeded";
        readonly output: Value;
        readonly taken: readonly number[];
        readonly unmatched?: string;
        readonly lists?: readonly ItemList[];
        readonly childRuns?: readonly string[];
      }
    | { readonly kind: "failed"; readonly error: ErrorInfo; readonly output?: Value }
    | {
        readonly kind: "paused";
        readonly reason: WaitReason;
        readonly taskId?: string;
        /** Milliseconds from now; absent: the node's `policy.wait`. */
        readonly waitMs?: number;
        readonly dueAt?: number;
        readonly awaited?: Awaited;
        readonly schema?: unknown;
        readonly note?: string;
        readonly isCall?: true;
        readonly results?: readonly Value[];
      }
    /** Enough for one invocation: the results so far are logged, and the step goes on from them. */
    | { readonly kind: "yielded"; readonly results: readonly Value[] }
    /** It was not executed: somebody else may. */
    | { readonly kind: "released" };
};

/** The lease under which somebody acts. */
export type LeaseRef = Pick<Outcome, "step" | "generation" | "attempt" | "lease">;

export type SettleReply = {
  readonly hints: readonly LaneHint[];
  /** Of the pure steps among the hints, for whoever asked: they may be executed without a claim, once, within some seconds. */
  readonly offers: readonly Assignment[];
  /** Set when the status of the run changed. */
  readonly summary: RunSummary | null;
  readonly deadLetters: readonly DeadLetter[];
  /** Outcomes that were refused: of a void lease, an old generation, a step that is done. */
  readonly refused: number;
};

export type AnswerReply =
  | (Pick<SettleReply, "hints" | "summary"> & { readonly kind: "accepted" | "same"; readonly taskId: string | null })
  | { readonly kind: "conflict" | "expired" | "terminal"; readonly taskId: string | null }
  | { readonly kind: "invalid"; readonly errors: readonly { readonly pointer: string; readonly detail: string }[] }
  | { readonly kind: "unknown" };

/** Another version of the workflow, with what the virtual start decides in it. */
export type NewPlan = Pick<StartRun, "plan" | "digests" | "taken" | "lists">;

export type RedriveRequest = {
  readonly nodes?: readonly string[];
  readonly steps?: readonly string[];
  readonly dryRun?: boolean;
  readonly confirm?: boolean;
  readonly newPlan?: NewPlan;
};

/** Letters of these steps that are not newer than `at` (milliseconds) are answered by it. */
type Redriven = Pick<Started, "hints" | "summary"> & { readonly kind: "redriven"; readonly at: number; readonly steps: readonly string[] };

export type RedriveReply =
  | Redriven
  /** `steps` would run again or for the first time, and what follows from them; so many `kept` would not. */
  | { readonly kind: "planned"; readonly steps: readonly string[]; readonly kept: number }
  /** This name, the so manieth of its list, is none of the run's. */
  | { readonly kind: "unknown_step"; readonly list: "nodes" | "steps"; readonly at: number }
  | { readonly kind: "unknown" | "going" | "nothing" | "needs_confirm" };

/** The methods of the run object. Every name of an object contains its tenant, so no method takes one but `start`. */
export type RunApi = {
  start(run: StartRun): Promise<Started>;
  claim(steps: readonly string[]): Promise<readonly ClaimReply[]>;
  /** `maxOffers`: so many of the next steps the caller is likely to execute itself. */
  settle(outcomes: readonly Outcome[], maxOffers?: number): Promise<SettleReply>;
  /** Logs results of calls before the next one is made. False: the lease is not live any more, the attempt is to stop. */
  exchange(lease: LeaseRef, startedAt: number, results: readonly Value[]): Promise<boolean>;
  /** Answers of a node for the items from `from` on: so many as one call should carry, one at least unless there are no more. */
  gathered(key: string, item: readonly number[], from: number): Promise<GatheredPage>;
  /** About a slot of this step: `lease` has it, or (null) it is handed to the step, which is woken. False: it does not need it any more. */
  slot(step: string, lease: number | null): Promise<{ readonly isGoing: boolean; readonly hints: readonly LaneHint[] }>;
  /** What was handed out for index and desk did not arrive there: they are told again. */
  repair(): Promise<void>;
  /** `ref` from a token, or the id of the task (null: the only open wait) from a caller with a key. */
  answer(wait: { readonly ref: WaitRef } | { readonly taskId: string | null }, answer: Answer, data: unknown): Promise<AnswerReply>;
  /** Changes nothing. */
  lookAtApproval(ref: WaitRef): Promise<ApprovalLook>;
  /** With `life`: only if the run is still in that one. */
  cancel(
    reason?: string,
    life?: number,
  ): Promise<{ readonly kind: "cancelled"; readonly summary: RunSummary } | { readonly kind: "terminal" | "unknown" }>;
  redrive(wish: RedriveRequest): Promise<RedriveReply>;
  /** From now on that step is told when this run ends. The answer is what there is to know already; null: no such run. */
  watch(watcher: Watcher): Promise<{ readonly status: RunStatus; readonly life: number } | null>;
  /** Runs that steps of this one may wait for have ended; the answer are the hints of what goes on. */
  notify(notices: readonly Notice[]): Promise<readonly LaneHint[]>;
  holds(step: StepRef, runId: string): Promise<Holding>;
  /** Null: no such run. */
  view(page: { readonly offset: number; readonly limit: number }): Promise<RunView | null>;
  /** All of the run at a glance, however many steps it has. Null: no such run. */
  drawing(): Promise<RunDrawing | null>;
  /** Resolves when the run has ended, when only callbacks and approvals are left, or after so many milliseconds. */
  wait(ms: number): Promise<RunStatus | null>;
  /** Rows after `seq`, at most 500, as the event stream tells them (values left out); waits up to `waitMs` for the first. */
  events(afterSeq: number, waitMs: number): Promise<{ readonly rows: readonly EventRow[]; readonly ended: boolean } | null>;
  /** A value of this run that lies inline in its log. */
  inlineValue(sha256: string): Promise<string | null>;
};
