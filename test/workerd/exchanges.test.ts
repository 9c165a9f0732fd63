/** A part that makes calls, in the real run object: what is logged between two of them, and what a crash or a pause leaves. */
import { describe, expect, it } from "vitest";
import { evictDurableObject } from "cloudflare:test";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { parsePartManifest } from "../../shared/part-manifest.ts";
import type { Answer } from "../../shared/model/log.ts";
import type { ComponentInfo } from "../../shared/model/definition/workflow.ts";
import type { Plan, Vertex } from "../../shared/model/plan.ts";
import { MAX_CALLS_PER_GO } from "../../shared/model/limits.ts";
import type { PinnedPart, RunnerDeps } from "../../workers/runner/deps.ts";
import type { PartOutcome, PartRun } from "../../workers/runner/part-host.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { claimed, eventsOf, objectOf, planFor, started, stopClock } from "../support/workerd-runs.ts";

const encoder = new TextEncoder();
const decoded = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
const URL_OF = (index: number): string => `http://127.0.0.1:9/${index}`;
const http = (index: number) => ({ call: "http_request", request: { url: URL_OF(index), method: "POST" } });

/** A part that makes these calls and answers with what they gave. */
function partOf(calls: readonly unknown[]): PinnedPart {
  const manifest = parsePartManifest(
    {
      name: "caller",
      summary: "makes calls",
      category: "test",
      version: "1.0.0",
      effects: "idempotent",
      may_pause: true,
      calls: ["http_request", "sleep", "callback"],
      http: { hosts: "any" },
      input: {},
      output: {},
    },
    "d",
  );
  const run = ({ exchanges }: PartRun): PartOutcome => {
    const next = calls[exchanges.length];
    if (next !== undefined) return { kind: "called", request: encoder.encode(JSON.stringify(next)), fuelUsed: 10 };
    const data = exchanges.map(({ resultBytes }) => decoded(resultBytes));
    return { kind: "answered", stdout: encoder.encode(JSON.stringify({ success: true, data })), stderr: "", fuelUsed: 10 };
  };
  return { manifest, run };
}

/** One node that may pause and calls out; which part it is, the library of the test says. */
function planOf(effects: ComponentInfo["effects"] = "idempotent"): Plan {
  const plan = planFor({
    flow: ["input >> ON_SUCCESS >> one"],
    config: { one: { component: "daemon_task", url: "http://127.0.0.1:9/", task: {} } },
  });
  const vertices = plan.vertices.map((vertex): Vertex => (vertex.node === "one" ? { ...vertex, effects } : vertex));
  return { ...plan, vertices };
}

function world(calls: readonly unknown[]) {
  const { transport, sent } = fakeTransport(() => new Response("ok"));
  const { deps } = createTestRunner({ transport, parts: { find: () => partOf(calls) } });
  return { deps, sent, keys: () => sent.map(({ headers }) => headers["idempotency-key"]) };
}

async function go(name: string, deps: RunnerDeps): Promise<void> {
  const { run } = objectOf(name);
  await executeAndSettle([await claimed(run, "one")], deps);
}

const dataOf = async (name: string): Promise<unknown> => {
  const output = (await objectOf(name).run.view({ offset: 0, limit: 5 }))?.steps.find(({ key }) => key === "one")?.output;
  return output && "json" in output ? JSON.parse(output.json).data : undefined;
};
const statusesOf = async (name: string) => ((await dataOf(name)) as { status?: number }[]).map(({ status }) => status);

