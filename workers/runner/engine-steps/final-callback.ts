/** The final callback: the signed result of a run, POSTed to the client's own address (Standard Webhooks), tried for a day. */
import { createHmac } from "node:crypto";
import { ArcrunError } from "../../../shared/model/errors.ts";
import { errorJson, outputJson } from "../../../shared/run-json.ts";
import type { RunnerDeps } from "../deps.ts";
import type { Attempt, Performed } from "../attempt.ts";
import { HttpRequest } from "../http-request.ts";
import { type EgressContext, sendRequest } from "../send-request.ts";

export async function runFinalCallback(attempt: Attempt, deps: RunnerDeps): Promise<Performed> {
  const { ending, run, step, generation } = attempt.assignment;
  if (ending === undefined) throw new Error("a final callback without an ending");
  const id = deps.ids.idempotencyKey(run.tenant, run.id, step, generation, 0);
  const body = JSON.stringify(await told(attempt, deps));
  const context: EgressContext = { tenant: run.tenant, runId: run.id, idempotencyKey: id, hosts: "any", deadline: attempt.deadline };
  const headers = { "content-type": "application/json", ...signature(id, body, deps.ids.signingKey(run.tenant), deps.now()) };
  const { status, retry_after_ms: retryAfterMs } = await sendRequest(
    HttpRequest.parse({ url: ending.url, method: "POST", headers, body, response: "text", follow_redirects: false }),
    context,
    deps,
  );
  if (status >= 200 && status < 300) return { kind: "answered", output: { success: true, data: { status } }, fuel: 0 };
  // Not where it was sent to, or not now. A redirect is not followed: what comes out at its other end was not signed for.
  // 410: the receiver does not want it any more.
  const error = new ArcrunError(status === 410 ? "http.status" : "http.status_retryable", `the final callback was answered ${status}`);
  return {
    kind: "failed",
    error: { code: error.code, message: error.message, retryable: status !== 410, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    fuel: 0,
  };
}

async function told({ assignment: { ending, run } }: Attempt, deps: RunnerDeps): Promise<Record<string, unknown>> {
  const common = { run_id: run.id, workflow: run.workflow, status: ending?.status };
  if (ending === undefined || ending.status !== "succeeded") return { ...common, error: errorJson(ending?.error ?? null) };
  const summary = {
    tenant: run.tenant,
    runId: run.id,
    workflow: run.workflow,
    version: run.version,
    status: ending.status,
    startedAt: run.startedAt,
    endedAt: null,
    errorCode: null,
    seq: 0,
  };
  return { ...common, data: await outputJson(deps, { summary, output: ending.output }) };
}

/** https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`. */
export function signature(id: string, body: string, key: Uint8Array, now: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const signed = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signed}` };
}
