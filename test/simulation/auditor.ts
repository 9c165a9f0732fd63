/**
 * Watches a simulated run from outside: after every change it checks the rows that were added and the state they make.
 * The names of the invariants (I1…) are those of the reliability contract in `docs/`.
 */
import { isDeepStrictEqual } from "node:util";
import { type Ledger } from "../../shared/ledger/ledger.ts";
import { answerKey, apply, type RunState } from "../../shared/model/fold.ts";
import type { LogRow } from "../../shared/model/log.ts";
import type { LogStore } from "../../shared/log-store.ts";
import { isStepTerminal, type StepStatus } from "../../shared/model/run.ts";
import type { Assignment, Outcome } from "../../shared/run-api.ts";
import { type Ending, judge, statusAtEnd } from "./oracle.ts";
import { type Script, scriptedEnding } from "./script.ts";

export class Violation extends Error {
  override readonly name = "Violation";
}
const fail = (invariant: string, what: string): never => {
  throw new Violation(`${invariant}: ${what}`);
};

export type Auditor = {
  readonly script: Script;
  readonly store: LogStore;
  shadow: RunState | undefined;
  /** The one that was compared last. */
  ledger: Ledger | undefined;
  readonly endings: Map<string, Ending>;
  /** `step, generation` of every recorded end. */
  readonly results: Set<string>;
  /** `step, generation, wait` → digest. */
  readonly answers: Map<string, string>;
  /** `step, generation, attempt, wait` of every execution of a `once` step. */
  readonly effects: Set<string>;
  /** The lease that the ledger gave last, by step. */
  readonly leases: Map<string, number>;
  /** Outcomes that are being settled right now. */
  settling: readonly Outcome[];
  isOver: boolean;
  readonly transitions: Set<string>;
};

export const createAuditor = (script: Script, store: LogStore): Auditor => ({
  script,
  store,
  shadow: undefined,
  ledger: undefined,
  endings: new Map([["input", { kind: "success" }]]),
  results: new Set(),
  answers: new Map(),
  effects: new Set(),
  leases: new Map(),
  settling: [],
  isOver: false,
  transitions: new Set(),
});

/** Call after every turn of the ledger. */
export function audit(auditor: Auditor, ledger: Ledger): void {
  const before = auditor.shadow?.seq ?? 0;
  if (ledger === auditor.ledger && ledger.state?.seq === before && auditor.store.row(before + 1) === undefined) return;
  auditor.ledger = ledger;
  for (const row of auditor.store.read(before, 10_000)) {
    auditRow(auditor, row);
    auditor.shadow = shadowed(auditor, row);
    if (row.seq !== auditor.shadow.seq) fail("I12", `row ${row.seq} was folded as ${auditor.shadow.seq}`);
  }
  const { shadow } = auditor;
  if (shadow === undefined || ledger.state === undefined) {
    if (shadow !== ledger.state) fail("I12", "what the ledger knows is not in the log");
    return;
  }
  const [inLog, inMemory] = [digestOf(shadow), digestOf(ledger.state)];
  if (inLog !== inMemory) fail("I12", `the fold of the log differs from the ledger's state\n${inLog}\n${inMemory}`);
  if (shadow.seq !== before) auditGraph(auditor, shadow);
}

function shadowed(auditor: Auditor, row: LogRow): RunState {
  const before = new Map<string, readonly [StepStatus, number]>([...(auditor.shadow?.steps.values() ?? [])].map(({ key, status, generation }) => [key, [status, generation]]));
  const next = apply(auditor.shadow, row);
  next.readied = [];
  for (const { key, status, generation } of next.steps.values()) {
    const [old, oldGeneration] = before.get(key) ?? [status, generation];
    if (old !== status && oldGeneration === generation) {
      if (isStepTerminal(old)) fail("I5", `${key} went from ${old} to ${status}`);
      auditor.transitions.add(`${old}>${status}`);
    }
  }
  return next;
}

/** Everything that counts, as text. */
function digestOf(state: RunState): string {
  const steps = [...state.steps.values()].map((step) => JSON.stringify({ ...step, vertex: step.vertex.key, dueAt: String(step.dueAt) }));
  const edges = [...state.incoming].map(([key, { taken, dead }]) => `${key}:${[...taken].join()}/${[...dead].join()}`);
  const live = [...state.live].map(({ key }) => key);
  return [state.seq, state.generation, JSON.stringify(state.ended), ...steps, ...edges.sort(), `live ${live.join()}`, JSON.stringify([...state.answers, ...state.generations])].join("\n");
}

// ---------------------------------------------------------------- rows

function auditRow(auditor: Auditor, { event, at, seq }: LogRow): void {
  const { shadow } = auditor;
  if ("step" in event) {
    if (auditor.isOver && event.step !== "final_callback") fail("I5", `row ${seq} (${event.type}) after the end of the run`);
    const step = shadow?.steps.get(event.step) ?? fail("I3", `row ${seq} names ${event.step}, which is not there`);
    if (event.generation !== step.generation) fail("I5", `row ${seq} is of generation ${event.generation}, the step of ${step.generation}`);
    if (event.attempt !== step.attempt) fail("I7", `row ${seq} is of attempt ${event.attempt}, the step at ${step.attempt}`);
    if (step.attempt > step.vertex.retry.attempts) fail("I7", `${event.step} is at attempt ${step.attempt} of ${step.vertex.retry.attempts}`);
  }
  switch (event.type) {
    case "run.started":
      if (seq !== 1) fail("I12", "a run that started twice");
      return;
    case "step.leased":
      auditor.leases.set(event.step, event.lease);
      return;
    case "step.succeeded":
    case "step.failed":
      auditEnd(auditor, event, seq);
      return;
    case "step.retrying":
      if (event.attempt >= (shadow?.steps.get(event.step)?.vertex.retry.attempts ?? 0)) fail("I7", `${event.step} is tried again after its last attempt`);
      if (event.dueAt < at) fail("I7", "a retry is due before its failure");
      auditFence(auditor, event.step, seq);
      return;
    case "step.paused":
      auditFence(auditor, event.step, seq);
      return;
    case "step.answered": {
      const key = answerKey(event.step, event.generation, event.wait);
      if (auditor.answers.has(key)) fail("I6", `a second answer for ${key}`);
      auditor.answers.set(key, event.answer.digest);
      return;
    }
    case "step.unknown":
      return;
    case "run.cancelled":
    case "run.ended":
      if (auditor.isOver) fail("I5", "a run that ended twice");
      auditor.isOver = true;
      if (event.type === "run.ended" && event.error?.code !== "run.timed_out") auditStatus(auditor, event.status);
      return;
    case "run.redriven":
      auditor.isOver = false;
      for (const key of event.steps) auditor.endings.delete(key);
  }
}

