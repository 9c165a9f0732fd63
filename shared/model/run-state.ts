/** What the fold of a log gives: everything that is known of a run. Changed in place by the fold, and by nothing else. */
import type { ErrorInfo } from "./errors.ts";
import { edgesFrom } from "./edges.ts";
import type { EventOf, WaitReason } from "./log.ts";
import type { Plan, Vertex } from "./plan.ts";
import type { RunStatus, StepStatus } from "./run.ts";

export type Lease = { readonly number: number; readonly boot: string; readonly until: number };

export type OpenWait = {
  readonly number: number;
  readonly reason: WaitReason;
  readonly taskId: string | undefined;
  readonly since: number;
  readonly expiresAt: number;
  readonly dueAt: number | undefined;
  readonly schema: unknown;
  readonly note: string | undefined;
};

/** An answer that was logged: where it lies, and by what the same answer is recognised. */
export type Answered = { readonly seq: number; readonly digest: string };

export type Step = {
  readonly key: string;
  readonly vertex: Vertex;
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
};

type Incoming = { readonly taken: Set<number>; readonly dead: Set<number> };

export type RunState = {
  readonly started: EventOf<"run.started">;
  readonly plan: Plan;
  readonly startedAt: number;
  /** Start or last redrive: the timeout of the run counts from here. */
  resumedAt: number;
  readonly steps: Map<string, Step>;
  /** By step key; also of steps that do not exist yet. */
  readonly incoming: Map<string, Incoming>;
  /** By `step key, generation, wait`. */
  readonly answers: Map<string, Answered>;
  /** Generation of steps that were redriven, by step key. */
  readonly generations: Map<string, number>;
  generation: number;
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

/** The first failure that no ON_FAIL edge took, in the order of the log: it names the run's error. */
export function firstUnhandled(state: RunState): Step | undefined {
  let first: Step | undefined;
  for (const step of state.steps.values()) {
    if (step.status !== "failed" || isHandled(state, step) || step.vertex.kind === "epilogue") continue;
    if (first === undefined || (step.outputSeq ?? 0) < (first.outputSeq ?? 0)) first = step;
  }
  return first;
}

/** PIPE does not count as handling. */
export const isHandled = (state: RunState, step: Step): boolean =>
  edgesFrom(state.plan, step.vertex).some(({ id, relation }) => relation.kind === "fail" && step.taken.includes(id));
