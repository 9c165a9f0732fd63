/**
 * The log of a run: append-only, the only thing that is stored. Everything else is a fold of it (`fold.ts`).
 * What is stored carries the version of the engine that wrote it: in `run.started`, and where a newer engine goes on.
 */
import type { ErrorInfo } from "./errors.ts";
import type { Plan } from "./plan.ts";

/** A JSON value, inline up to 32 KB, else an R2 object named by the SHA-256 of its JSON text. `bytes` is the length of that text. */
export type Value = { readonly json: string } | { readonly sha256: string; readonly bytes: number };

export type WaitReason =
  | "callback"
  | "approval"
  | "timer"
  | "child_runs"
  | "poll"
  | "concurrency"
  | "retry_backoff"
  | "delay"
  | "unknown_outcome";

/** What somebody may answer; the others end by themselves. */
export const isAnswerable = (reason: WaitReason): boolean => reason === "callback" || reason === "approval";

/** Who started the run. `depth` of a run that nobody's run started is 0. `scheduledAt`: the moment that was due. */
export type Origin = {
  readonly kind: "webhook" | "queue" | "rpc" | "run" | "schedule";
  readonly depth: number;
  readonly parentRunId?: string;
  /** The step of the parent that waits for the end of this run, and that owns it: a step that is over leaves no run of its own going. */
  readonly owner?: { readonly step: string; readonly generation: number };
  readonly scheduledAt?: number;
};

/** A step that wants to be told when a run ends. `runId` is that of the step. */
export type Watcher = { readonly runId: string; readonly step: string; readonly generation: number };

/** `life` counts the ends of that run before this wait: a redrive after an end begins the next life. */
export type AwaitedRun = { readonly runId: string; readonly life: number };

/** What a step that waits for runs waits for. */
export type Awaited = {
  /** Those that were going when it began to wait. */
  readonly runs: readonly AwaitedRun[];
  /** It goes on when so many of them have ended, */
  readonly wanted: number;
  /** or when one did not succeed. */
  readonly stopsAtFailure?: true;
  /** Set when it is the owner of the runs. */
  readonly isOwner?: true;
};

/** The answer of a daemon or person. `digest` is the SHA-256 of its canonical form: the same answer again is recognised by it. */
export type Answer = {
  readonly success: boolean;
  readonly data: Value;
  readonly error?: ErrorInfo;
  readonly digest: string;
};

type StepEvent = {
  readonly step: string;
  /** Counts the redrives; results of another generation are refused. */
  readonly generation: number;
  readonly attempt: number;
};

/** How many items the list of a loop has; the items are in rows of their own. */
export type ListCount = { readonly loop: number; readonly count: number };

