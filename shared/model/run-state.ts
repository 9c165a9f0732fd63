/** What the fold of a log gives: everything that is known of a run. Changed in place by the fold, and by nothing else. */
import type { ErrorInfo } from "./errors.ts";
import type { Kin } from "./kin.ts";
import type { Awaited, EventOf, WaitReason } from "./log.ts";
import type { Loop, Plan, Vertex } from "./plan.ts";
import type { RunStatus, StepStatus } from "./run.ts";

export type Lease = { readonly number: number; readonly boot: string; readonly until: number };

export type OpenWait = {
  readonly number: number;
  readonly reason: WaitReason;
  readonly taskId: string | undefined;
  readonly since: number;
  readonly expiresAt: number;
  readonly dueAt: number | undefined;
  readonly awaited: Awaited | undefined;
  readonly schema: unknown;
  readonly note: string | undefined;
  /** How often in a row it has waited for a store or a host. */
  readonly backoffs?: number;
  /** It does so: what it goes on from then is the answer to the wait before. */
  readonly isAfterAnswer?: true;
};

/** An answer that was logged: where it lies, and by what the same answer is recognised. */
export type Answered = { readonly seq: number; readonly digest: string };

export type Step = {
  readonly key: string;
  vertex: Vertex;
  readonly item: readonly number[];
  readonly generation: number;
  status: StepStatus;
  attempt: number;
  /** When it became ready: `now` of its templates. */
  readyAt: number;
  /** Not claimed before (delay, backoff, timer, poll). */
  dueAt: number;
  /** The durable lease, while the status is `running`. */
  lease: Lease | undefined;
  /** Durable leases of this attempt so far; a second one means a crash. */
  leases: number;
  crashSuspect: boolean;
  wait: OpenWait | undefined;
  /** Since when it waits for a slot, and behind what; until its attempt begins. */
  queued: { readonly since: number; readonly note: string } | undefined;
  /** Pauses so far that can be answered: the number of the next wait. */
  waits: number;
  /** Pauses so far, of all kinds. */
  pauses: number;
  /** Rows that hold results of the calls of this attempt. */
  exchangeSeqs: readonly number[];
  /** It paused or yielded in the middle of its part: the part is run again, with what its calls gave. */
  isMidway: boolean;
  /** When it paused for the first time. */
  pausedAt: number | undefined;
  taskId: string | undefined;
  startedAt: number | undefined;
  endedAt: number | undefined;
  /** Rows in which its latest input and its output lie. */
  inputSeq: number | undefined;
  outputSeq: number | undefined;
  error: ErrorInfo | undefined;
  fuel: number;
  taken: readonly number[];
  /** By loop: the list that it goes through, with the rows in which its parts lie, in order. */
  lists: Map<number, ListedItems> | undefined;
  /** The rows that tell of it, also of its earlier generations. */
  readonly rows: number[];
};

export type ListedItems = { readonly count: number; readonly chunks: { readonly offset: number; readonly seq: number }[] };

/** One pass of a loop through its list: which items are in flight, and what became of them. */
export type LoopRun = {
  /** Index in `plan.loops`. */
  readonly id: number;
  readonly loop: Loop;
  /** The item path of the step that opened it. */
  readonly item: readonly number[];
  readonly count: number;
  /** Items before this one have been begun. */
  next: number;
  /** Items that were begun and are to be gone on with: a redrive or the end of the run took them back. */
  again: number[];
  /** Items in flight, with how much is alive in each: steps, and loops that it opened. */
  readonly open: Map<number, number>;
  /** Items with a failure that nothing inside of them handled, with the step that failed first. */
  readonly failed: Map<number, Step>;
  /** It is just being gone on with; whatever ends meanwhile leaves that to it. */
  isPumping: boolean;
  isEnded: boolean;
};

export type RunState = {
  readonly started: EventOf<"run.started">;
  /** The newest version that wrote in the log. */
  engine: number;
  /** What it began with, until a redrive changes it. */
  plan: Plan;
  digests: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** Start or last redrive: the timeout of the run counts from here. */
  resumedAt: number;
  readonly steps: Map<string, Step>;
  /** By loop key. */
  readonly loops: Map<string, LoopRun>;
  /** By `step key, generation, wait`. */
  readonly answers: Map<string, Answered>;
  /** Steps that were redriven, by step key: their generation from now on, and the rows so far. */
  readonly formers: Map<string, { readonly generation: number; readonly rows: number[] }>;
  /** Steps of a redrive whose last row has not come yet. */
  redriving: string[];
  generation: number;
  /** The highest number of a durable lease. */
  lastLease: number;
  /** What it has to do with other runs. */
  readonly kin: Kin;
  /** Steps that may still change, epilogue not counted (F4). */
  readonly live: Set<Step>;
  /** Keys of steps that became ready since the ledger last took them, oldest first. */
  readied: string[];
  ended:
    | {
        readonly status: Extract<RunStatus, "succeeded" | "failed" | "cancelled">;
        readonly at: number;
        readonly error: ErrorInfo | undefined;
      }
    | undefined;
  seq: number;
};

export const answerKey = (step: string, generation: number, wait: number): string => JSON.stringify([step, generation, wait]);

/** Its last wait, if it had one, was ended by an answer, and it has not waited since, but for a store. */
export const wasAnswered = ({ wait }: Step): boolean => wait === undefined || wait.isAfterAnswer === true;
