/**
 * Watches a simulated run from outside: after every change it checks the rows that were added and the state they make.
 * The names of the invariants (I1…) are those of the reliability contract in `docs/`.
 */
import { isDeepStrictEqual } from "node:util";
import { type Ledger } from "../../shared/ledger/ledger.ts";
import type { RunState } from "../../shared/model/run-state.ts";
import type { EventOf, LogRow } from "../../shared/model/log.ts";
import { PROLOGUE_KEY } from "../../shared/model/prologue.ts";
import type { LogStore } from "../../shared/log-store.ts";
import { isStepTerminal } from "../../shared/model/run.ts";
import type { LeaseRef } from "../../shared/run-api.ts";
import { type Attempts, auditSight, createAttempts, noteSpared } from "./audit-attempts.ts";
import { auditKept, keptFrom } from "./audit-plan.ts";
import { auditPlaces, factsOf } from "./audit-loops.ts";
import { type Ending, judge } from "./oracle.ts";
import { differenceOf } from "./same-state.ts";
import { shadowed } from "./shadow.ts";
import { type Script, scriptedEndings } from "./script.ts";
import { auditKinRow, auditWait, createKinAccount, type KinAccount } from "./audit-kin.ts";
import { auditClosed, auditFence, auditLease, auditOpenWait, auditWoken, SOMEBODYS } from "./audit-leases.ts";
import { fail } from "./violation.ts";

export const waitKey = (step: string, generation: number, wait: number): string => JSON.stringify([step, generation, wait]);

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
  /** Steps whose last pause is a sleep in the middle of their part. */
  readonly asleep: Set<string>;
  /** `step, generation, attempt` → the wait whose address the part was told and did not await yet. */
  readonly addresses: Map<string, number>;
  /** Results of calls that the log has of the live attempt, by step. */
  readonly exchanged: Map<string, number>;
  /** `step, generation, attempt, pause, call` of every execution of a `once` step. */
  readonly effects: Set<string>;
  readonly kin: KinAccount;
  /** The lease that the ledger gave last, by step. */
  readonly leases: Map<string, number>;
  /** `step, lease` of every assignment. */
  readonly issued: Set<string>;
  /** Outcomes that are being settled, or leases that log results, right now. */
  settling: readonly LeaseRef[];
  readonly attempts: Attempts;
  /** Loops that have stopped: the first item that they did not begin. */
  readonly stopped: Map<string, number>;
  isOver: boolean;
  resumedAt: number;
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
  asleep: new Set(),
  addresses: new Map(),
  exchanged: new Map(),
  effects: new Set(),
  kin: createKinAccount(),
  leases: new Map(),
  issued: new Set(),
  settling: [],
  attempts: createAttempts(),
  stopped: new Map(),
  isOver: false,
  resumedAt: 0,
  transitions: new Set(),
});

/** Call after every turn of the ledger. */
export function audit(auditor: Auditor, ledger: Ledger): void {
  const before = auditor.shadow?.seq ?? 0;
  if (ledger === auditor.ledger && ledger.state?.seq === before && auditor.store.row(before + 1) === undefined) return;
  auditor.ledger = ledger;
  const rows = auditor.store.read(before, 10_000);
  const kept = rows.some(({ event }) => event.type === "run.replanned") ? keptFrom(auditor.shadow) : undefined;
  for (const row of rows) {
    auditRow(auditor, row);
    noteSpared(auditor.attempts, row.event);
    auditKinRow(auditor.kin, auditor.shadow, row);
    auditor.shadow = shadowed(auditor.shadow, row, auditor.transitions);
    auditWait(auditor.kin, auditor.shadow, row);
    if (row.seq !== auditor.shadow.seq) fail("I12", `row ${row.seq} was folded as ${auditor.shadow.seq}`);
  }
  const { shadow } = auditor;
  if (shadow === undefined || ledger.state === undefined) {
    if (shadow !== ledger.state) fail("I12", "what the ledger knows is not in the log");
    return;
  }
  const difference = differenceOf(shadow, ledger.state);
  if (difference !== undefined) fail("I12", `the fold of the log differs from the ledger's state: ${difference}`);
  if (shadow.seq !== before) auditGraph(auditor, shadow);
  if (kept !== undefined) auditKept(kept, shadow);
}

// ---------------------------------------------------------------- rows

