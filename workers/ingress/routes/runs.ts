/** Looking at runs. An id carries a MAC of its tenant: another's and an unknown one are refused without touching any object (R10). */
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { pageLimit } from "../../../shared/http/parse-request.ts";
import { invalid, notFound } from "../../../shared/http/problem.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { TRACE_PAGE_STEPS } from "../../../shared/model/limits.ts";
import { toMermaid } from "../../../shared/model/mermaid.ts";
import { RUN_STATUSES, type RunStatus } from "../../../shared/model/run.ts";
import type { RunApi } from "../../../shared/run-api.ts";
import { runJson, summaryJson, traceJson } from "../../../shared/run-json.ts";
import type { IngressDeps } from "../deps.ts";
import { eventStream } from "../event-stream.ts";

export const runRoutes: readonly Route<IngressDeps>[] = [
  { method: "GET", path: "/runs", scope: "read", handle: list },
  { method: "GET", path: "/runs/:id", scope: "read", handle: show },
  { method: "GET", path: "/runs/:id/mermaid", scope: "read", handle: mermaid },
  { method: "GET", path: "/runs/:id/trace", scope: "read", handle: trace },
  { method: "GET", path: "/runs/:id/events", scope: "read", handle: events },
  { method: "GET", path: "/runs/:id/values/:sha256", scope: "read", handle: value },
];

/** The run of the path, if it is one of the caller's. Throws `not_found`. */
export function ownRun(deps: IngressDeps, { param, key }: KeyedCall): { readonly runId: string; readonly run: RunApi } {
  const runId = param("id");
  if (!deps.ids.isRunOf(key.tenant, runId)) throw notFound();
  return { runId, run: deps.runs.of(key.tenant, runId) };
}

async function list(deps: IngressDeps, { query, key }: KeyedCall): Promise<Response> {
  const [workflow, cursor] = [query.get("workflow"), query.get("cursor")];
  const status = statusIn(query);
  const sinceMs = sinceIn(query);
  const { runs, nextCursor } = await deps.index.list(key.tenant, {
    limit: pageLimit(query),
    ...(workflow === null ? {} : { workflow }),
    ...(cursor === null || cursor === "" ? {} : { cursor }),
    ...(status === undefined ? {} : { status }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  });
  return json({ runs: runs.map(summaryJson), next_cursor: nextCursor });
}

function statusIn(query: URLSearchParams): RunStatus | undefined {
  const asked = query.get("status");
  const status = RUN_STATUSES.find((one) => one === asked);
  if (asked !== null && status === undefined) throw invalid("/status", `expected one of ${RUN_STATUSES.join(", ")}`);
  return status;
}

function sinceIn(query: URLSearchParams): number | undefined {
  const since = query.get("since");
  if (since === null) return undefined;
  const moment = /^\d+$/.test(since) ? Number(since) : Date.parse(since);
  if (!Number.isFinite(moment)) throw invalid("/since", "expected a time such as 2026-01-31T12:00:00Z, or milliseconds");
  return moment;
}

async function show(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const view = await ownRun(deps, call).run.view({ offset: 0, limit: TRACE_PAGE_STEPS });
  if (!view) throw notFound();
  return json({ ...(await runJson(deps, view)), ...(await included(deps, call)) });
}

/** The drawing of the run as text: what Mermaid takes, and what a Markdown page shows in a block. */
async function mermaid(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  return new Response(`${await drawn(deps, call)}\n`, { headers: { "content-type": "text/vnd.mermaid; charset=utf-8" } });
}

async function drawn(deps: IngressDeps, call: KeyedCall): Promise<string> {
  const found = await ownRun(deps, call).run.drawing();
  if (!found) throw notFound();
  return toMermaid(found.plan, found.tally);
}

/** `?include=mermaid`. */
async function included(deps: IngressDeps, call: KeyedCall): Promise<{ readonly mermaid?: string }> {
  const wanted = call.query.get("include");
  if (wanted === null) return {};
  if (wanted !== "mermaid") throw invalid("/include", "expected mermaid");
  return { mermaid: await drawn(deps, call) };
}

async function trace(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { run } = ownRun(deps, call);
  const cursor = call.query.get("cursor") ?? "";
  if (!/^\d{0,9}$/.test(cursor)) throw invalid("/cursor", "not a cursor of this list");
  const limit = call.query.has("limit") ? pageLimit(call.query) : TRACE_PAGE_STEPS;
  const view = await run.view({ offset: Number(cursor), limit });
  if (!view) throw notFound();
  const steps = await traceJson(deps, view, call.query.get("full") === "1");
  const next_cursor = view.nextOffset === null ? null : String(view.nextOffset);
  return json({ steps, next_cursor, ...(await included(deps, call)) });
}

async function events(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { run } = ownRun(deps, call);
  const last = call.request.headers.get("last-event-id") ?? call.query.get("after") ?? "";
  const afterSeq = /^\d{1,9}$/.test(last.trim()) ? Number(last) : 0;
  const first = await run.events(afterSeq, 0);
  if (first === null) throw notFound();
  return eventStream(deps, run, afterSeq, first);
}

async function value(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  const { runId, run } = ownRun(deps, call);
  const sha256 = call.param("sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw notFound();
  const text = (await run.inlineValue(sha256)) ?? (await storedValue(deps, call.key.tenant, runId, sha256));
  const headers = { "content-type": "application/json", "content-security-policy": "sandbox", "x-content-type-options": "nosniff" };
  return new Response(text, { headers });
}

async function storedValue(deps: IngressDeps, tenant: string, runId: string, sha256: string): Promise<string> {
  try {
    return await deps.payloads.get(tenant, runId, { sha256, bytes: 0 });
  } catch (thrown) {
    if (thrown instanceof ArcrunError && thrown.code === "value.missing") throw notFound();
    throw thrown;
  }
}
