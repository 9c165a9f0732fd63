/**
 * What runs ask of the platform in production, counted where it counts for its bill. `bench/scale.mjs` multiplies these numbers, so they lie in
 * `bench/counts.json`; after a change that is meant: `npx vitest run -c vitest.workerd.config.ts run-cost -u && npm run docs`.
 */
import {
  createExecutionContext,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createCounterStore } from "../../shared/adapters/d1-counters.ts";
import { createRunIndex } from "../../shared/adapters/d1-run-index.ts";
import { createKeys } from "../../shared/adapters/d1-keys.ts";
import { sha256Hex } from "../../shared/ids.ts";
import { createCounters } from "../../shared/metrics.ts";
import { SCOPES } from "../../shared/ports.ts";
import type { RunSummary } from "../../shared/run-view.ts";
import { createIngressApp } from "../../workers/ingress/app.ts";
import { wire } from "../../workers/ingress/wire.ts";
import { consume } from "../../workers/runner/consume.ts";
import { RunObject } from "../../workers/runner/index.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { openBill } from "../support/workerd-bill.ts";
import { objectById } from "../support/workerd-children.ts";
import { testEnv } from "../support/workerd-env.ts";
import { createTestRunner, deliver } from "../support/workerd-runner.ts";
import { alarmOf, runIdOf, stopClock, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";

const QUEUE = "arcrun-steps";
const API_KEY = `ak_${"0".repeat(48)}`;
const MOST_ROUNDS = 200;
const MOST_ALARMS = 10;
const INDEXED = 2000;
const SIZE_STEP = 50;
const LARGE = "x".repeat(64 * 1024);
/** Of one Worker's isolate; production has no remembered versions and no offers. */
const app = createIngressApp(wire({ ...testEnv, CALLBACK: testEnv.TAP, TRIGGERS: testEnv.STEPS }));
const calls = { start: 0, claim: 0, settle: 0, alarm: 0 };

beforeEach(async () => {
  stopClock();
  await createKeys(testEnv.DB, Date.now).add(
    { id: "k", tenant: TENANT, name: "k", scopes: SCOPES, createdAt: 0, seeded: false },
    sha256Hex(API_KEY),
  );
  for (const name of ["start", "claim", "settle", "alarm"] as const) {
    calls[name] = 0;
    const method = RunObject.prototype[name];
    vi.spyOn(RunObject.prototype, name).mockImplementation(function (this: RunObject, ...given: readonly unknown[]) {
      calls[name] += 1;
      return Reflect.apply(method, this, given);
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const context = createExecutionContext();
  const headers = { "x-arcrun-api-key": API_KEY, "content-type": "application/json" };
  const response = await app.fetch(new Request(`http://arcrun${path}`, { method: "POST", headers, body: JSON.stringify(body) }), context);
  await waitOnExecutionContext(context);
  const answer = await response.json<Record<string, unknown>>();
  expect(response.ok, JSON.stringify(answer)).toBe(true);
  return answer;
}

/** Each step hands on what it was given. */
function chainOf(steps: number) {
  const names = Array.from({ length: steps }, (_, i) => `s${i}`);
  const given = (i: number): string => (i === 0 ? "{{input.n}}" : `{{s${i - 1}.data.n}}`);
  return {
    flow: names.map((name, i) => `${names[i - 1] ?? "input"} >> ON_SUCCESS >> ${name}`),
    config: Object.fromEntries(names.map((name, i) => [name, { component: "set", values: { n: given(i) } }])),
  };
}

function fanOf(width: number) {
  const names = Array.from({ length: width }, (_, i) => `s${i}`);
  const set = { component: "set", values: { n: "{{input.n}}" } };
  return {
    flow: ["input >> ON_SUCCESS >> first", ...names.flatMap((name) => [`first >> ON_SUCCESS >> ${name}`, `${name} >> ON_SUCCESS >> last`])],
    config: Object.fromEntries(["first", ...names, "last"].map((name) => [name, set])),
  };
}

/** From the delivery to the day on which the run is forgotten. */
async function billOf(definition: { readonly flow: readonly string[]; readonly config: object }, n: unknown) {
  await post("/webhooks/named", { name: "counted", description: "for the count", ...definition });
  await post("/webhooks/named/counted/trigger", { n: 0 }); // the key is remembered now
  await drainQueues();
  Object.assign(calls, { start: 0, claim: 0, settle: 0, alarm: 0 });
  const { deps } = createTestRunner({ goOnMs: 200 });
  const bill = await openBill(objectById("nobody").stub);
  const { run_id: id } = await post("/webhooks/named/counted/trigger", { n });
  const object = objectById(String(id));
  let batches = 0;
  for (; batches < MOST_ROUNDS; batches += 1) {
    const hints = (await drainQueues()).map(({ body }) => body);
    if (hints.length === 0) break;
    await deliver(QUEUE, hints, (batch) => consume(batch, stepsLane, deps));
  }
  expect(await object.run.wait(0)).toBe("succeeded");
  const objectBytes = await sizeOf(object.stub);
  for (let rung = 0; rung < MOST_ALARMS; rung += 1) {
    const at = await alarmOf(object.stub);
    if (at === null) break;
    vi.setSystemTime(at);
    await evictDurableObject(object.stub); // as it will be by then
    await runDurableObjectAlarm(object.stub);
  }
  expect(await alarmOf(object.stub)).toBeNull();
  return { steps: Object.keys(definition.config).length, batches, ...calls, ...(await bill.stop()), objectBytes };
}

const sizeOf = (stub: DurableObjectStub) =>
  runInDurableObject(stub, (_: unknown, { storage }: DurableObjectState) => storage.sql.databaseSize);

/** What a run takes of the index while it is kept, rows of indexes included. How full pages are is a matter of luck. */
async function indexBytes(): Promise<number> {
  const size = async () => (await testEnv.DB.prepare("SELECT 1").all()).meta.size_after;
  const before = await size();
  const summaries = Array.from({ length: INDEXED }, (_, i): RunSummary => {
    const runId = runIdOf(`indexed ${i}`);
    const version = sha256Hex("a version");
    return { tenant: TENANT, runId, workflow: "counted", version, status: "succeeded", startedAt: i, endedAt: i, errorCode: null, seq: 9 };
  });
  await createRunIndex(testEnv.DB).upsert(summaries);
  return SIZE_STEP * Math.round(((await size()) - before) / INDEXED / SIZE_STEP);
}

/** A flush of the counters when their rows are there already. */
async function flushBill() {
  const counters = createCounters();
  const store = createCounterStore(testEnv.DB, Date.now);
  const flush = async () => {
    counters.step("set", "succeeded", 1);
    counters.objectCall();
    counters.hinted(1);
    await store.add(counters.drain());
  };
  await flush();
  const bill = await openBill(objectById("nobody").stub);
  await flush();
  const { d1RowsRead, d1RowsWritten } = await bill.stop();
  return { d1RowsRead, d1RowsWritten };
}

it(
  "A run costs what is written in bench/counts.json, from its start to the day on which it is forgotten",
  { timeout: 60_000 },
  async () => {
    const counts = {
      chains: [await billOf(chainOf(5), 1), await billOf(chainOf(10), 1), await billOf(chainOf(40), 1)],
      fan: await billOf(fanOf(100), 1),
      large: { bytes: LARGE.length, ...(await billOf(chainOf(10), LARGE)) },
      flush: await flushBill(),
      indexBytes: await indexBytes(),
    };
    await expect(`${JSON.stringify(counts, null, 2)}\n`).toMatchFileSnapshot("../../bench/counts.json");
  },
);
