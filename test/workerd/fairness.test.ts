/** Two tenants on one engine, with the real queues: what the flood of one costs the other. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createEngine } from "../support/engine-harness.ts";

const FLOOD = 40;
const QUEUE = 12;
/** Several batches for each run, however many of them one batch goes on with. */
const HOPS = 300;
const { server, ingress, api, start } = createEngine("examples/other-worker/wrangler.toml");
const nodes = Array.from({ length: HOPS }, (_, index) => `n${index}`);
const chain = (name: string, names: readonly string[]) => ({
  name,
  description: "for a test",
  flow: names.map((node, index) => `${names[index - 1] ?? "input"} >> ON_SUCCESS >> ${node}`),
  config: Object.fromEntries(names.map((node) => [node, { component: "set", values: { node } }])),
});

beforeAll(start, 60_000);
afterAll(() => server.close());

type Trace = { readonly steps: readonly { readonly attempt: number; readonly events: readonly { readonly type: string }[] }[] };

it("runs whose steps want the same slot all end, one after the other, at their first attempt", async () => {
  const limited = { ...chain("limited", ["only"]), policy: { only: { concurrency: { key: "one at a time", limit: 1 } } } };
  await api("/webhooks/named", { method: "POST", body: JSON.stringify(limited) });
  const trigger = () => api<{ run_id: string }>("/webhooks/named/limited/trigger", { method: "POST", body: "{}" });
  const runs = await Promise.all(Array.from({ length: QUEUE }, trigger));
  const statuses = () => Promise.all(runs.map(async ({ run_id }) => (await api<{ status: string }>(`/runs/${run_id}`)).status));
  await vi.waitFor(async () => expect(new Set(await statuses())).toEqual(new Set(["succeeded"])), 25_000);
  const traces = await Promise.all(runs.map(({ run_id }) => api<Trace>(`/runs/${run_id}/trace`)));
  const steps = traces.flatMap((trace) => trace.steps);
  expect(steps.map(({ attempt }) => attempt)).toEqual(runs.map(() => 1));
  console.log(
    `slots: ${steps.filter(({ events }) => events.some(({ type }) => type === "step.queued")).length} of ${QUEUE} steps had to wait`,
  );
});

it("a run of one tenant ends while most runs of another one's flood are going", async () => {
  await api("/webhooks/named", { method: "POST", body: JSON.stringify(chain("flood", nodes)) });
  await api("/webhooks/named", { method: "POST", tenant: "other", body: JSON.stringify(chain("calm", ["only"])) });
  await Promise.all(Array.from({ length: FLOOD }, () => api("/webhooks/named/flood/trigger", { method: "POST", body: "{}" })));
  const calm = await api<{ status: string }>("/webhooks/named/calm/trigger?wait=25", { method: "POST", tenant: "other", body: "{}" });
  const { DB } = await ingress.getEnv();
  const ended = async () =>
    (await DB.prepare("SELECT count(*) AS n FROM runs WHERE workflow = 'flood' AND status = 'succeeded'").first<{ n: number }>())?.n ?? 0;
  const before = await ended();
  console.log(`fairness: one run of B (1 step) ended when ${before} of ${FLOOD} runs of A (${HOPS} steps each) had`);
  expect([calm.status, before < FLOOD / 2]).toEqual(["succeeded", true]);
});
