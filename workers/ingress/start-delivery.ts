/** Starts the run of a delivery and answers it: at once, or when the run has come to something. */
import { type Call, json } from "../../shared/http/http-app.ts";
import { type StartWish, startRun } from "../../shared/start-run.ts";
import type { IngressDeps } from "./deps.ts";
import { statusUrl, waitingAnswer } from "./waiting-answer.ts";

export type Delivery = Omit<StartWish, "inputJson" | "origin"> & {
  readonly input: unknown;
  /** Undefined: the caller does not wait. */
  readonly seconds: number | undefined;
  readonly bare: boolean;
  readonly withInside: boolean;
};

export async function startDelivery(deps: IngressDeps, { background }: Pick<Call, "background">, delivery: Delivery): Promise<Response> {
  const { input, seconds, bare, withInside, ...wish } = delivery;
  const started = await startRun(deps, { ...wish, inputJson: JSON.stringify(input), origin: { kind: "webhook", depth: 0 } }, (work) =>
    background.waitUntil(work),
  );
  const { runId, version, replay, skipped, status } = started;
  // Who was skipped is not told how somebody else's run goes.
  if (seconds !== undefined && !skipped) return waitingAnswer(deps, { tenant: wish.tenant, runId, seconds, bare, withInside });
  const body = {
    success: true,
    run_id: runId,
    workflow: wish.workflow.name,
    version,
    status: replay || skipped ? status : "running",
    status_url: statusUrl(deps, runId),
  };
  return json({ ...body, ...(replay ? { idempotent_replay: true } : {}), ...(skipped ? { skipped: true } : {}) }, 202);
}
