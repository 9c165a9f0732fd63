/** The ingress app over ports in memory, called as a client calls it. */
import { expect } from "vitest";
import type { StoredPart } from "../../../shared/ports.ts";
import type { FailureBudget } from "../../../shared/failure-budget.ts";
import { rememberSecrets } from "../../../shared/adapters/remembered-secret.ts";
import type { SingletonReply } from "../../../shared/slots/slot-api.ts";
import { createStartRate } from "../../../shared/start-rate.ts";
import type { Started, StartRun } from "../../../shared/run-api.ts";
import { createIngressApp } from "../../../workers/ingress/app.ts";
import { createPartCatalogue } from "../../../shared/part-catalogue.ts";
import type { IngressDeps } from "../../../workers/ingress/deps.ts";
import { COMPONENTS } from "../../support/fake-catalogue.ts";
import {
  apiKey,
  background,
  fakeCatalogue,
  fakeHints,
  fakeKeys,
  fakeRuns,
  fakeSlots,
  fakeSchedules,
  fakeUploadedParts,
  ids,
  inlinePayloads,
  patient,
  summary,
} from "../fake-stores.ts";

export type Answers = Parameters<typeof fakeRuns>[0];
export const ALL = ["admin", "deploy", "trigger", "read"] as const;
export const accept = (run: StartRun): Promise<Started> =>
  Promise.resolve({ created: true, mismatch: false, version: run.plan.version, summary: summary({ runId: run.runId }), hints: [] });

/** What a test may set beside what the run object answers. */
export type Settings = { readonly singleton?: SingletonReply; readonly startRate?: number; readonly failures?: FailureBudget };

export function ingress(answers: Answers = {}, { singleton, startRate = 1000, failures = patient }: Settings = {}) {
  const runs = fakeRuns({ start: accept, ...answers });
  const credentials = new Map<string, string>();
  const laid = new Map<string, StoredPart & { readonly bytes: number }>();
  const scheduled = fakeSchedules();
  let unique = 0;
  const uploadedParts = fakeUploadedParts();
  const deps: IngressDeps = {
    ids,
    runs,
    slots: fakeSlots(singleton),
    startRate: createStartRate(startRate, () => 0),
    failures,
    rememberedSecrets: rememberSecrets({ reveal: (tenant, name) => deps.credentials.reveal(tenant, name) }, () => 0),
    hints: fakeHints(),
    payloads: inlinePayloads,
    index: {
      upsert: () => Promise.resolve(),
      remove: () => Promise.resolve(),
      list: () => Promise.resolve({ runs: [summary()], nextCursor: null }),
      addDeadLetters: () => Promise.resolve(),
      takeDeadLetters: () => Promise.resolve(),
      deadLetters: () => Promise.resolve({ letters: [], nextCursor: null }),
      deadLetter: () => Promise.resolve(undefined),
    },
    teller: { tell: () => Promise.resolve() },
    catalogue: fakeCatalogue(scheduled.kept),
    schedules: scheduled.schedules,
    keepers: scheduled.keepers,
    components: { find: (name) => COMPONENTS.get(name), names: () => COMPONENTS.keys() },
    parts: createPartCatalogue(uploadedParts),
    uploadedParts,
    partStore: { put: (digest, part, wasm) => Promise.resolve(void laid.set(digest, { ...part, bytes: wasm.byteLength })) },
    keys: fakeKeys(
      { name: "owner", tenant: "default", scopes: ALL },
      { name: "b", tenant: "b", scopes: ALL },
      ...ALL.map((scope) => ({ name: scope, tenant: "default", scopes: [scope] })),
    ),
    credentials: {
      put: (tenant, name, value) => Promise.resolve(credentials.set(`${tenant}/${name}`, value) && "created"),
      list: (tenant) =>
        Promise.resolve(
          [...credentials.keys()]
            .filter((key) => key.startsWith(`${tenant}/`))
            .map((key) => ({ name: key.slice(tenant.length + 1), hosts: [], createdAt: 0 })),
        ),
      remove: () => Promise.resolve(false),
      reveal: (tenant, name) =>
        Promise.resolve(
          credentials.has(`${tenant}/${name}`) ? { value: credentials.get(`${tenant}/${name}`) ?? "", hosts: [] } : undefined,
        ),
    },
    counters: { totals: () => Promise.resolve([{ name: "arcrun_steps_total", labels: { part: "set", outcome: "succeeded" }, value: 2 }]) },
    gauges: () => Promise.resolve([{ queue: "arcrun-io", backlog: 3, oldestSeconds: 1.5 }]),
    forward: (request) => Promise.resolve(new Response(`passed on ${new URL(request.url).pathname}`)),
    publicUrl: "http://arcrun.test",
    now: () => 1_790_000_000_000,
    newRequestId: () => `req_${unique++}`,
    newUnique: () => `unique ${unique++}`,
    randomHex: (bytes) => String(unique++).padStart(2 * bytes, "0"),
  };
  const app = createIngressApp(deps);
  const call = async (method: string, path: string, { key = "owner", body, headers = {}, type }: Sent = {}) => {
    const auth: Record<string, string> = key === null ? {} : { "x-arcrun-api-key": apiKey(key) };
    const raw = body === undefined || typeof body === "string" || body instanceof FormData ? body : JSON.stringify(body);
    const typed =
      raw === undefined || (raw instanceof FormData && type === undefined) ? {} : { "content-type": type ?? "application/json" };
    const all = { ...auth, ...typed, ...headers };
    const response = await app.fetch(
      new Request(`http://a${path}`, { method, headers: all, ...(raw === undefined ? {} : { body: raw }) }),
      background,
    );
    const answer = await response.text();
    return { status: response.status, headers: response.headers, text: answer, body: jsonOrNull(answer) };
  };
  const started = () => runs.calls.filter(({ method }) => method === "start").map(({ args }) => args[0] as StartRun); // the only argument of `start`
  return { app, call, runs, started, deps, laid, scheduled };
}
export type Sent = { key?: string | null; body?: unknown; headers?: Record<string, string>; type?: string };
function jsonOrNull(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const definition = (more: object = {}) => ({
  name: "w",
  description: "d",
  flow: ["input >> ON_SUCCESS >> a"],
  config: { a: { component: "set", values: {} } },
  ...more,
});
export async function pushed(more: object = {}, answers: Answers = {}, settings: Settings = {}) {
  const world = ingress(answers, settings);
  expect((await world.call("POST", "/webhooks/named", { body: definition(more) })).status).toBe(201);
  return world;
}
export const TRIGGER = "/webhooks/named/w/trigger";
