/** A store that does not answer in the middle of an attempt: no attempt is spent, no answer thrown away, and no effect silently repeated. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ArcrunError } from "../../shared/model/errors.ts";
import type { Credentials, Payloads, Runs } from "../../shared/ports.ts";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { testEnv } from "../support/workerd-env.ts";
import { claimed, eventsOf, planFor, started, stopClock, succeed } from "../support/workerd-runs.ts";

const LARGE = "large ".repeat(10_000);
const away = () => Promise.reject(new ArcrunError("storage_unavailable", "the store does not answer; try again"));
const { payloads, credentials } = createTestRunner().deps;

/** The real payloads, of which the first `times` calls of the method get no answer. */
function payloadsAway(method: "get" | "put", times: number): Payloads & { readonly left: () => number } {
  let left = times;
  const isAway = (one: string) => one === method && left > 0 && left-- > 0;
  return {
    get: (tenant, run, value) => ("json" in value || !isAway("get") ? payloads.get(tenant, run, value) : away()),
    put: (tenant, run, json) => (json.length < LARGE.length || !isAway("put") ? payloads.put(tenant, run, json) : away()),
    left: () => left,
  };
}

const calling = (config: object = {}, policy: object = {}) =>
  planFor({
    flow: ["input >> ON_SUCCESS >> call"],
    config: { call: { component: "http_request", url: "https://api.example/", ...config } },
    policy: { call: policy },
  });

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

it("a pure step waits for what it reads, and says so", async () => {
  const plan = planFor({
    flow: ["input >> ON_SUCCESS >> copy"],
    config: { copy: { component: "set", values: { chars: "{{size(input.text)}}" } } },
  });
  const { deps, counted } = createTestRunner({ payloads: payloadsAway("get", 2) });
  const input = await payloads.put("default", "input of another run", JSON.stringify({ text: LARGE }));
  const { run, stub } = await started("reads", plan, { input });
  const stored = "json" in input ? undefined : await payloads.get("default", "input of another run", input);
  await payloads.put("default", (await run.view({ offset: 0, limit: 1 }))?.summary.runId ?? "", stored ?? "");
  for (let time = 0; time < 3; time += 1) {
    await executeAndSettle([await claimed(run, "copy")], deps);
    if (time === 0)
      expect((await run.view({ offset: 0, limit: 1 }))?.waiting).toMatchObject([{ node: "copy", note: /store of the engine/ }]);
    pass(10_000);
  }
  const view = await run.view({ offset: 0, limit: 1 });
  expect([view?.summary.status, view?.steps[0]?.attempt]).toEqual(["succeeded", 1]);
  expect(await eventsOf(stub)).toEqual([
    ["run.started"],
    ["step.paused", "copy"],
    ["step.paused", "copy"],
    ["step.succeeded", "copy"],
    ["run.ended"],
  ]);
  expect(counted).toEqual(["set paused", "set paused", "set succeeded"]);
});

it("a request waits for its secret, and nothing is sent before", async () => {
  await credentials.put("default", "TOKEN", "a-secret-value", ["api.example"]);
  let asked = 0;
  const reveal: Credentials["reveal"] = (tenant, name) => ((asked += 1) === 1 ? away() : credentials.reveal(tenant, name));
  const { transport, sent } = fakeTransport(() => new Response("ok"));
  const { deps } = createTestRunner({ transport, credentials: { ...credentials, reveal } });
  const { run, stub } = await started("secret", calling({ headers: { authorization: "{{credential.TOKEN}}" } }));
  await executeAndSettle([await claimed(run, "call")], deps);
  expect([sent.length, (await eventsOf(stub)).at(-1)]).toEqual([0, ["step.paused", "call"]]);
  pass(10_000);
  await executeAndSettle([await claimed(run, "call")], deps);
  const view = await run.view({ offset: 0, limit: 1 });
  expect([sent.map(({ headers }) => headers["authorization"]), view?.summary.status, view?.steps[0]?.attempt]).toEqual([
    ["a-secret-value"],
    "succeeded",
    1,
  ]);
});