describe("a part with effects", () => {
  it("has every result but the last in the log before its next call goes out", async () => {
    const { deps, sent } = world([http(0), http(1), http(2)]);
    const { stub } = await started("logged", planOf());
    await go("logged", deps);
    expect(await eventsOf(stub)).toEqual([
      ["run.started"],
      ["step.leased", "one"],
      ["step.exchanged", "one"],
      ["step.exchanged", "one"],
      ["step.succeeded", "one"],
      ["run.ended"],
    ]);
    expect(sent.map(({ url }) => url)).toEqual([0, 1, 2].map(URL_OF));
    expect(await statusesOf("logged")).toEqual([200, 200, 200]);
  });

  it("repeats, after a crash between two calls, only the one that was not logged, under its own key", async () => {
    const { deps, sent, keys } = world([http(0), http(1), http(2)]);
    const { run, stub } = await started("crashed", planOf());
    const dying: RunnerDeps = {
      ...deps,
      transport: (request) =>
        request.url.href === URL_OF(2) ? deps.transport(request).then(() => new Promise(() => {})) : deps.transport(request),
    };
    void executeAndSettle([await claimed(run, "one")], dying); // never comes back from its third call
    await expect.poll(() => sent.length).toBe(3);
    await evictDurableObject(stub);
    const [again] = await run.claim(["one"]);
    expect(again).toMatchObject({ kind: "skip", why: "leased" });
    const pass = stopClock();
    pass(3_600_000);
    await go("crashed", deps);
    expect(sent.map(({ url }) => url)).toEqual([0, 1, 2, 2].map(URL_OF));
    expect([new Set(keys()).size, keys()[2] === keys()[3]]).toEqual([3, true]);
    expect(await statusesOf("crashed")).toEqual([200, 200, 200]);
  });

  it("stops when its lease was given to somebody else, before it calls out again", async () => {
    const { deps, sent } = world([http(0), http(1)]);
    const { run, stub } = await started("zombie", planOf());
    const old = await claimed(run, "one");
    const pass = stopClock();
    pass(3_600_000);
    const live = await claimed(run, "one");
    await executeAndSettle([old], deps);
    expect(sent.map(({ url }) => url)).toEqual([URL_OF(0)]);
    await executeAndSettle([live], deps);
    expect((await eventsOf(stub)).filter(([type]) => type === "step.succeeded")).toHaveLength(1);
    expect(sent.map(({ url }) => url)).toEqual([0, 0, 1].map(URL_OF));
  });

  it("yields after so many calls, and goes on with all that it has learned", async () => {
    const { deps, sent } = world(Array.from({ length: MAX_CALLS_PER_GO + 5 }, (_, index) => http(index)));
    const { stub } = await started("many", planOf());
    await go("many", deps);
    expect(sent).toHaveLength(MAX_CALLS_PER_GO);
    await go("many", deps);
    expect(new Set(sent.map(({ url }) => url)).size).toBe(MAX_CALLS_PER_GO + 5);
    expect(await statusesOf("many")).toHaveLength(MAX_CALLS_PER_GO + 5);
    expect((await eventsOf(stub)).at(-1)).toEqual(["run.ended"]);
  });
});

describe("a part that sleeps and waits in its middle", () => {
  it("goes on after both, repeats no call, and keeps an answer that comes while it sleeps", async () => {
    const pass = stopClock();
    const calls = [http(0), { call: "callback_url" }, { call: "sleep", for: "7d" }, http(1), { call: "callback", note: "please" }, http(2)];
    const { deps, sent } = world(calls);
    const { run, stub } = await started("durable", planOf());
    await go("durable", deps);
    expect((await run.view({ offset: 0, limit: 5 }))?.waiting).toMatchObject([{ node: "one", reason: "timer" }]);
    const token = /resume\/(.+)$/;
    const answer: Answer = { success: true, data: { json: '{"yes":1}' }, digest: "a" };
    const ref = { step: "one", generation: 0, wait: 0 };
    expect(await run.answer({ ref }, answer, { yes: 1 })).toMatchObject({ kind: "accepted", hints: [] });
    expect(await run.claim(["one"])).toMatchObject([{ kind: "skip", why: "not_ready" }]);
    await evictDurableObject(stub);
    pass(7 * 86_400_000);
    await go("durable", deps);
    await go("durable", deps);
    const [first, address, slept, second, answered, third] = (await dataOf("durable")) as readonly unknown[];
    expect([first, second, third]).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
    expect(address).toEqual({ url: expect.stringMatching(token) });
    expect([slept, answered]).toEqual([{ slept_ms: 7 * 86_400_000 }, { success: true, data: { yes: 1 } }]);
    expect(sent.map(({ url }) => url)).toEqual([0, 1, 2].map(URL_OF));
    expect(await run.answer({ ref }, answer, { yes: 1 })).toMatchObject({ kind: "same" });
  });

  it("is told that nobody answered in time", async () => {
    const pass = stopClock();
    const { deps } = world([{ call: "callback", timeout: "1h" }]);
    await started("alone", planOf());
    await go("alone", deps);
    pass(3_600_001);
    await go("alone", deps);
    expect(await dataOf("alone")).toMatchObject([{ error: { code: "wait.expired" } }]);
  });
});

it("a pure part is never logged between its calls", async () => {
  const calls = [1, 2, 3].map((n) => ({ call: "evaluate", expression: `${n} + 1`, scope: {} }));
  const part = partOf(calls);
  const pure: PinnedPart = { ...part, manifest: { ...part.manifest, effects: "pure", calls: ["evaluate"] } };
  const { deps } = createTestRunner({ parts: { find: () => pure } });
  const { stub } = await started("pure", planOf("pure"));
  await go("pure", deps);
  expect(await eventsOf(stub)).toEqual([["run.started"], ["step.succeeded", "one"], ["run.ended"]]);
  expect(await dataOf("pure")).toEqual([{ value: 2 }, { value: 3 }, { value: 4 }]);
  expect(PART_MANIFESTS["daemon_task"]?.effects).toBe("idempotent");
});
