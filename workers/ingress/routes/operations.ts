/** For those who operate the installation: is it alive, how much lies in its queues, what did it do. */
import { json, type KeyedCall, type Route } from "../../../shared/http/http-app.ts";
import { prometheusText } from "../../../shared/metrics.ts";
import { ArcrunError } from "../../../shared/model/errors.ts";
import type { IngressDeps } from "../deps.ts";
import { OPERATOR_TENANT } from "./keys.ts";

export const operationRoutes: readonly Route<IngressDeps>[] = [
  { method: "GET", path: "/health", scope: null, handle: () => Promise.resolve(json({ ok: true })) },
  { method: "GET", path: "/metrics", scope: "read", handle: metrics },
  { method: "GET", path: "/stats", scope: "read", handle: stats },
];

/** Counts are of the whole installation, of all tenants. */
function requireOperator({ key }: KeyedCall): void {
  if (key.tenant !== OPERATOR_TENANT) throw new ArcrunError("forbidden", "the numbers of the installation are for its operator");
}

async function metrics(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  requireOperator(call);
  const [totals, gauges] = await Promise.all([deps.counters.totals(), deps.gauges()]);
  return new Response(prometheusText(totals, gauges), { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
}

async function stats(deps: IngressDeps, call: KeyedCall): Promise<Response> {
  requireOperator(call);
  const [totals, gauges] = await Promise.all([deps.counters.totals(), deps.gauges()]);
  const queues = gauges.map(({ queue, backlog, oldestSeconds }) => ({ queue, backlog, oldest_seconds: oldestSeconds }));
  return json({ queues, counters: totals.filter(({ name }) => !name.includes("_duration_")) });
}
