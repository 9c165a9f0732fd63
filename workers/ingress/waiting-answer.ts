/** What a caller is answered who waits for the run. */
import { json } from "../../shared/http/http-app.ts";
import { notFound } from "../../shared/http/problem.ts";
import { SECOND_MS, TRACE_PAGE_STEPS } from "../../shared/model/limits.ts";
import { toMermaid } from "../../shared/model/mermaid.ts";
import { isRunTerminal } from "../../shared/model/run.ts";
import type { RunView } from "../../shared/run-view.ts";
import { dataField, errorJson, graphJson, outputJson, traceJson, waitJson } from "../../shared/run-json.ts";
import type { IngressDeps } from "./deps.ts";
import { respondAnswer } from "./respond-answer.ts";

export type WaitWish = {
  readonly tenant: string;
  readonly runId: string;
  readonly seconds: number;
  /** `/query`: a success is answered by the bare output. */
  readonly bare: boolean;
  /** Nobody without a key is told how the run went inside, or where its callbacks go. */
  readonly withInside: boolean;
};

/** 200, 500, 202, or as a `respond` node says. */
export async function waitingAnswer(deps: IngressDeps, wish: WaitWish): Promise<Response> {
  const run = deps.runs.of(wish.tenant, wish.runId);
  await run.wait(wish.seconds * SECOND_MS);
  const view = await run.view({ offset: 0, limit: TRACE_PAGE_STEPS });
  if (!view) throw notFound();
  if (view.response !== null) return respondAnswer(dataField(JSON.parse(await deps.payloads.get(wish.tenant, wish.runId, view.response))));
  return isRunTerminal(view.summary.status) ? endedAnswer(deps, wish, view) : goingAnswer(deps, wish, view);
}

async function endedAnswer(deps: IngressDeps, { bare, withInside }: WaitWish, view: RunView): Promise<Response> {
  const { runId, status, startedAt, endedAt } = view.summary;
  const common = { run_id: runId, status };
  const inside = withInside ? { trace: await traceJson(deps, view, false) } : {};
  const duration_ms = Math.max(0, (endedAt ?? startedAt) - startedAt);
  if (status === "succeeded") {
    const data = await outputJson(deps, view);
    return bare ? json(data) : json({ success: true, ...common, data, ...inside, duration_ms });
  }
  const cancelled = { code: "run.cancelled", message: "the run was cancelled", retryable: false };
  const failure = view.error ?? cancelled;
  // Who came without a key learns that it failed, not how the workflow is made.
  const error = withInside ? { node: null, ...errorJson(failure) } : { code: failure.code, message: "the run failed", retryable: false };
  return json({ success: false, ...common, error, ...inside, duration_ms }, 500);
}

async function goingAnswer(deps: IngressDeps, { tenant, withInside }: WaitWish, view: RunView): Promise<Response> {
  const { runId, workflow, version, status } = view.summary;
  const common = { success: true, run_id: runId, workflow, version, status, status_url: statusUrl(deps, runId) };
  const wait = status === "waiting" ? view.waiting.find(({ reason }) => reason === "callback" || reason === "approval") : undefined;
  if (!wait) return json(common, 202);
  const drawing = withInside ? await deps.runs.of(tenant, runId).drawing() : null;
  const inside = withInside
    ? {
        trace: await traceJson(deps, view, false),
        graph: graphJson(view.plan),
        mermaid: toMermaid(view.plan, drawing?.tally),
        waiting: view.waiting.map((one) => waitJson(deps, view.summary, one)),
      }
    : {};
  const place = withInside ? { task_id: wait.taskId, paused_node_id: wait.node } : {};
  return json({ ...common, paused: true, ...place, ...inside }, 202);
}

export const statusUrl = (deps: Pick<IngressDeps, "publicUrl">, runId: string): string => `${deps.publicUrl}/runs/${runId}`;
