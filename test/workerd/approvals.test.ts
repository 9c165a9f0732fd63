/** Steps that wait for a person, in the real run object. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dataOf, networkRun } from "../support/workerd-network-run.ts";
import { planFor, runIdOf, stopClock } from "../support/workerd-runs.ts";

const DAY = 86_400_000;
let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an approval", () => {
  const asking = (policy: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    planFor({
      flow: ["input >> ON_SUCCESS >> ask", "ask >> ON_SUCCESS >> after", "ask >> ON_FAIL(wait.expired) >> late"],
      config: {
        ask: {
          component: "approval",
          title: "Pay {{input.n ?? 3}}?",
          fields: { properties: { amount: { type: "integer", minimum: 1 } }, required: ["amount"] },
          ...more,
        },
        after: { component: "set", values: { got: "{{ask.data}}" } },
        late: { component: "set", values: {} },
      },
      policy: { ask: policy },
    });
  const REF = { step: "ask", generation: 0, wait: 0 };
  const answer = (data: unknown) =>
    [{ ref: REF }, { success: true, data: { json: JSON.stringify(data) }, digest: JSON.stringify(data) }, data] as const;

  it("shows its question, takes one answer that fits, and gives it to what follows", async () => {
    const { run, go, waits, step } = await networkRun("approval", asking({}));
    expect(await run.lookAtApproval(REF)).toEqual({ kind: "unknown" });
    await go("ask");
    expect(await waits()).toMatchObject([{ reason: "approval", note: "Pay 3?", ref: REF, expiresAt: Date.now() + 7 * DAY }]);
    const open = await run.lookAtApproval(REF);
    expect(open).toMatchObject({
      kind: "open",
      workflow: "sample",
      runId: runIdOf("approval"),
      title: "Pay 3?",
      expiresAt: Date.now() + 7 * DAY,
    });
    expect(await run.answer(...answer({ approved: true, by: null, answers: { amount: 0 } }))).toMatchObject({ kind: "invalid" });
    expect(await run.lookAtApproval(REF)).toEqual(open);
    const given = { approved: true, by: "Ann", answers: { amount: 2 } };
    expect([await run.answer(...answer(given)), await run.answer(...answer(given))]).toMatchObject([
      { kind: "accepted" },
      { kind: "same" },
    ]);
    await go("ask");
    await go("after");
    expect([await run.wait(0), dataOf((await step("after"))?.output)]).toEqual(["succeeded", { got: given }]);
    const answered = { kind: "answered", title: "Pay 3?", data: { json: JSON.stringify(given) }, success: true };
    expect(await run.lookAtApproval(REF)).toMatchObject(answered);
    expect(await run.answer(...answer({ ...given, approved: false }))).toMatchObject({ kind: "conflict" });
  });

  it("that is rejected is a success like any other", async () => {
    const { run, go, step } = await networkRun("rejected", asking({}));
    await go("ask");
    await run.answer(...answer({ approved: false, answers: {} }));
    await go("ask");
    expect(dataOf((await step("ask"))?.output)).toEqual({ approved: false, by: null, answers: {} });
  });

  it.each([
    ["its policy", { wait: "1h" }, {}],
    ["its timeout", {}, { timeout: "1h" }],
  ])("that nobody answers expires by %s, and another way is taken", async (kind, policy, more) => {
    const { run, stub, go } = await networkRun(`late ${kind}`, asking(policy, more));
    await go("ask");
    pass(3_600_000);
    await runDurableObjectAlarm(stub);
    expect(await run.lookAtApproval(REF)).toEqual({ kind: "expired" });
    await go("late");
    expect([await run.wait(0), await run.lookAtApproval(REF)]).toEqual(["succeeded", { kind: "expired" }]);
  });

  it("of a run that was cancelled is no longer needed", async () => {
    const { run, go } = await networkRun("cancelled approval", asking({}));
    await go("ask");
    await run.cancel();
    expect(await run.lookAtApproval(REF)).toEqual({ kind: "terminal" });
  });

  it("that was answered before it was asked, with something else, fails", async () => {
    const { run, go, step } = await networkRun("early", asking({}));
    expect(await run.answer(...answer("yes"))).toMatchObject({ kind: "accepted" });
    await go("ask");
    await go("ask");
    expect((await step("ask"))?.error).toMatchObject({ code: "approval.invalid_answer", retryable: false });
  });

  it("with fields that no form can show fails, and says which", async () => {
    const plan = planFor({
      flow: ["input >> ON_SUCCESS >> ask"],
      config: { ask: { component: "approval", title: "t", fields: "{{input.fields ?? 7}}" } },
    });
    const { go, step } = await networkRun("no form", plan);
    await go("ask");
    expect((await step("ask"))?.error).toMatchObject({ code: "part.invalid_input", message: expect.stringContaining("fields") });
  });

  it("of each item of a loop is one of its own", async () => {
    const plan = planFor({
      flow: ["input >> ON_SUCCESS >> list", "list >> FOREACH sum >> ask", "ask >> GATHER >> all"],
      config: {
        list: { component: "set", values: { sums: [10, 20] } },
        ask: { component: "approval", title: "Pay {{sum}}?" },
        all: { component: "set", values: { verdicts: "{{ask.results.map(r, r.data.approved)}}" } },
      },
    });
    const { run, go, waits, step } = await networkRun("loop", plan);
    const asks = async () =>
      ((await run.view({ offset: 0, limit: 50 }))?.steps ?? []).filter(({ node }) => node === "ask").map(({ key }) => key);
    await go("list");
    for (const key of await asks()) await go(key);
    const open = await waits();
    expect(open.map(({ note, item }) => [note, item])).toEqual([
      ["Pay 10?", [0]],
      ["Pay 20?", [1]],
    ]);
    for (const [i, { ref }] of open.entries()) {
      if (ref === null) throw new Error("it has no page");
      const data = { approved: i === 1, answers: {} };
      expect(await run.lookAtApproval(ref)).toMatchObject({ kind: "open", title: `Pay ${10 * (i + 1)}?` });
      await run.answer({ ref }, { success: true, data: { json: JSON.stringify(data) }, digest: "d" }, data);
    }
    for (const key of await asks()) await go(key);
    await go("all");
    expect([await run.wait(0), dataOf((await step("all"))?.output)]).toEqual(["succeeded", { verdicts: [false, true] }]);
  });

  it("has no page under the token of another wait", async () => {
    const plan = planFor({ flow: ["input >> ON_SUCCESS >> ask"], config: { ask: { component: "wait_for_callback" } } });
    const { run, go } = await networkRun("no page", plan);
    await go("ask");
    expect(await run.lookAtApproval(REF)).toEqual({ kind: "unknown" });
  });
});
