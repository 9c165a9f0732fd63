/**
 * The fold: from the log of a run to its state. Nothing about a run is stored but the log, so nothing can disagree with it.
 *
 * Invariants
 * F1  A step is created when its vertex's join fires, or skipped when it no longer can; once per generation.
 * F2  An edge is open, taken or dead, by what became of its source (`edge-state.ts`); only a redrive of the source changes it.
 * F3  A skipped step's edges are dead at once, so deadness travels on within the same event.
 * F4  `live` holds the steps that may still change by themselves or by somebody's answer; the run is over when it is empty.
 * F5  `apply` reads neither clock nor randomness: the same rows give the same state.
 * F6  A log that a newer engine wrote is refused as a whole: half understood, it would be gone on with wrongly, and for good.
 *
 * The state is changed in place, for speed; it belongs to one ledger and never leaves it.
 */
import { createStep, finish } from "./advance.ts";
import { noteEnd } from "./awaited-runs.ts";
import { takenOnFailure } from "./edges.ts";
import { epilogueVertex } from "./epilogue.ts";
import { ArcrunError, type ErrorInfo } from "./errors.ts";
import { addWatcher, createKin } from "./kin.ts";
import { ENGINE_VERSION, type EventOf, type LogRow, type RunEventType } from "./log.ts";
import { redriven, replanned } from "./fold-redrive.ts";
import { listedItems } from "./loop-run.ts";
import { edgesFrom } from "./plan-index.ts";
import { enter, goOn, isPrologue } from "./prologue.ts";
import { queue, wake } from "./queueing.ts";
import { halt } from "./restart.ts";
import type { RunState, Step } from "./run-state.ts";
import { answer, noteExchange, pause, takeTurn, wakeIfEnough } from "./waiting.ts";

export function fold(rows: Iterable<LogRow>): RunState | undefined {
  let state: RunState | undefined;
  for (const row of rows) state = apply(state, row);
  return state;
}

/** One more row. A row that does not fit the state (a second start, an unknown step) is a defect of the writer and throws. */
export function apply(state: RunState | undefined, { seq, at, event }: LogRow): RunState {
  if (event.engine !== undefined && event.engine > ENGINE_VERSION) refuseNewer(event.type, event.engine);
  if (event.type === "run.started") return begin(event, at, seq);
  if (state === undefined) throw new Error(`the log begins with ${event.type}`);
  state.seq = seq;
  state.engine = event.engine ?? state.engine;
  if ("step" in event) state.steps.get(event.step)?.rows.push(seq);
  switch (event.type) {
    case "step.leased":
      return leased(state, event);
    case "step.succeeded":
      return succeeded(state, event, at);
    case "step.listed":
      return listed(state, event);
    case "step.failed":
      return failed(state, event, at);
    case "step.retrying":
      return retrying(state, event);
    case "step.paused":
      return pause(state, attempted(state, event), event, at);
    case "step.exchanged":
      noteExchange(state, stepOf(state, event.step));
      return event.yields === true ? takeTurn(state, attempted(state, event), at) : state;
    case "step.queued":
      queue(stepOf(state, event.step), event, at);
      return state;
    case "step.woken":
      wake(state, stepOf(state, event.step), at);
      return state;
    case "step.answered":
      return answer(state, event, at);
    case "step.notified":
      noteEnd(state, event);
      return wakeIfEnough(state, stepOf(state, event.step), at);
    case "step.unknown":
      stepOf(state, event.step).status = "unknown";
      return state;
    case "run.watched":
      addWatcher(state.kin, event.watcher);
      return state;
    case "run.cancelled":
      return end(state, "cancelled", at, undefined);
    case "run.ended":
      return end(state, event.status, at, event.error);
    case "run.replanned":
      return replanned(state, event);
    case "run.redriven":
      return redriven(state, event, at);
  }
  return refuse(event);
}

/** The types say that it does not happen; a log that lies on a disk may know more than they do (F6). */
function refuse(event: never): never {
  const { type } = event as { readonly type: string }; // every event has one, those of later versions, too
  throw new ArcrunError("run.newer_engine", `the log of this run has an event that engine ${ENGINE_VERSION} does not know: ${type}`);
}

function refuseNewer(type: RunEventType, engine: number): never {
  const what = type === "run.started" ? "started" : "gone on with";
  throw new ArcrunError("run.newer_engine", `this run was ${what} by engine ${engine}, and this is engine ${ENGINE_VERSION}`);
}

function begin(event: EventOf<"run.started">, at: number, seq: number): RunState {
  const state: RunState = {
    started: event,
    engine: event.engine,
    plan: event.plan,
    digests: event.digests,
    startedAt: at,
    resumedAt: at,
    steps: new Map(),
    loops: new Map(),
    answers: new Map(),
    formers: new Map(),
    redriving: [],
    lastLease: 0,
    generation: 0,
    kin: createKin(event),
    live: new Set(),
    readied: [],
    ended: undefined,
    seq,
  };
  const start = event.plan.vertices[0];
  if (start === undefined) return state;
  const step = createStep(state, start, [], at);
  step.lists = listedItems(event.lists);
  enter(state, step, at);
  return state;
}

function stepOf(state: RunState, key: string): Step {
  const step = state.steps.get(key);
  if (step === undefined) throw new Error(`the log names a step that does not exist: ${key}`);
  return step;
}

function leased(state: RunState, event: EventOf<"step.leased">): RunState {
  const step = stepOf(state, event.step);
  step.status = "running";
  step.leases += 1;
  step.crashSuspect ||= step.leases > 2;
  step.lease = { number: event.lease, boot: event.boot, until: event.until };
  state.lastLease = Math.max(state.lastLease, event.lease);
  return state;
}

type Attempted = EventOf<"step.succeeded" | "step.failed" | "step.retrying" | "step.paused" | "step.exchanged">;

function attempted(state: RunState, event: Attempted): Step {
  const step = stepOf(state, event.step);
  step.startedAt ??= event.startedAt;
  step.fuel += event.fuel;
  step.lease = undefined;
  step.queued = undefined;
  if ("input" in event && event.input !== undefined) step.inputSeq = state.seq;
  return step;
}

function succeeded(state: RunState, event: EventOf<"step.succeeded">, at: number): RunState {
  const step = attempted(state, event);
  step.outputSeq = state.seq;
  step.lists = listedItems(event.lists);
  finish(state, step, "succeeded", at, event.taken);
  if (isPrologue(step)) goOn(state, at);
  return state;
}

function listed(state: RunState, { step, loop, offset }: EventOf<"step.listed">): RunState {
  stepOf(state, step).lists?.get(loop)?.chunks.push({ offset, seq: state.seq });
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
  step.exchangeSeqs = [];
  step.leases = 0;
  step.dueAt = event.dueAt;
  return state;
}

function end(state: RunState, status: "succeeded" | "failed" | "cancelled", at: number, error: ErrorInfo | undefined): RunState {
  halt(state, at);
  state.readied = [];
  state.ended = { status, at, error };
  const url = state.started.finalCallback ?? state.plan.run.finalCallback;
  if (url !== undefined) state.readied.push(createStep(state, epilogueVertex(url), [], at).key);
  return state;
}
