/** Runs as the API tells them: snake_case, ISO times, large values by reference. */
import { type Ids, sha256Hex } from "./ids.ts";
import { ArcrunError, type ErrorInfo } from "./model/errors.ts";
import { MAX_TRACE_VALUE_BYTES, MIB } from "./model/limits.ts";
import type { Origin, Value } from "./model/log.ts";
import type { Plan } from "./model/plan.ts";
import { relationWord } from "./model/definition/relation-word.ts";
import type { Payloads } from "./ports.ts";
import type { OutputSource, RunSummary, RunView, StepView, Wait } from "./run-view.ts";

export type RunJsonDeps = { readonly ids: Ids; readonly payloads: Payloads; readonly publicUrl: string };

/** With `?full=1`: the largest value that is shown inline, and all of a page together. */
const MAX_FULL_VALUE_BYTES = MIB;
const MAX_FULL_PAGE_BYTES = 16 * MIB;

export const isoTime = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const durationMs = (from: number | null, to: number | null): number | null =>
  from === null || to === null ? null : Math.max(0, to - from);

export const summaryJson = (summary: RunSummary): Record<string, unknown> => ({
  run_id: summary.runId,
  workflow: summary.workflow,
  version: summary.version,
  status: summary.status,
  error_code: summary.errorCode,
  started_at: isoTime(summary.startedAt),
  ended_at: isoTime(summary.endedAt),
  duration_ms: durationMs(summary.startedAt, summary.endedAt),
});

export function errorJson(error: ErrorInfo | null): Record<string, unknown> | null {
  if (error === null) return null;
  const { code, message, retryable, node, details } = error;
  return { code, message, retryable, ...(node === undefined ? {} : { node }), ...(details === undefined ? {} : { details }) };
}

const originJson = ({ kind, parentRunId, scheduledAt }: Origin): Record<string, unknown> => ({
  kind,
  ...(parentRunId === undefined ? {} : { parent_run_id: parentRunId }),
  ...(scheduledAt === undefined ? {} : { scheduled_at: isoTime(scheduledAt) }),
});

/** `GET /runs/:id`. Input and output are complete, however large. */
export async function runJson(deps: RunJsonDeps, view: RunView): Promise<Record<string, unknown>> {
  const { tenant, runId } = view.summary;
  const { error_code: _, ...summary } = summaryJson(view.summary);
  return {
    ...summary,
    ...(view.origin.parentRunId === undefined ? {} : { parent_run_id: view.origin.parentRunId }),
    origin: originJson(view.origin),
    input: JSON.parse(await deps.payloads.get(tenant, runId, view.input)),
    output: await outputJson(deps, view),
    error: errorJson(view.error),
    waiting: view.waiting.map((wait) => waitJson(deps, view.summary, wait)),
    trace: await traceJson(deps, view, false),
  };
}

/**
 * The output of the run: the `data` of the node that gave it (a list of them, if it is in a loop), or an object of several by node;
 * `{omitted, items, bytes}` in place of each `data` when they are more than 10 MiB together, or more than 1,000 items.
 */
