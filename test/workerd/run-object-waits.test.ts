import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Answer } from "../../shared/model/log.ts";
import type { RunApi } from "../../shared/run-api.ts";
import {
  chain,
  claimed,
  eventsOf,
  failureOf,
  outcome,
  planFor,
  runIdOf,
  started,
  stopClock,
  succeed,
  successOf,
} from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";
import { testEnv } from "../support/workerd-env.ts";

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const ASKING = planFor({
  flow: ["input >> ON_SUCCESS >> ask", "ask >> ON_SUCCESS >> after"],
  config: { ask: { component: "wait_for_callback" }, after: { component: "set", values: { a: 1 } } },
  policy: { ask: { wait: "1h" } },
});
const REF = { ref: { step: "ask", generation: 0, wait: 0 } };
const answerOf = (digest: string): Answer => ({ success: true, data: { json: `"${digest}"` }, digest });
const pause = async (run: RunApi) => run.settle([outcome(await claimed(run, "ask"), { kind: "paused", reason: "callback", taskId: "t1" })]);
const give = (run: RunApi, digest: string) => run.answer(REF, answerOf(digest), digest);

describe("a wait", () => {
  it("is over by the alarm when nobody answers: step and run fail, the desk and the index are told", async () => {
    const { run, stub } = await started("expired", ASKING);
    await pause(run);
    await drainQueues();
    pass(3_600_001);
    await runDurableObjectAlarm(stub);
    expect(await eventsOf(stub)).toEqual([["run.started"], ["step.paused", "ask"], ["step.failed", "ask"], ["run.ended"]]);
    expect(await drainQueues()).toEqual([]);
    const { results } = await testEnv.DB.prepare("SELECT step, error FROM dead_letters WHERE run_id = ?").bind(runIdOf("expired")).all();
    expect(results).toMatchObject([{ step: "ask", error: expect.stringContaining("wait.expired") }]);
    expect(await testEnv.DB.prepare("SELECT status, error_code FROM runs WHERE run_id = ?").bind(runIdOf("expired")).first()).toEqual({
      status: "failed",
      error_code: "wait.expired",
    });
    expect(await give(run, "late")).toMatchObject({ kind: "expired" });
  });

  it("takes an answer that comes before the pause", async () => {
    const { run, stub } = await started("early", ASKING);
    const assignment = await claimed(run, "ask");
    expect(await give(run, "a")).toMatchObject({ kind: "accepted", hints: [] });
    await evictDurableObject(stub);
    const paused = await run.settle([
      outcome({ ...assignment, lease: (await claimed(run, "ask")).lease }, { kind: "paused", reason: "callback" }),
    ]);
    expect(paused.hints.map(({ hint }) => hint.step)).toEqual(["ask"]);
    expect((await claimed(run, "ask")).resume).toEqual({ kind: "answered", answer: answerOf("a") });
  });

  it("knows the same answer again and refuses another", async () => {
    const { run, stub } = await started("double", ASKING);
    await pause(run);
    const hints = (reply: unknown) => reply;
    expect(hints(await give(run, "a"))).toMatchObject({
      kind: "accepted",
      taskId: "t1",
      hints: [{ lane: "steps", hint: { step: "ask" } }],
    });
    await evictDurableObject(stub);
    expect([await give(run, "a"), await give(run, "b")]).toEqual([
      { kind: "same", taskId: "t1", hints: [], summary: null },
      { kind: "conflict", taskId: "t1" },
    ]);
    await succeed(run, "ask");
    await succeed(run, "after");
    expect([await give(run, "a"), await give(run, "b")]).toMatchObject([{ kind: "same" }, { kind: "conflict" }]);
    expect(await eventsOf(stub)).toEqual([
      ["run.started"],
      ["step.paused", "ask"],
      ["step.answered", "ask"],
      ["step.succeeded", "ask"],
      ["step.succeeded", "after"],
      ["run.ended"],
    ]);
  });

  it("takes the answer of exactly one of two who answer at once", async () => {
    const { run } = await started("race", ASKING);
    await pause(run);
    const replies = await Promise.all([give(run, "a"), give(run, "b")]);
    expect(replies.map(({ kind }) => kind)).toEqual(["accepted", "conflict"]);
  });

  it("is found by the id of its task, and by no other", async () => {
    const { run } = await started("task", ASKING);
    await pause(run);
    expect(await run.answer({ taskId: "t2" }, answerOf("a"), "a")).toEqual({ kind: "unknown" });
    expect(await run.answer({ taskId: "t1" }, answerOf("a"), "a")).toMatchObject({ kind: "accepted" });
  });
});