export type RunEvent =
  | {
      readonly type: "run.started";
      readonly engine: number;
      readonly tenant: string;
      readonly runId: string;
      readonly plan: Plan;
      /** Component name → digest of the part's bytes, pinned for the whole life of the run. */
      readonly digests: Readonly<Record<string, string>>;
      readonly input: Value;
      /** SHA-256 of the delivery's body: the same idempotency key with another body is refused by it. */
      readonly inputDigest: string;
      /** Ids of the edges of the virtual start that are followed. */
      readonly taken: readonly number[];
      readonly origin: Origin;
      readonly finalCallback?: string;
      /** Of the loops that the start opens. */
      readonly lists?: readonly ListCount[];
    }
  | (StepEvent & { readonly type: "step.leased"; readonly lease: number; readonly boot: string; readonly until: number })
  | (StepEvent & {
      readonly type: "step.succeeded";
      readonly startedAt: number;
      readonly input?: Value;
      readonly output: Value;
      readonly taken: readonly number[];
      /** The answer's branch, if no edge was there for it. */
      readonly unmatched?: string;
      /** Of the loops that it opens. */
      readonly lists?: readonly ListCount[];
      /** Runs that it started and did not wait for. */
      readonly childRuns?: readonly string[];
      readonly fuel: number;
    })
  /** A part of a list that the step (which has succeeded) goes through: its items from `offset` on. */
  | (StepEvent & { readonly type: "step.listed"; readonly loop: number; readonly offset: number; readonly items: readonly Value[] })
  | (StepEvent & {
      readonly type: "step.failed";
      readonly startedAt: number;
      readonly input?: Value;
      readonly output?: Value;
      readonly error: ErrorInfo;
      readonly fuel: number;
    })
  | (StepEvent & {
      readonly type: "step.retrying";
      readonly startedAt: number;
      readonly input?: Value;
      readonly error: ErrorInfo;
      readonly dueAt: number;
      readonly fuel: number;
    })
  | (StepEvent & {
      readonly type: "step.paused";
      readonly startedAt: number;
      readonly input?: Value;
      /** Counts the pauses that can be answered, from 0; part of the callback token. A timer bears the number of the next one. */
      readonly wait: number;
      readonly reason: WaitReason;
      readonly taskId?: string;
      readonly expiresAt: number;
      /** When it goes on by itself (timer, poll). */
      readonly dueAt?: number;
      /** Set for the reason `child_runs`. */
      readonly awaited?: Awaited;
      /** JSON Schema that an answer must fit. */
      readonly schema?: unknown;
      readonly note?: string;
      /** The pause is itself a call of the part: what ends it is the call's result. */
      readonly isCall?: true;
      /** Results of the calls before it that were not logged yet. */
      readonly results?: readonly Value[];
      readonly fuel: number;
    })
  /** Results of calls that the part made, logged before it makes the next one. */
  | (StepEvent & {
      readonly type: "step.exchanged";
      readonly startedAt: number;
      readonly results: readonly Value[];
      /** The step gives its place to others and goes on from here. */
      readonly yields?: true;
      readonly fuel: number;
    })
  /** It waits for a slot, and has not begun: whatever it had come to before, it keeps. */
  | (StepEvent & { readonly type: "step.queued"; readonly dueAt: number; readonly note: string })
  /** There is a slot for it. */
  | (StepEvent & { readonly type: "step.woken" })
  | (StepEvent & { readonly type: "step.answered"; readonly wait: number; readonly answer: Answer })
  /** A run that the step waits for, or is about to wait for, has ended. */
  | (StepEvent & { readonly type: "step.notified"; readonly run: AwaitedRun; readonly failed?: true })
  | (StepEvent & { readonly type: "step.unknown" })
  | { readonly type: "run.watched"; readonly watcher: Watcher }
  | { readonly type: "run.cancelled"; readonly reason?: string }
  /** The redrive that follows goes on with another version of the workflow. */
  | {
      readonly type: "run.replanned";
      readonly generation: number;
      readonly plan: Plan;
      readonly digests: Readonly<Record<string, string>>;
      /** Of the virtual start, which has the same input as before. */
      readonly taken: readonly number[];
      readonly lists?: readonly ListCount[];
    }
  /** `goesOn`: the next row names more of the steps, and the last one is the redrive: a row holds 2 MB. */
  | { readonly type: "run.redriven"; readonly generation: number; readonly steps: readonly string[]; readonly goesOn?: true }
  /** Ends what is still live, too (the timeout of the run). */
  | { readonly type: "run.ended"; readonly status: "succeeded" | "failed"; readonly error?: ErrorInfo };

export type RunEventType = RunEvent["type"];
export type EventOf<T extends RunEventType> = Extract<RunEvent, { readonly type: T }>;

/** One row. `seq` counts from 1 without gaps, `at` is milliseconds of the epoch. */
export type LogRow = { readonly seq: number; readonly at: number; readonly event: RunEvent & WrittenBy };

/** Set where a newer engine than before goes on with the run, so that an older one refuses it after a roll-back. */
type WrittenBy = { readonly engine?: number };

/** The engine version that new runs are pinned to; a change of the fold that old logs (`test/golden`) would notice raises it. */
export const ENGINE_VERSION = 3;
