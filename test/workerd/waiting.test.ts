/** Steps that wait for a time or a service, in the real run object. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { broken, dataOf, networkRun } from "../support/workerd-network-run.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { alarmOf, claimed, logOf, planFor, started, stopClock } from "../support/workerd-runs.ts";

const DAY = 86_400_000;
let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a wait", () => {
  it.each([
    ["for", { duration: "365d" }],
    ["until", { until: "{{input.when}}" }],
  ])("%s a year ahead is one alarm that far away, also after another look", async (kind, config) => {
    const name = `year ${kind}`;
    const end = Date.now() + 365 * DAY;
    const plan = planFor({ flow: ["input >> ON_SUCCESS >> nap"], config: { nap: { component: "wait", ...config } } });
    const { run, stub } = await started(name, plan, { input: { json: JSON.stringify({ when: new Date(end).toISOString() }) } });
    const { deps } = createTestRunner();
    const go = async () => executeAndSettle([await claimed(run, "nap")], deps);
    await go();
    expect([await run.wait(0), await alarmOf(stub)]).toEqual(["waiting", expect.any(Number)]);
    await runDurableObjectAlarm(stub);
    expect(await alarmOf(stub)).toBe(end);
    expect(await run.claim(["nap"])).toEqual([{ kind: "skip", step: "nap", why: "not_ready" }]);
    pass(365 * DAY);
    await go();
    expect([await run.wait(0), dataOf((await run.view({ offset: 0, limit: 5 }))?.steps[0]?.output)]).toEqual([
      "succeeded",
      { waited_ms: 365 * DAY },
    ]);
  });

  it.each([{ duration: "366d" }, { until: "9999-01-01T00:00:00Z" }, { until: "soon" }])("of %j is refused", async (config) => {
    const plan = planFor({ flow: ["input >> ON_SUCCESS >> nap"], config: { nap: { component: "wait", ...config } } });
    const { go, step } = await networkRun(`refused ${JSON.stringify(config)}`, plan);
    await go("nap");
    expect((await step("nap"))?.error).toMatchObject({ code: "wait.invalid", retryable: false });
  });

  it("before a step that is delayed says so, and is an alarm", async () => {
    const plan = planFor({
      flow: ["input >> ON_SUCCESS >> a"],
      config: { a: { component: "set", values: {} } },
      policy: { a: { delay: "2h" } },
    });
    const { run, stub, waits } = await networkRun("delayed", plan);
    const due = Date.now() + 7_200_000;
    expect([await waits(), await alarmOf(stub)]).toMatchObject([[{ node: "a", reason: "delay", expiresAt: due }], due]);
    expect(await run.claim(["a"])).toMatchObject([{ kind: "skip", why: "not_ready" }]);
    pass(7_200_000);
    expect(await run.claim(["a"])).toMatchObject([{ kind: "execute" }]);
  });
});

const polling = (more: Record<string, unknown> = {}, policy: Record<string, unknown> = {}) =>
  planFor({
    flow: ["input >> ON_SUCCESS >> ask", "ask >> ON_FAIL(wait.expired) >> late"],
    config: {
      ask: {
        component: "poll_task",
        request: { url: "https://example.com/job" },
        every: "10s",
        done_when: "json.state == 'done'",
        ...more,
      },
      late: { component: "set", values: { code: "{{ask.error.code}}" } },
    },
    policy: { ask: policy },
  });
const state =
  (text: string, status = 200, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ state: text }, { status, headers });

describe("a poll", () => {
  it("asks again and again, each time as a request of its own, until it is true", async () => {
    const { run, go, sent, step } = await networkRun("poll", polling(), state("going"), () => new Response("not yet"), state("done"));
    for (const seconds of [10, 10, 0]) {
      await go("ask");
      pass(seconds * 1000);
    }
    expect([await run.wait(0), new Set(sent.map(({ headers }) => headers["idempotency-key"])).size]).toEqual(["succeeded", 3]);
    expect(dataOf((await step("ask"))?.output)).toMatchObject({ status: 200, json: { state: "done" } });
  });

  it("is not put off by any number of bad moments in between, and obeys Retry-After", async () => {
    const bad = [broken, state("x", 503), state("x", 429, { "retry-after": "120" }), broken, broken, broken];
    const { run, go, waits, step } = await networkRun("hiccup", polling(), state("going"), ...bad, state("done"));
    await go("ask");
    const pauses: number[] = [];
    for (const _ of bad) {
      pass(((await waits())[0]?.expiresAt ?? 0) - Date.now());
      await go("ask");
      pauses.push(((await waits())[0]?.expiresAt ?? 0) - Date.now());
    }
    expect(pauses).toEqual([10, 10, 120, 10, 10, 10].map((seconds) => seconds * 1000));
    expect([await waits(), await step("ask")]).toMatchObject([[{ reason: "poll" }], { attempt: 1 }]);
    pass(10_000);
    await go("ask");
    expect(await run.wait(0)).toBe("succeeded");
  });

  it("that fails from the first time on has the retries of its policy, and fails", async () => {
    const { run, go, sent, step } = await networkRun("never there", polling(), broken);
    for (const _ of [1, 2, 3]) {
      await go("ask");
      pass(DAY);
    }
    expect([await run.wait(0), sent.length, (await step("ask"))?.error]).toMatchObject(["failed", 3, { code: "egress.failed" }]);
  });

  it.each([
    ["a refusal", {}, [state("going"), state("no", 404)], "http.status_404"],
    ["fail_when", { fail_when: "json.state == 'bad'" }, [state("going"), state("bad")], "poll.failed"],
  ] as const)("fails at once by %s", async (_, more, answers, code) => {
    const { run, go, step } = await networkRun(`poll ${code}`, polling(more), ...answers);
    await go("ask");
    pass(10_000);
    await go("ask");
    expect([await run.wait(0), (await step("ask"))?.error?.code]).toEqual(["failed", code]);
  });

  it.each([
    ["its timeout", { timeout: "25s" }, {}],
    ["its policy", {}, { wait: "25s" }],
  ])("is over by %s, counted from its first pause, and another way is taken", async (kind, more, policy) => {
    const { run, stub, go } = await networkRun(`poll over ${kind}`, polling(more, policy), state("going"));
    await go("ask");
    for (const _ of [1, 2]) {
      pass(10_000);
      await go("ask");
    }
    pass(4999);
    await runDurableObjectAlarm(stub);
    expect((await run.view({ offset: 0, limit: 0 }))?.waiting).toMatchObject([{ node: "ask" }]);
    pass(1);
    await runDurableObjectAlarm(stub);
    await go("late");
    expect(await run.wait(0)).toBe("succeeded");
    expect((await logOf(stub)).flatMap(({ event }) => (event.type === "step.failed" ? event.error : []))).toMatchObject([
      { code: "wait.expired", message: '"ask": what it polls for has not come true within its wait' },
    ]);
  });
});