const POSTING = planFor({
  flow: ["input >> ON_SUCCESS >> post"],
  config: { post: { component: "http_request", url: "https://example.com/", method: "GET" } },
});
const ONCE = planFor({ flow: ["input >> ON_SUCCESS >> post"], config: { post: { component: "slack_post", channel: "c", text: "t" } } });
type Stub = Awaited<ReturnType<typeof started>>["stub"];

/** As if the process that gave out the leases were gone. */
async function reboot(stub: Stub): Promise<void> {
  await runInDurableObject(stub, (_: unknown, { storage }: DurableObjectState) => {
    storage.sql.exec(`UPDATE log SET data = replace(data, '"boot":"first"', '"boot":"earlier"') WHERE kind = 'step.leased'`);
  });
  await evictDurableObject(stub);
}

describe("a durable lease", () => {
  it("outlives the eviction of the object", async () => {
    const { run, stub } = await started("durable", POSTING);
    const assignment = await claimed(run, "post");
    await evictDurableObject(stub);
    expect(await run.claim(["post"])).toEqual([{ kind: "skip", step: "post", why: "leased" }]);
    expect((await run.settle([successOf(assignment)])).refused).toBe(0);
  });

  it("of another boot is void at once, and its outcome is refused", async () => {
    const { run, stub } = await started("boot", POSTING);
    const first = await claimed(run, "post");
    await reboot(stub);
    const second = await claimed(run, "post");
    expect([second.attempt, second.lease === first.lease]).toEqual([first.attempt, false]);
    expect([(await run.settle([successOf(first)])).refused, (await run.settle([successOf(second)])).refused]).toEqual([1, 0]);
  });

  it("of another boot is hinted again by the alarm", async () => {
    const { run, stub } = await started("boot alarm", POSTING);
    await claimed(run, "post");
    await reboot(stub);
    await drainQueues();
    await runDurableObjectAlarm(stub);
    expect((await drainQueues()).map(({ queue, body }) => [queue, body])).toMatchObject([["arcrun-io", { step: "post" }]]);
  });

  it("of a step that may run once only becomes a doubt for a person, not a second call", async () => {
    const { run, stub } = await started("doubt", ONCE);
    await claimed(run, "post");
    await reboot(stub);
    expect(await run.claim(["post"])).toEqual([{ kind: "skip", step: "post", why: "not_ready" }]);
    expect(await eventsOf(stub)).toEqual([["run.started"], ["step.leased", "post"], ["step.unknown", "post"]]);
  });
});

describe("a run", () => {
  it("that is cancelled refuses what still comes, and is cancelled once", async () => {
    const { run, stub } = await started("cancelled", chain("one", "two"));
    const assignment = await claimed(run, "one");
    expect(await run.cancel("enough")).toMatchObject({ kind: "cancelled", summary: { status: "cancelled" } });
    expect(await run.cancel("again")).toEqual({ kind: "terminal" });
    expect(await run.settle([successOf(assignment)])).toEqual({ hints: [], offers: [], summary: null, deadLetters: [], refused: 1 });
    expect(await run.claim(["one"])).toEqual([{ kind: "skip", step: "one", why: "done" }]);
    expect(await eventsOf(stub)).toEqual([["run.started"], ["run.cancelled"]]);
  });

  it("that failed goes on from where it failed when it is redriven, and results of before are refused", async () => {
    const { run, stub } = await started("redriven", chain("one", "two"));
    expect(await run.redrive({})).toEqual({ kind: "going" });
    await succeed(run, "one");
    const failing = await claimed(run, "two");
    await run.settle([failureOf(failing)]);
    expect(await run.redrive({ nodes: ["nowhere"] })).toEqual({ kind: "unknown_step", list: "nodes", at: 0 });
    expect(await run.redrive({ dryRun: true })).toEqual({ kind: "planned", steps: ["two"], kept: 1 });
    expect(await run.redrive({})).toMatchObject({
      kind: "redriven",
      steps: ["two"],
      hints: [{ hint: { step: "two" } }],
      summary: { status: "running" },
    });
    await evictDurableObject(stub);
    expect((await run.settle([successOf(failing)])).refused).toBe(1);
    await succeed(run, "two");
    expect(await run.wait(0)).toBe("succeeded");
    expect(await run.redrive({})).toEqual({ kind: "nothing" });
    expect(await eventsOf(stub)).toEqual([
      ["run.started"],
      ["step.succeeded", "one"],
      ["step.failed", "two"],
      ["run.ended"],
      ["run.redriven"],
      ["step.succeeded", "two"],
      ["run.ended"],
    ]);
  });
});
