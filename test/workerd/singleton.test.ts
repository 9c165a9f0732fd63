import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { slotObjectName } from "../../shared/ids.ts";
import { startRun } from "../../shared/start-run.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { ids, planFor, succeed, TENANT } from "../support/workerd-runs.ts";
import { testEnv } from "../support/workerd-env.ts";

let pass: (ms: number) => void;
beforeEach(() => {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now });
  pass = (ms) => vi.setSystemTime(Date.now() + ms);
});
afterEach(() => {
  vi.useRealTimers();
});

const plan = planFor({
  flow: ["input >> ON_SUCCESS >> one"],
  config: { one: { component: "set", values: { a: 1 } } },
  policy: { run: { singleton: { key: "{{input.account}}", mode: "skip" } } },
});
const { deps } = createTestRunner();
let unique = 0;
const start = (account: string, key?: string) =>
  startRun(
    { ...deps, newUnique: () => `unique ${(unique += 1)}`, startRate: { take: () => undefined } },
    {
      tenant: TENANT,
      workflow: { name: "sample", plan },
      inputJson: JSON.stringify({ account }),
      origin: { kind: "webhook", depth: 0 },
      ...(key === undefined ? {} : { idempotency: { source: "caller", key } }),
    },
  );
const stubOf = (account: string) =>
  testEnv.SLOTS.get(testEnv.SLOTS.idFromName(slotObjectName(TENANT, "singleton", JSON.stringify(["sample", account]))));
const claim = (account: string, runId: string) =>
  deps.slots.of(TENANT, "singleton", JSON.stringify(["sample", account])).claimSingleton(TENANT, runId);
const finish = (runId: string) => succeed(deps.runs.of(TENANT, runId), "one");

it("while a run of its key goes, no second one is started; after its end one is", async () => {
  const first = await start("a");
  const [second, other] = [await start("a"), await start("b")];
  expect(second).toEqual({ runId: first.runId, version: first.version, replay: false, skipped: true, status: "running" });
  expect([other.skipped, other.runId === first.runId]).toEqual([false, false]);
  await finish(first.runId);
  const third = await start("a");
  expect([third.skipped, third.runId === first.runId]).toEqual([false, false]);
});

it("of many deliveries at once exactly one starts a run, and all are told its id", async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => start("crowd")));
  expect([all.filter(({ skipped }) => !skipped).length, new Set(all.map(({ runId }) => runId)).size]).toEqual([1, 1]);
});

it("a delivery that comes twice is one run, though that one goes", async () => {
  const first = await start("twice", "k");
  expect(await start("twice", "k")).toMatchObject({ runId: first.runId, replay: true, skipped: false });
  await finish(first.runId);
  await start("twice");
  expect(await start("twice", "k")).toMatchObject({ runId: first.runId, replay: true, skipped: false, status: "succeeded" });
});

it("a start that never happened is nobody's answer, and holds the key for seconds only", async () => {
  await claim("crash", ids.runId(TENANT, "never started"));
  await expect(start("crash")).rejects.toMatchObject({ code: "engine_unavailable" });
  pass(5001);
  expect((await start("crash")).skipped).toBe(false);
});

it("the object of a key forgets it when its run is over", async () => {
  const { runId } = await start("old");
  const kept = () => runInDurableObject(stubOf("old"), (_: unknown, { storage }: DurableObjectState) => storage.kv.get("singleton"));
  await runDurableObjectAlarm(stubOf("old"));
  expect(await kept()).toMatchObject({ runId });
  await finish(runId);
  await runDurableObjectAlarm(stubOf("old"));
  expect(await kept()).toBeUndefined();
});
