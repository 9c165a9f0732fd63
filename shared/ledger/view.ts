/** What a run tells of itself. Reads the log, changes nothing. */
import type { LogStore } from "../log-store.ts";
import { runsAhead } from "../model/awaited-runs.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { LogRow, RunEvent, Value } from "../model/log.ts";
import { MAX_TRACE_VALUE_BYTES, MIB } from "../model/limits.ts";
import { isStepTerminal, type StepStatus } from "../model/run.ts";
import type { EventRow, RunView, StepView, Wait } from "../run-view.ts";
import { allRows, type Ledger, volatileLease } from "./ledger.ts";
import { outputSource, RESPOND } from "./output.ts";
import { summaryOf, valueIn } from "./summary.ts";

export function view(ledger: Ledger, page: { readonly offset: number; readonly limit: number }): RunView | null {
  const { state, deps } = ledger;
  if (state === undefined) return null;
  const now = deps.now();
  const steps = shownSteps(state);
  const shown = pageOf(ledger, state, steps.slice(page.offset, page.offset + page.limit), now);
  const next = page.offset + shown.length;
  return {
    summary: summaryOf(ledger, state, now),
    origin: state.started.origin,
    input: state.started.input,
    output: outputSource(deps.store, state),
    response: responseOf(deps.store, state),
    error: state.ended?.error ?? null,
    waiting: [...state.live].flatMap((step) => waitOf(ledger, state, step, now) ?? []),
    steps: shown,
    nextOffset: shown.length > 0 && next < steps.length ? next : null,
    plan: state.plan,
  };
}

/** As many as the bytes of one answer between Workers allow, but one at least. */
function pageOf(ledger: Ledger, state: RunState, steps: readonly Step[], now: number): readonly StepView[] {
  const page: StepView[] = [];
  let bytes = 0;
  for (const step of steps) {
    const shown = stepView(ledger, state, step, now);
    bytes += inlineBytes(shown.input) + inlineBytes(shown.output);
    if (bytes > MAX_PAGE_BYTES && page.length > 0) break;
    page.push(shown);
  }
  return page;
}

/** An RPC takes 32 MiB, and the output of the run is in the same answer. */
const MAX_PAGE_BYTES = 8 * MIB;
const inlineBytes = (value: Value | null): number => (value !== null && "json" in value ? value.json.length : 0);

/** In the order in which they started; the virtual start and an end without a config are not shown. */
function shownSteps(state: RunState): readonly Step[] {
  const steps = [...state.steps.values()].filter(
    ({ vertex }) => vertex.kind !== "start" && !(vertex.kind === "end" && vertex.config === undefined),
  );
  return steps.sort((one, other) => (one.startedAt ?? one.readyAt) - (other.startedAt ?? other.readyAt));
}

export function statusOfStep(ledger: Ledger, step: Step, now: number): StepStatus {
  return !isStepTerminal(step.status) && volatileLease(ledger, step.key, now) !== undefined ? "running" : step.status;
}

function stepView(ledger: Ledger, state: RunState, step: Step, now: number): StepView {
  const { store } = ledger.deps;
  const isPart = step.vertex.kind === "part";
  return {
    key: step.key,
    node: step.vertex.node,
    item: step.item.length === 0 ? null : step.item,
    status: statusOfStep(ledger, step, now),
    attempt: step.attempt,
    component: step.vertex.recipe ?? step.vertex.component,
    digest: isPart ? (state.digests[step.vertex.component] ?? null) : null,
    startedAt: step.startedAt ?? null,
    endedAt: step.endedAt ?? null,
    fuel: step.fuel,
    input: valueIn(store, step.inputSeq, "input") ?? null,
    output: valueIn(store, step.outputSeq, "output") ?? null,
    error: step.error ?? null,
    crashSuspect: step.crashSuspect,
    ...traceOf(store, step),
  };
}

const REASON_OF: { readonly [S in StepStatus]?: Wait["reason"] } = {
  retrying: "retry_backoff",
  unknown: "unknown_outcome",
  ready: "delay",
};

/** Everything that waits says why, since when and until when. */
function waitOf(ledger: Ledger, state: RunState, step: Step, now: number): Wait | undefined {
  const status = statusOfStep(ledger, step, now);
  const { wait } = step;
  const place = { node: step.vertex.node, item: step.item.length === 0 ? null : step.item };
  if (status === "waiting" && step.queued !== undefined)
    return { ...place, reason: "concurrency", taskId: null, ref: null, ...step.queued, expiresAt: null, childRuns: [] };
  if (status === "waiting" && wait !== undefined) {
    const isAnswerable = wait.reason === "callback" || wait.reason === "approval";
    const ref = isAnswerable ? { step: step.key, generation: step.generation, wait: wait.number } : null;
    return {
      ...place,
      reason: wait.reason,
      taskId: wait.taskId ?? null,
      ref,
      note: wait.note ?? null,
      since: step.pausedAt ?? wait.since,
      expiresAt: Math.min(wait.expiresAt, wait.dueAt ?? Number.POSITIVE_INFINITY),
      childRuns: runsAhead(state, step).map(({ runId }) => runId),
    };
  }
  const reason = REASON_OF[status];
  if (reason === undefined || (reason === "delay" && step.dueAt <= now)) return undefined;
  return {
    ...place,
    reason,
    taskId: null,
    ref: null,
    note: null,
    since: step.readyAt,
    expiresAt: Number.isFinite(step.dueAt) ? step.dueAt : null,
    childRuns: [],
  };
}