function auditRow(auditor: Auditor, { event, at, seq }: LogRow): void {
  const { shadow } = auditor;
  if ("step" in event) {
    const isAllowed = event.step === "$final_callback" || event.type === "step.listed"; // a new plan is listed before it is begun
    if (auditor.isOver && !isAllowed) fail("I5", `row ${seq} (${event.type}) after the end of the run`);
    const step = shadow?.steps.get(event.step) ?? fail("I3", `row ${seq} names ${event.step}, which is not there`);
    if (event.generation !== step.generation) fail("I5", `row ${seq} is of generation ${event.generation}, the step of ${step.generation}`);
    if (event.attempt !== step.attempt) fail("I7", `row ${seq} is of attempt ${event.attempt}, the step at ${step.attempt}`);
    if (step.attempt > step.vertex.retry.attempts)
      fail("I7", `${event.step} is at attempt ${step.attempt} of ${step.vertex.retry.attempts}`);
  }
  switch (event.type) {
    case "run.started":
      if (seq !== 1) fail("I12", "a run that started twice");
      auditor.resumedAt = at;
      return;
    case "step.leased":
      auditLease(shadow?.steps.get(event.step)?.lease, event, at);
      auditor.leases.set(event.step, event.lease);
      return;
    case "step.succeeded":
    case "step.failed":
      auditEnd(auditor, event, seq);
      return;
    case "step.listed":
      return;
    case "step.retrying":
      if (event.attempt >= (shadow?.steps.get(event.step)?.vertex.retry.attempts ?? 0))
        fail("I7", `${event.step} is tried again after its last attempt`);
      if (event.dueAt < at) fail("I7", "a retry is due before its failure");
      auditFence(auditor, event.step, seq);
      auditor.exchanged.delete(event.step);
      auditor.asleep.delete(event.step);
      return;
    case "step.paused":
      auditFence(auditor, event.step, seq);
      auditor.asleep.delete(event.step);
      if (event.isCall === true && event.reason === "timer") auditor.asleep.add(event.step);
      return exchanged(
        auditor,
        event.step,
        (event.results?.length ?? 0) + (event.isCall === true && !["child_runs", "retry_backoff"].includes(event.reason) ? 1 : 0),
      );
    case "step.exchanged":
      auditFence(auditor, event.step, seq);
      auditor.asleep.delete(event.step);
      return exchanged(auditor, event.step, event.results.length);
    case "step.queued":
      auditFence(auditor, event.step, seq);
      return void auditor.asleep.delete(event.step);
    case "step.woken":
      return auditWoken(shadow?.steps.get(event.step), event);
    case "step.answered": {
      const key = waitKey(event.step, event.generation, event.wait);
      if (auditor.answers.has(key)) fail("I6", `a second answer for ${key}`);
      auditOpenWait(shadow?.steps.get(event.step), event.wait, at);
      auditor.answers.set(key, event.answer.digest);
      return;
    }
    case "step.notified":
    case "step.unknown":
    case "run.watched":
    case "run.replanned":
      return;
    case "run.cancelled":
    case "run.ended":
      if (auditor.isOver) fail("I5", "a run that ended twice");
      auditor.isOver = true;
      if (event.type === "run.ended") auditStatus(auditor, event, at);
      return;
    case "run.redriven":
      auditor.isOver = false;
      auditor.resumedAt = at;
      auditor.stopped.clear();
      for (const key of event.steps) {
        auditor.endings.delete(key);
        auditor.exchanged.delete(key);
        auditor.asleep.delete(key);
      }
  }
}

const exchanged = (auditor: Auditor, step: string, count: number): void =>
  void auditor.exchanged.set(step, (auditor.exchanged.get(step) ?? 0) + count);

function auditStatus(auditor: Auditor, { status, error }: EventOf<"run.ended">, at: number): void {
  if (error?.code === "run.timed_out") {
    if (at < auditor.resumedAt + (auditor.shadow?.plan.run.timeoutMs ?? Number.POSITIVE_INFINITY))
      fail("I1", "the run timed out too early");
    return;
  }
  const { shadow } = auditor;
  const expected = shadow === undefined ? "unfinished" : judge(shadow.plan, auditor.endings, factsOf(shadow)).status;
  if (status !== expected) fail("I1", `the run ended as ${status}, but its results say ${expected}`);
}

type End = EventOf<"step.succeeded"> | EventOf<"step.failed">;

function auditEnd(auditor: Auditor, event: End, seq: number): void {
  const key = JSON.stringify([event.step, event.generation]);
  if (auditor.results.has(key)) fail("I2", `a second result for ${key}`);
  auditor.results.add(key);
  const ending: Ending =
    event.type === "step.failed" ? { kind: "fail", code: event.error.code } : { kind: "success", ...branchIn(event.output) };
  auditor.endings.set(event.step, ending);
  if (ending.kind === "fail" && (ending.code === "wait.expired" || ending.code === "step.unknown_outcome")) return;
  const step = auditor.shadow?.steps.get(event.step);
  const scripted = scriptedEndings(auditor.script, event.step, step?.vertex.retry.attempts ?? 1);
  if (!scripted.some((one) => isDeepStrictEqual(one, ending)))
    fail("I2", `${event.step} ended as ${JSON.stringify(ending)}, its script says ${JSON.stringify(scripted)}`);
  const isOfAttempt = (outcome: LeaseRef) =>
    outcome.step === event.step && outcome.generation === event.generation && outcome.attempt === event.attempt;
  const counting = auditor.settling.filter(isOfAttempt);
  if (counting.length === 0) fail("I5", `row ${seq} has a result that belongs to another attempt of ${event.step}`);
  if (event.type === "step.succeeded") auditSight(auditor, event.output, counting);
  if (event.type === "step.failed" || step?.vertex.effects !== "pure") auditFence(auditor, event.step, seq);
}

function branchIn(output: unknown): { readonly branch?: string } {
  const text = typeof output === "object" && output !== null && "json" in output ? String(output.json) : "{}";
  const { branch } = JSON.parse(text);
  return typeof branch === "string" ? { branch } : {};
}

// ---------------------------------------------------------------- state

function auditGraph(auditor: Auditor, state: RunState): void {
  if (state.plan.run.concurrency !== undefined && state.steps.get(PROLOGUE_KEY)?.status !== "succeeded") return auditClosed(state);
  auditPlaces(auditor, state);
  for (const step of state.steps.values()) {
    const isLive = !isStepTerminal(step.status) && step.vertex.kind !== "epilogue";
    if (state.live.has(step) !== isLive) fail("F4", `${step.key} is ${step.status}, live: ${!isLive}`);
    const isAnswered =
      step.wait !== undefined &&
      SOMEBODYS.includes(step.wait.reason) &&
      state.answers.has(waitKey(step.key, step.generation, step.wait.number));
    if (step.status === "waiting" && isAnswered) fail("I6", `${step.key} waits for an answer that is there`);
  }
  if (state.ended === undefined && state.live.size === 0) fail("I1", "nothing is left to do, but the run has not ended");
}
