/**
 * The fold: from the log of a run to its state. Nothing about a run is stored but the log, so nothing can disagree with it.
 *
 * Invariants
 * F1  A step is created when its vertex's join fires, or skipped when it no longer can; once per generation.
 * F2  An edge is open, taken or dead; what was decided is changed only by a redrive of its source.
 * F3  A skipped step's edges are dead at once, so deadness travels on within the same event.
 * F4  `live` holds the steps that may still change by themselves or by somebody's answer; the run is over when it is empty.
 * F5  `apply` reads neither clock nor randomness: the same rows give the same state.
 *
 * The state is changed in place, for speed; it belongs to one ledger and never leaves it.
 */
import type { ErrorInfo } from "./errors.ts";
import { edgesFrom, takenOnFailure } from "./edges.ts";
import { epilogueVertex } from "./epilogue.ts";
import { judgeJoin } from "./joins.ts";
import type { EventOf, LogRow, WaitReason } from "./log.ts";
import type { Plan, Vertex } from "./plan.ts";
import { type RunStatus, type StepStatus, stepKey } from "./run.ts";

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
  /** Pauses so far. */
  waits: number;
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

export function fold(rows: Iterable<LogRow>): RunState | undefined {
  let state: RunState | undefined;
  for (const row of rows) state = apply(state, row);
  return state;
}

/** One more row. A row that does not fit the state (a second start, an unknown step) is a defect of the writer and throws. */
export function apply(state: RunState | undefined, { seq, at, event }: LogRow): RunState {
  if (event.type === "run.started") return begin(event, at, seq);
  if (state === undefined) throw new Error(`the log begins with ${event.type}`);
  state.seq = seq;
  switch (event.type) {
    case "step.leased":
      return leased(state, event);
    case "step.succeeded":
      return succeeded(state, event, at);
    case "step.failed":
      return failed(state, event, at);
    case "step.retrying":
      return retrying(state, event);
    case "step.paused":
      return paused(state, event, at);
    case "step.answered":
      return answered(state, event, at);
    case "step.unknown":
      stepOf(state, event.step).status = "unknown";
      return state;
    case "run.cancelled":
      return end(state, "cancelled", at, undefined);
    case "run.ended":
      return end(state, event.status, at, event.error);
    case "run.redriven":
      return redriven(state, event, at);
  }
}

function begin(event: EventOf<"run.started">, at: number, seq: number): RunState {
  const state: RunState = {
    started: event,
    plan: event.plan,
    startedAt: at,
    resumedAt: at,
    steps: new Map(),
    incoming: new Map(),
    answers: new Map(),
    generations: new Map(),
    generation: 0,
    live: new Set(),
    readied: [],
    ended: undefined,
    seq,
  };
  const start = event.plan.vertices[0];
  if (start !== undefined) finish(state, createStep(state, start, [], at), "succeeded", at, event.taken);
  return state;
}

// ---------------------------------------------------------------- steps

function stepOf(state: RunState, key: string): Step {
  const step = state.steps.get(key);
  if (step === undefined) throw new Error(`the log names a step that does not exist: ${key}`);
  return step;
}

function createStep(state: RunState, vertex: Vertex, item: readonly number[], at: number): Step {
  const key = stepKey(vertex.key, item);
  const step: Step = {
    key,
    vertex,
    item,
    generation: state.generations.get(key) ?? 0,
    status: "ready",
    attempt: 1,
    readyAt: at,
    dueAt: at + vertex.delayMs,
    lease: undefined,
    leases: 0,
    crashSuspect: false,
    wait: undefined,
    waits: 0,
    pausedAt: undefined,
    taskId: undefined,
    startedAt: undefined,
    endedAt: undefined,
    inputSeq: undefined,
    outputSeq: undefined,
    error: undefined,
    fuel: 0,
    taken: [],
  };
  state.steps.set(key, step);
  if (vertex.kind !== "epilogue") state.live.add(step);
  return step;
}

/** The step is over: its edges are decided, and what that makes ready or dead follows (F3). */
function finish(
  state: RunState,
  step: Step,
  status: "succeeded" | "failed" | "skipped" | "cancelled",
  at: number,
  taken: readonly number[],
): void {
  state.live.delete(step);
  step.status = status;
  step.endedAt = status === "skipped" ? undefined : at;
  step.lease = undefined;
  step.wait = undefined;
  step.taken = taken;
  if (status === "cancelled") return;
  const edges = edgesFrom(state.plan, step.vertex);
  const reached = new Set<number>();
  for (const edge of edges) {
    decide(state, edge.id, edge.to, step.item, taken.includes(edge.id));
    reached.add(edge.to);
  }
  for (const to of reached) arrive(state, to, step.item, at);
}

function decide(state: RunState, edge: number, to: number, item: readonly number[], isTaken: boolean): void {
  const vertex = state.plan.vertices[to];
  if (vertex === undefined) throw new Error(`the plan has no vertex ${to}`);
  const key = stepKey(vertex.key, item);
  const incoming = state.incoming.get(key) ?? { taken: new Set(), dead: new Set() };
  state.incoming.set(key, incoming);
  (isTaken ? incoming.taken : incoming.dead).add(edge);
}

