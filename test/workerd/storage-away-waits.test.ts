/** A store that does not answer while a step is on its way through calls and waits of its own: it goes on from where it was. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PART_MANIFESTS } from "../../generated/part-manifests.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import type { Credentials, Payloads } from "../../shared/ports.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { claimed, eventsOf, planFor, runIdOf, started, stopClock } from "../support/workerd-runs.ts";

const LARGE = "large ".repeat(10_000);
const away = () => Promise.reject(new ArcrunError("storage_unavailable", "the store does not answer; try again"));
const { payloads, credentials } = createTestRunner().deps;
const isPausing = ([type]: readonly (string | undefined)[]) => type === "step.paused" || type === "step.failed";

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Reveals nothing for the first `times` questions. */
function credentialsAway(times: number): Credentials {
  let left = times;
  return { ...credentials, reveal: (tenant, name) => (left-- > 0 ? away() : credentials.reveal(tenant, name)) };
}

it("the time of a poll counts from its first look, and the first pause after many is as short as the first", async () => {
  await credentials.put("default", "LOOK", "a-secret-value", ["api.example"]);
  const { transport } = fakeTransport(() => new Response('{"ready":false}', { headers: { "content-type": "application/json" } }));
  const request = { url: "https://api.example/{{credential.LOOK}}" };
  const config = { poll: { component: "poll_task", request, every: "10s", done_when: "json.ready", timeout: "10m" } };
  const { run, stub } = await started("polled", planFor({ flow: ["input >> ON_SUCCESS >> poll"], config }));
  const { deps } = createTestRunner({ transport, credentials: credentialsAway(5) });
  const reasons: (string | undefined)[] = [];
  for (let time = 0; time < 12; time += 1) {
    await executeAndSettle([await claimed(run, "poll")], deps);
    reasons.push((await run.view({ offset: 0, limit: 1 }))?.waiting[0]?.reason);
    pass(time < 5 ? 300_000 : 10_000);
  }
  expect(reasons).toEqual([...Array.from({ length: 5 }, () => "retry_backoff"), ...Array.from({ length: 7 }, () => "poll")]);
  const unread = { ...(await claimed(run, "poll")).scope, input: { sha256: "0".repeat(64), bytes: 1 } };
  const blind = createTestRunner({ transport, payloads: { ...payloads, get: away } }).deps;
  const before = Date.now();
  pass(100_000); // its lease ends
  await executeAndSettle([{ ...(await claimed(run, "poll")), scope: unread }], blind);
  const [waiting] = (await run.view({ offset: 0, limit: 1 }))?.waiting ?? [];
  expect([waiting?.reason, (waiting?.expiresAt ?? 0) - before <= 103_000]).toEqual(["retry_backoff", true]);
  expect((await eventsOf(stub)).filter(isPausing)).toHaveLength(13);
});

it("what a call in the middle of a part has given is kept until it is stored, and the call is not made again", async () => {
  vi.useRealTimers();
  const manifest = PART_MANIFESTS["http_request"];
  if (manifest === undefined) throw new Error("there is no part `http_request`");
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const call = (n: number) => ({ call: "http_request", request: { url: `https://api.example/${n}`, method: "POST", body: "x" } });
  const run = ({ exchanges }: { readonly exchanges: readonly unknown[] }) =>
    exchanges.length < 2
      ? { kind: "called" as const, request: encode(call(exchanges.length)), stderr: "", fuelUsed: 1 }
      : { kind: "answered" as const, stdout: encode({ success: true }), stderr: "", fuelUsed: 1 };
  const { transport, sent } = fakeTransport(
    () => new Response(LARGE),
    () => new Response("short"),
  );
  let left = 1;
  const put: Payloads["put"] = (tenant, id, json) => (json.length > LARGE.length && left-- > 0 ? away() : payloads.put(tenant, id, json));
  const plan = planFor({
    flow: ["input >> ON_SUCCESS >> call"],
    config: { call: { component: "http_request", url: "https://api.example/" } },
  });
  const once = { ...plan, vertices: plan.vertices.map((vertex) => ({ ...vertex, effects: "once" as const })) };
  const { deps } = createTestRunner({ transport, payloads: { ...payloads, put }, parts: { find: () => ({ manifest, run }) } });
  const opened = await started("calls", once);
  await executeAndSettle([await claimed(opened.run, "call")], deps);
  expect([left, sent.map(({ url }) => new URL(url).pathname), (await eventsOf(opened.stub)).at(-2)]).toEqual([
    -1,
    ["/0", "/1"],
    ["step.succeeded", "call"],
  ]);
});

it("a step that has waited for a run that it owns still owns it, and fails for no store", async () => {
  await credentials.put("default", "OWNER", "a-secret-value", ["api.example"]);
  const { transport, sent } = fakeTransport(() => new Response("fine"));
  const config = { call: { component: "http_request", url: "https://api.example/", headers: { authorization: "{{credential.OWNER}}" } } };
  const plan = planFor({ flow: ["input >> ON_SUCCESS >> call"], config, policy: { call: { retry: { attempts: 1 } } } });
  const { run } = await started("owner", plan);
  const child = { runId: runIdOf("a child"), life: 0 };
  const { step, generation, attempt, lease } = await claimed(run, "call");
  const awaited = { runs: [child], wanted: 1, isOwner: true as const };
  const paused = { kind: "paused", reason: "child_runs", isCall: true, awaited } as const;
  await run.settle([{ step, generation, attempt, lease, startedAt: Date.now(), fuel: 0, result: paused }]);
  await run.notify([{ step, generation, run: child, failed: false }]);
  const { deps } = createTestRunner({ transport, credentials: credentialsAway(1) });
  await executeAndSettle([await claimed(run, "call")], deps);
  expect(await run.claim(["call"])).toMatchObject([{ kind: "skip", why: "not_ready" }]); // that its run has ended wakes it only once
  pass(10_000);
  const again = await claimed(run, "call");
  expect([sent.length, again.ownRuns]).toEqual([0, [child.runId]]);
  await executeAndSettle([again], deps);
  expect([sent.length, (await run.view({ offset: 0, limit: 1 }))?.summary.status]).toEqual([1, "succeeded"]);
});