function auditStatus(auditor: Auditor, status: string): void {
  const expected = auditor.shadow === undefined ? "unfinished" : statusAtEnd(auditor.shadow.plan, auditor.endings);
  if (status !== expected) fail("I1", `the run ended as ${status}, but its results say ${expected}`);
}

type End = Extract<LogRow["event"], { readonly type: "step.succeeded" | "step.failed" }>;

function auditEnd(auditor: Auditor, event: End, seq: number): void {
  const key = JSON.stringify([event.step, event.generation]);
  if (auditor.results.has(key)) fail("I2", `a second result for ${key}`);
  auditor.results.add(key);
  const ending: Ending = event.type === "step.failed" ? { kind: "fail", code: event.error.code } : { kind: "success", ...branchIn(event.output) };
  auditor.endings.set(event.step, ending);
  if (ending.kind === "fail" && (ending.code === "wait.expired" || ending.code === "step.unknown_outcome")) return;
  const step = auditor.shadow?.steps.get(event.step);
  const scripted = scriptedEnding(auditor.script, event.step, step?.vertex.retry.attempts ?? 1);
  if (!isDeepStrictEqual(scripted, ending)) fail("I2", `${event.step} ended as ${JSON.stringify(ending)}, its script says ${JSON.stringify(scripted)}`);
  if (event.type === "step.failed" || step?.vertex.effects !== "pure") auditFence(auditor, event.step, seq);
}

function branchIn(output: unknown): { readonly branch?: string } {
  const text = typeof output === "object" && output !== null && "json" in output ? String(output.json) : "{}";
  const { branch } = JSON.parse(text);
  return typeof branch === "string" ? { branch } : {};
}

/** What is not the success of a pure part counts only from the lease that was given last. */
function auditFence({ settling, leases }: Auditor, step: string, seq: number): void {
  if (!settling.some((outcome) => outcome.step === step && outcome.lease === leases.get(step))) fail("I2", `row ${seq} comes from an old lease of ${step}`);
}

// ---------------------------------------------------------------- state

function auditGraph({ endings }: Auditor, state: RunState): void {
  const { verdicts } = judge(state.plan, endings);
  for (const [index, vertex] of state.plan.vertices.entries()) {
    const status = state.steps.get(vertex.key)?.status;
    const verdict = verdicts[index];
    const actual = status === undefined ? "open" : status === "skipped" ? "skipped" : "started";
    if (verdict !== actual) fail("I4", `${vertex.key} is ${actual}, by the results so far it is ${verdict}`);
  }
  for (const step of state.steps.values()) {
    const isLive = !isStepTerminal(step.status) && step.vertex.kind !== "epilogue";
    if (state.live.has(step) !== isLive) fail("F4", `${step.key} is ${step.status}, live: ${!isLive}`);
    const isAnswered = step.wait !== undefined && state.answers.has(answerKey(step.key, step.generation, step.wait.number));
    if (step.status === "waiting" && isAnswered) fail("I6", `${step.key} waits for an answer that is there`);
  }
  if (state.ended === undefined && state.live.size === 0) fail("I1", "nothing is left to do, but the run has not ended");
}

/** Call for every assignment that the ledger gives out, even if it never arrives. */
export function auditAssignment(auditor: Auditor, { step: key, vertex, generation, attempt, wait, lease, resume }: Assignment, now: number): void {
  const step = auditor.shadow?.steps.get(key) ?? fail("I3", `${key} was given out, but is not there`);
  auditor.leases.set(key, lease);
  if (vertex.key === key && attempt !== step.attempt) fail("I7", `${key} was given out as attempt ${attempt}`);
  if (step.status === "retrying" && step.dueAt > now) fail("I7", `${key} was given out before its retry is due`);
  if (step.status === "waiting" && step.dueAt > now) fail("I3", `${key} was given out while it waits`);
  if (wait === 0) return;
  const answered = auditor.answers.get(answerKey(key, generation, wait - 1));
  if (answered !== undefined && (resume?.kind !== "answered" || resume.answer.digest !== answered)) fail("I6", `the accepted answer for wait ${wait - 1} of ${key} is not handed out`);
  if (answered === undefined && resume?.kind !== "due") fail("I6", `${key} goes on after wait ${wait - 1} for no reason`);
}

/** Call when an effect happens. */
export function auditEffect({ effects }: Auditor, { step, vertex, generation, attempt, wait }: Assignment): void {
  if (vertex.effects !== "once") return;
  const key = JSON.stringify([step, generation, attempt, wait]);
  if (effects.has(key)) fail("B2", `the effect of the once step ${key} happened twice`);
  effects.add(key);
}