export async function outputJson(
  deps: RunJsonDeps,
  view: { readonly summary: RunSummary; readonly output: OutputSource },
): Promise<unknown> {
  const { tenant, runId } = view.summary;
  const dataOf = async (value: Value) => dataField(JSON.parse(await deps.payloads.get(tenant, runId, value)));
  const dataOfAll = async (values: readonly Value[]) => {
    const all: unknown[] = [];
    for (const value of values) all.push(await dataOf(value)); // large ones are not fetched all at once
    return all;
  };
  switch (view.output.kind) {
    case "none":
      return null;
    case "one":
      return dataOf(view.output.output);
    case "list":
      return dataOfAll(view.output.values);
    case "many": {
      const entries = view.output.outputs.map(async ({ node, isList, values }) => {
        const all = await dataOfAll(values);
        return [node, isList ? all : all[0]] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    }
    case "too_large":
      return Object.fromEntries(view.output.nodes.map(({ node, items, bytes }) => [node, { omitted: true, items, bytes }]));
  }
}

export function dataField(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !Object.hasOwn(answer, "data")) return null;
  return Object.getOwnPropertyDescriptor(answer, "data")?.value ?? null;
}

export function waitJson(deps: RunJsonDeps, { tenant, runId }: RunSummary, wait: Wait): Record<string, unknown> {
  return {
    node: wait.node,
    item: wait.item,
    reason: wait.reason,
    ...(wait.taskId === null ? {} : { task_id: wait.taskId }),
    ...addressesJson(deps, wait, wait.ref === null ? null : deps.ids.callbackToken(tenant, runId, wait.ref)),
    ...(wait.note === null ? {} : { note: wait.note }),
    ...(wait.childRuns.length === 0 ? {} : { child_runs: wait.childRuns }),
    since: isoTime(wait.since),
    expires_at: isoTime(wait.expiresAt),
  };
}

/** A page for people, and the address that takes the answer of anybody who can POST. */
function addressesJson({ publicUrl }: RunJsonDeps, { reason }: Wait, token: string | null): Record<string, unknown> {
  if (token === null) return {};
  const callback_url = `${publicUrl}/workflows/resume/${token}`;
  return reason === "approval" ? { approval_url: `${publicUrl}/approvals/${token}`, callback_url } : { callback_url };
}

/** The steps of a view. `full`: values up to 1 MiB are in it. */
export async function traceJson(deps: RunJsonDeps, view: RunView, full: boolean): Promise<readonly Record<string, unknown>[]> {
  const shown = createValuePrinter(deps, view.summary, full);
  const steps: Record<string, unknown>[] = [];
  // One after the other: the budget of a full page is used in order.
  for (const step of view.steps) steps.push(await stepJson(step, shown));
  return steps;
}

async function stepJson(step: StepView, shown: (value: Value | null) => Promise<unknown>): Promise<Record<string, unknown>> {
  return {
    node: step.node,
    item: step.item,
    status: step.status,
    attempt: step.attempt,
    part: step.component,
    part_digest: step.digest,
    started_at: isoTime(step.startedAt),
    ended_at: isoTime(step.endedAt),
    duration_ms: durationMs(step.startedAt, step.endedAt),
    fuel: step.fuel,
    cost_usd: null,
    input: await shown(step.input),
    output: await shown(step.output),
    error: errorJson(step.error),
    ...(step.crashSuspect ? { crash_suspect: true } : {}),
    ...(step.childRuns.length === 0 ? {} : { child_runs: step.childRuns }),
    events: step.events.map(({ seq, type, at, detail }) => ({ seq, type, at: isoTime(at), ...(detail === undefined ? {} : { detail }) })),
  };
}

function createValuePrinter(deps: RunJsonDeps, { tenant, runId }: RunSummary, full: boolean): (value: Value | null) => Promise<unknown> {
  let pageBytes = 0;
  return async (value) => {
    if (value === null) return null;
    const bytes = "json" in value ? Buffer.byteLength(value.json) : value.bytes;
    const isShown = full ? bytes <= MAX_FULL_VALUE_BYTES && pageBytes + bytes <= MAX_FULL_PAGE_BYTES : bytes <= MAX_TRACE_VALUE_BYTES;
    const reference = () => {
      const sha256 = "json" in value ? sha256Hex(value.json) : value.sha256;
      return { ref: `/runs/${runId}/values/${sha256}`, bytes, sha256 };
    };
    if (!isShown) return reference();
    pageBytes += bytes;
    const text = await deps.payloads.get(tenant, runId, value).catch((thrown: unknown) => {
      if (thrown instanceof ArcrunError && thrown.code === "value.missing") return undefined;
      throw thrown;
    });
    return text === undefined ? reference() : JSON.parse(text);
  };
}

/** The graph as boards draw it: nodes by name, edges with the words of the flow. */
export function graphJson(plan: Plan): Record<string, unknown> {
  const names = plan.vertices.map(({ node }) => node);
  const nodes = plan.vertices.map(({ key, node, kind, component, recipe, join, loops }) => ({
    key,
    node,
    kind,
    component: recipe ?? component,
    join,
    loops,
  }));
  return {
    nodes,
    edges: plan.edges.map(({ from, to, relation }) => ({ from: names[from], to: names[to], relation: relationWord(relation) })),
  };
}