function responseOf(store: LogStore, state: RunState): Value | null {
  for (const step of state.steps.values()) {
    if (step.vertex.component === RESPOND && step.status === "succeeded") return valueIn(store, step.outputSeq, "output") ?? null;
  }
  return null;
}

// ---------------------------------------------------------------- events

/** Read row by row: a page of steps costs the same, however long the log is. */
function traceOf(store: LogStore, { rows }: Step): Pick<StepView, "events" | "childRuns"> {
  const childRuns = new Set<string>();
  const events = rows.flatMap((number) => {
    const row = store.row(number);
    if (row === undefined) return [];
    for (const runId of childRunsOf(row.event)) childRuns.add(runId);
    const { seq, type, at, detail } = toEventRow(row);
    return [{ seq, type, at, detail }];
  });
  return { events, childRuns: [...childRuns] };
}

function childRunsOf(event: RunEvent): readonly string[] {
  if (event.type === "step.paused") return event.awaited?.runs.map(({ runId }) => runId) ?? [];
  return event.type === "step.succeeded" ? (event.childRuns ?? []) : [];
}

/** A row as it is told outside: without values, plans and leases' inner numbers. */
export function toEventRow({ seq, at, event }: LogRow): EventRow {
  return { seq, at, type: event.type, step: "step" in event ? event.step : null, detail: detailOf(event) };
}

function detailOf(event: RunEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case "run.started":
      return { workflow: event.plan.workflow, version: event.plan.version };
    case "step.leased":
      return { attempt: event.attempt };
    case "step.succeeded":
      return { attempt: event.attempt, ...(event.unmatched === undefined ? {} : { note: "branch.unmatched", branch: event.unmatched }) };
    case "step.listed":
      return { loop: event.loop, offset: event.offset, items: event.items.length };
    case "step.failed":
      return { attempt: event.attempt, error: event.error };
    case "step.retrying":
      return { attempt: event.attempt, error: event.error, due_at: new Date(event.dueAt).toISOString() };
    case "step.paused":
      return {
        attempt: event.attempt,
        reason: event.reason,
        ...(event.taskId === undefined ? {} : { task_id: event.taskId }),
        ...(event.awaited === undefined ? {} : { runs: event.awaited.runs.length, wanted: event.awaited.wanted }),
        expires_at: new Date(event.expiresAt).toISOString(),
        ...(event.note === undefined ? {} : { note: event.note }),
      };
    case "step.queued":
      return { attempt: event.attempt, reason: "concurrency", note: event.note };
    case "step.woken":
      return { attempt: event.attempt };
    case "step.exchanged":
      return { attempt: event.attempt, calls: event.results.length };
    case "step.answered":
      return { attempt: event.attempt, success: event.answer.success };
    case "step.notified":
      return { run_id: event.run.runId, failed: event.failed === true };
    case "step.unknown":
      return { attempt: event.attempt };
    case "run.watched":
      return { run_id: event.watcher.runId };
    case "run.cancelled":
      return event.reason === undefined ? {} : { reason: event.reason };
    case "run.replanned":
      return { version: event.plan.version };
    case "run.redriven":
      return { generation: event.generation, steps: event.steps };
    case "run.ended":
      return { status: event.status, ...(event.error === undefined ? {} : { error: event.error }) };
  }
}

export function eventsAfter({ deps }: Ledger, afterSeq: number, limit: number): readonly EventRow[] {
  return deps.store.read(afterSeq, limit).map(toEventRow);
}

/** A value that lies inline in the log, by the hash of its JSON text. */
export function inlineValue({ deps }: Ledger, sha256: string): string | null {
  for (const { event } of allRows(deps.store)) {
    for (const field of ["input", "output"] as const) {
      const value: Value | undefined = field in event ? (event as { readonly [F in typeof field]?: Value })[field] : undefined; // some members have the field
      // Shorter ones are never shown by reference.
      const isLong = value !== undefined && "json" in value && value.json.length * 3 > MAX_TRACE_VALUE_BYTES;
      if (isLong && deps.sha256Hex(value.json) === sha256) return value.json;
    }
  }
  return null;
}