it("the answer of a request is kept until it is stored, and is not asked for again", async () => {
  vi.useRealTimers();
  const { transport, sent } = fakeTransport(() => new Response(LARGE));
  const store = payloadsAway("put", 2);
  const { deps } = createTestRunner({ transport, payloads: store });
  const { run, stub } = await started("answer", calling());
  await executeAndSettle([await claimed(run, "call")], deps);
  expect([sent.length, store.left(), (await eventsOf(stub)).at(-2)]).toEqual([1, 0, ["step.succeeded", "call"]]);
});

it("one that cannot be stored in its time is asked for again under its key, in the same attempt", async () => {
  vi.useRealTimers();
  const { transport, sent } = fakeTransport(() => new Response(LARGE));
  const { deps } = createTestRunner({ transport, payloads: payloadsAway("put", 2) });
  const { run, stub } = await started("late answer", calling({}, { timeout: "100ms" }));
  await executeAndSettle([await claimed(run, "call")], deps);
  expect((await eventsOf(stub)).at(-1)).toEqual(["step.paused", "call"]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
  await executeAndSettle([await claimed(run, "call")], createTestRunner({ transport }).deps);
  const keys = new Set(sent.map(({ headers }) => headers["idempotency-key"]));
  expect([sent.length, keys.size, (await run.view({ offset: 0, limit: 1 }))?.steps[0]?.attempt]).toEqual([2, 1, 1]);
});

it("what must happen once is not repeated: nobody knows what came of it", async () => {
  vi.useRealTimers();
  const plan = calling({}, { timeout: "100ms" });
  const once = { ...plan, vertices: plan.vertices.map((vertex) => ({ ...vertex, effects: "once" as const })) };
  const { transport, sent } = fakeTransport(() => new Response(LARGE));
  const { deps } = createTestRunner({ transport, payloads: payloadsAway("put", 9) });
  const { run, stub } = await started("once", once);
  await executeAndSettle([await claimed(run, "call")], deps);
  expect((await eventsOf(stub)).at(-1)).toEqual(["step.leased", "call"]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  await run.claim(["call"]);
  expect([sent.length, (await run.view({ offset: 0, limit: 1 }))?.steps[0]?.status]).toEqual([1, "unknown"]);
});

it.each([
  ["the answer to a wait", { component: "wait_for_callback" }],
  ["the end of a time", { component: "wait", duration: "1s" }],
])("%s is not forgotten for it", async (name, config) => {
  const plan = planFor({
    flow: ["input >> ON_SUCCESS >> pause", "pause >> ON_SUCCESS >> after"],
    config: { pause: { ...config, note: "{{input.text}}" }, after: { component: "set", values: { data: "{{pause.data}}" } } },
  });
  const { runId: id } = (await (await started(`the run before ${name}`, plan)).run.view({ offset: 0, limit: 1 }))?.summary ?? { runId: "" };
  const input = await payloads.put("default", id, JSON.stringify({ text: LARGE.slice(0, 40_000) }));
  const { run, stub } = await started(name, plan, { input });
  const { runId } = (await run.view({ offset: 0, limit: 1 }))?.summary ?? { runId: "" };
  await payloads.put("default", runId, JSON.stringify({ text: LARGE.slice(0, 40_000) }));
  await executeAndSettle([await claimed(run, "pause")], createTestRunner().deps);
  const data = await payloads.put("default", runId, JSON.stringify({ text: LARGE }));
  if (config.component === "wait_for_callback") await run.answer({ taskId: null }, { success: true, data, digest: "d" }, { text: LARGE });
  pass(2000);
  const { deps } = createTestRunner({ payloads: payloadsAway("get", 2) });
  for (let time = 0; time < 3; time += 1) {
    await executeAndSettle([await claimed(run, "pause")], deps);
    pass(10_000);
  }
  await succeed(run, "after");
  const steps = (await run.view({ offset: 0, limit: 9 }))?.steps ?? [];
  expect(steps.map(({ status, attempt }) => [status, attempt])).toEqual([
    ["succeeded", 1],
    ["succeeded", 1],
  ]);
  expect((await eventsOf(stub)).filter(([type]) => type === "step.paused")).toHaveLength(3);
});

it("what must happen once waits when its part cannot be read: nothing has happened", async () => {
  const plan = calling();
  const once = { ...plan, vertices: plan.vertices.map((vertex) => ({ ...vertex, effects: "once" as const })) };
  const manifest = PART_MANIFESTS["http_request"];
  if (manifest === undefined) throw new Error("there is no part `http_request`");
  const { deps } = createTestRunner({ parts: { find: () => ({ manifest, run: away }) } });
  const { run, stub } = await started("bytes", once);
  await executeAndSettle([await claimed(run, "call")], deps);
  expect((await eventsOf(stub)).at(-1)).toEqual(["step.paused", "call"]);
});

it("a poll that had to wait for its secret is no poll that had an answer: a wrong address is told as soon as ever", async () => {
  await credentials.put("default", "POLLED", "a-secret-value", ["api.example"]);
  let asked = 0;
  const reveal: Credentials["reveal"] = (tenant, name) => ((asked += 1) === 1 ? away() : credentials.reveal(tenant, name));
  const { transport } = fakeTransport(() => {
    throw new Error("there is no such host");
  });
  const { deps } = createTestRunner({ transport, credentials: { ...credentials, reveal } });
  const request = { url: "https://api.example/{{credential.POLLED}}" };
  const config = { poll: { component: "poll_task", request, every: "1s", done_when: "false" } };
  const { run, stub } = await started("poll", planFor({ flow: ["input >> ON_SUCCESS >> poll"], config }));
  for (let time = 0; time < 4; time += 1) {
    await executeAndSettle([await claimed(run, "poll")], deps);
    pass(100_000);
  }
  const types = (await eventsOf(stub)).map(([type]) => type).filter((type) => type?.startsWith("step.") && type !== "step.leased");
  expect(types).toEqual(["step.paused", "step.retrying", "step.retrying", "step.failed"]);
});

const steps = (name: string, effects: "pure" | "idempotent", policy: object = {}) => {
  const plan = planFor({
    flow: [`input >> ON_SUCCESS >> ${name}`],
    config: { [name]: { component: "set", values: { text: "{{input.text}}" } } },
    policy: { [name]: policy },
  });
  return { ...plan, vertices: plan.vertices.map((vertex) => (vertex.key === name ? { ...vertex, effects } : vertex)) };
};

it("in the lane of pure steps nobody waits for an answer to be stored: the step does", async () => {
  vi.useRealTimers();
  const store = payloadsAway("put", 9);
  const { deps } = createTestRunner({ payloads: store });
  const { run, stub } = await started("waits alone", steps("one", "idempotent"), { input: { json: JSON.stringify({ text: LARGE }) } });
  await executeAndSettle([await claimed(run, "one")], deps);
  expect([store.left(), (await eventsOf(stub)).at(-1)]).toEqual([8, ["step.paused", "one"]]);
});

it("in the lane of pure steps an object that does not answer is told again for a moment only", async () => {
  vi.useRealTimers();
  let told = 0;
  const real = createRuns(testEnv.RUNS);
  const settle = () => ((told += 1), away());
  const of: Runs["of"] = (tenant, id) => ({ ...real.of(tenant, id), settle });
  const { deps } = createTestRunner({ runs: { of } });
  const plan = steps("one", "pure", { concurrency: { key: "k", limit: 5 }, timeout: "30s" });
  const { run } = await started("told", plan, { input: { json: JSON.stringify({ text: "short" }) } });
  await executeAndSettle([await claimed(run, "one")], deps);
  expect(told).toBeGreaterThan(1);
  expect(told).toBeLessThan(8); // twenty in the time of the step
});