/** Creates or skips the step if its join says so and it is not there yet (F1). */
function arrive(state: RunState, to: number, item: readonly number[], at: number): void {
  const vertex = state.plan.vertices[to];
  if (vertex === undefined || state.steps.has(stepKey(vertex.key, item))) return;
  const incoming = state.incoming.get(stepKey(vertex.key, item));
  const verdict = judgeJoin(vertex.join, {
    total: vertex.incoming.length,
    taken: incoming?.taken.size ?? 0,
    dead: incoming?.dead.size ?? 0,
  });
  if (verdict === "wait") return;
  const step = createStep(state, vertex, item, at);
  if (verdict === "skip") finish(state, step, "skipped", at, []);
  else if (vertex.kind === "end" && vertex.config === undefined) finish(state, step, "succeeded", at, []);
  else state.readied.push(step.key);
}

// ---------------------------------------------------------------- events

function leased(state: RunState, event: EventOf<"step.leased">): RunState {
  const step = stepOf(state, event.step);
  step.status = "running";
  step.leases += 1;
  step.crashSuspect ||= step.leases > 2;
  step.lease = { number: event.lease, boot: event.boot, until: event.until };
  return state;
}

type Attempted = EventOf<"step.succeeded"> | EventOf<"step.failed"> | EventOf<"step.retrying"> | EventOf<"step.paused">;

function attempted(state: RunState, event: Attempted): Step {
  const step = stepOf(state, event.step);
  step.startedAt ??= event.startedAt;
  step.fuel += event.fuel;
  step.lease = undefined;
  if (event.input !== undefined) step.inputSeq = state.seq;
  return step;
}

function succeeded(state: RunState, event: EventOf<"step.succeeded">, at: number): RunState {
  const step = attempted(state, event);
  step.outputSeq = state.seq;
  finish(state, step, "succeeded", at, event.taken);
  return state;
}

function failed(state: RunState, event: EventOf<"step.failed">, at: number): RunState {
  const step = attempted(state, event);
  step.outputSeq = state.seq;
  step.error = event.error;
  finish(state, step, "failed", at, takenOnFailure(edgesFrom(state.plan, step.vertex), event.error.code));
  return state;
}

function retrying(state: RunState, event: EventOf<"step.retrying">): RunState {
  const step = attempted(state, event);
  step.status = "retrying";
  step.error = event.error;
  step.attempt = event.attempt + 1;
  step.leases = 0;
  step.dueAt = event.dueAt;
  return state;
}

function paused(state: RunState, event: EventOf<"step.paused">, at: number): RunState {
  const step = attempted(state, event);
  const { reason, taskId, expiresAt, dueAt, schema, note } = event;
  step.wait = { number: event.wait, reason, taskId, since: at, expiresAt, dueAt, schema, note };
  step.waits = event.wait + 1;
  step.pausedAt ??= at;
  step.taskId = taskId ?? step.taskId;
  step.leases = 0;
  step.dueAt = dueAt ?? Number.POSITIVE_INFINITY;
  step.status = "waiting";
  // The daemon was quicker than we: its answer is already in the log.
  if (state.answers.has(answerKey(step.key, step.generation, event.wait))) resume(state, step, at);
  return state;
}

function answered(state: RunState, event: EventOf<"step.answered">, at: number): RunState {
  state.answers.set(answerKey(event.step, event.generation, event.wait), { seq: state.seq, digest: event.answer.digest });
  const step = state.steps.get(event.step);
  if (step?.status === "waiting" && step.wait?.number === event.wait && step.generation === event.generation) resume(state, step, at);
  return state;
}

function resume(state: RunState, step: Step, at: number): void {
  state.readied.push(step.key);
  step.status = "ready";
  step.wait = undefined;
  step.dueAt = at;
}

function end(state: RunState, status: "succeeded" | "failed" | "cancelled", at: number, error: ErrorInfo | undefined): RunState {
  for (const step of state.live) finish(state, step, "cancelled", at, []);
  state.readied = [];
  state.ended = { status, at, error };
  const url = state.started.finalCallback ?? state.plan.run.finalCallback;
  if (url !== undefined) state.readied.push(createStep(state, epilogueVertex(url), [], at).key);
  return state;
}

/** The listed steps are forgotten and may be created again; what they had decided is open again (F2). */
function redriven(state: RunState, event: EventOf<"run.redriven">, at: number): RunState {
  state.generation = event.generation;
  state.resumedAt = at;
  state.ended = undefined;
  const forgotten = event.steps.flatMap((key) => state.steps.get(key) ?? []);
  for (const key of [...event.steps, ...epilogueKeys(state)]) state.generations.set(key, event.generation);
  for (const step of [...forgotten, ...[...state.steps.values()].filter(({ vertex }) => vertex.kind === "epilogue")]) {
    state.live.delete(step);
    state.steps.delete(step.key);
    for (const edge of edgesFrom(state.plan, step.vertex)) {
      const incoming = state.incoming.get(stepKey(state.plan.vertices[edge.to]?.key ?? "", step.item));
      incoming?.taken.delete(edge.id);
      incoming?.dead.delete(edge.id);
    }
  }
  // Only those whose sources are all kept can be decided now; the rest follow from them.
  for (const step of forgotten) arrive(state, state.plan.vertices.indexOf(step.vertex), step.item, at);
  return state;
}

const epilogueKeys = (state: RunState): string[] =>
  [...state.steps.values()].filter(({ vertex }) => vertex.kind === "epilogue").map(({ key }) => key);

// ---------------------------------------------------------------- what the state says of the run

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
