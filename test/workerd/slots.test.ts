import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSlots } from "../../shared/adapters/slot-objects.ts";
import { slotObjectName } from "../../shared/ids.ts";
import type { Plan } from "../../shared/model/plan.ts";
import type { RunnerDeps } from "../../workers/runner/deps.ts";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import type { SlotObject } from "../../workers/runner/slot-object.ts";
import { createTestRunner, deliver, hintFor } from "../support/workerd-runner.ts";
import { eventsOf, objectOf, planFor, runIdOf, started, stopClock, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";
import { testEnv } from "../support/workerd-env.ts";

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const limited = (key: string, limit = 1): Plan =>
  planFor({
    flow: ["input >> ON_SUCCESS >> work"],
    config: { work: { component: "set", values: { a: 1 } } },
    policy: { work: { concurrency: { key, limit } } },
  });
const perRun = (key: string, flow = ["input >> ON_SUCCESS >> work"]): Plan =>
  planFor({
    flow,
    config: {
      work: { component: "set", values: { a: 1 } },
      ...(flow.length > 1 ? { ask: { component: "wait_for_callback" } } : {}),
    },
    policy: { run: { concurrency: { key, limit: 1 } } },
  });

const slotStub = (kind: string, key: string) => testEnv.SLOTS.get(testEnv.SLOTS.idFromName(slotObjectName(TENANT, kind, key)));
const slotsOf = (kind: "step" | "run", key: string) => createSlots(testEnv.SLOTS).of(TENANT, kind, key);
const user = (run: string) => ({ tenant: TENANT, runId: runIdOf(run), step: "work", workflow: "sample", node: "work" });
/** Somebody else has the slot. */
const occupy = (key: string, run = "someone") => slotsOf("step", key).acquire({ ...user(run), lease: 1, limit: 1, forMs: 600_000 });
const ring = (kind: string, key: string) => runDurableObjectAlarm(slotStub(kind, key));
const execute = (run: string, step: string, deps: RunnerDeps) =>
  deliver("arcrun-steps", [hintFor(run, step)], (batch) => consume(batch, stepsLane, deps));
const hinted = async () => (await drainQueues()).map(({ body }) => (body as { run: string; step: string }).run); // hints are all that is sent
const waitingOf = async (run: string) => (await objectOf(run).run.view({ offset: 0, limit: 0 }))?.waiting;
/** What a hand-over does behind the caller's back. */
const settled = () => vi.waitFor(async () => expect(await hinted()).not.toEqual([]));

describe("a step with a concurrency", () => {
  it("waits behind who has the slot, says so, and spends no attempt", async () => {
    const { deps } = createTestRunner();
    const holder = await started("holder", limited("crm"));
    await started("second", limited("crm"));
    const [held] = await holder.run.claim(["work"]);
    if (held?.kind !== "execute") throw new Error("not given out");
    await slotsOf("step", "crm").acquire({ ...user("holder"), lease: held.lease, limit: 1, forMs: 60_000 });
    await execute("second", "work", deps);
    expect(await eventsOf(objectOf("second").stub)).toEqual([["run.started"], ["step.leased", "work"], ["step.queued", "work"]]);
    expect(await waitingOf("second")).toEqual([
      {
        node: "work",
        item: null,
        reason: "concurrency",
        taskId: null,
        ref: null,
        note: `waits for a slot of "crm": 1 of 1 taken, by work of sample (${runIdOf("holder")}); 0 before it in the queue`,
        since: Date.now(),
        expiresAt: null,
        childRuns: [],
      },
    ]);
    await drainQueues();
    await slotsOf("step", "crm").release({ runId: runIdOf("holder"), step: "work", lease: held.lease });
    await vi.waitFor(async () => expect(await hinted()).toEqual([runIdOf("second")]));
    await execute("second", "work", deps);
    const events = await eventsOf(objectOf("second").stub);
    expect(events.slice(3)).toEqual([["step.woken", "work"], ["step.leased", "work"], ["step.succeeded", "work"], ["run.ended"]]);
    const view = await objectOf("second").run.view({ offset: 0, limit: 10 });
    expect(view?.steps[0]).toMatchObject({ attempt: 1, status: "succeeded" });
  });

  it("gives its slot back when it is settled, and the next one in the queue gets it", async () => {
    const { deps } = createTestRunner();
    for (const run of ["q1", "q2", "q3"]) await started(run, limited("queue"));
    await occupy("queue");
    for (const run of ["q1", "q2", "q3"]) await execute(run, "work", deps);
    await drainQueues();
    const order: string[] = [];
    await slotsOf("step", "queue").release({ runId: runIdOf("someone"), step: "work", lease: 1 });
    for (let turn = 0; turn < 3; turn += 1) {
      const next = await vi.waitFor(async () => {
        const [run] = await hinted();
        if (run === undefined) throw new Error("nobody was woken");
        return run;
      });
      order.push(next);
      await execute(["q1", "q2", "q3"].find((run) => runIdOf(run) === next) ?? "", "work", deps);
    }
    expect(order).toEqual(["q1", "q2", "q3"].map(runIdOf));
    expect(
      await runInDurableObject(slotStub("step", "queue"), (_: SlotObject, { storage }) =>
        storage.sql.exec("SELECT id FROM slots").toArray(),
      ),
    ).toEqual([]);
  });

  it("whose runner died between slot and settlement loses the slot within seconds", async () => {
    const { deps } = createTestRunner();
    const dying = await started("dying", limited("lost"));
    await started("next", limited("lost"));
    const [reply] = await dying.run.claim(["work"]);
    if (reply?.kind !== "execute") throw new Error("not given out");
    await slotsOf("step", "lost").acquire({ ...user("dying"), lease: reply.lease, limit: 1, forMs: 75_000 });
    await execute("next", "work", deps);
    pass(6000);
    await ring("step", "lost");
    expect(await waitingOf("next")).toMatchObject([{ reason: "concurrency" }]); // its lease is live: it may be at work
    // The lease is over: the run says that nobody works under it.
    await dying.run.cancel();
    await drainQueues();
    pass(16_000);
    await ring("step", "lost");
    await vi.waitFor(async () => expect(await hinted()).toEqual([runIdOf("next")]));
    await execute("next", "work", deps);
    expect(await objectOf("next").run.wait(0)).toBe("succeeded");
  });

  it("is woken again when the message that woke it was lost, whatever was evicted", async () => {
    const { deps } = createTestRunner();
    await started("unlucky", limited("wake"));
    await occupy("wake");
    await execute("unlucky", "work", deps);
    await slotsOf("step", "wake").release({ runId: runIdOf("someone"), step: "work", lease: 1 });
    await settled(); // and nobody consumes it
    await evictDurableObject(slotStub("step", "wake"));
    pass(60_001); // its run sends again what nobody claimed: after 5 s on one machine, after 60 s elsewhere
    await runDurableObjectAlarm(objectOf("unlucky").stub);
    expect(await hinted()).toEqual([runIdOf("unlucky")]);
  });

  it("passes over who waited and was cancelled", async () => {
    const { deps } = createTestRunner();
    for (const run of ["gone", "here"]) await started(run, limited("over"));
    await occupy("over");
    for (const run of ["gone", "here"]) await execute(run, "work", deps);
    await objectOf("gone").run.cancel();
    await drainQueues();
    await slotsOf("step", "over").release({ runId: runIdOf("someone"), step: "work", lease: 1 });
    await vi.waitFor(async () => expect(await hinted()).toEqual([runIdOf("here")]));
  });

  it("of another key, or beside a free slot, does not wait", async () => {
    const { deps } = createTestRunner();
    await occupy("a");
    await occupy("two", "another");
    await started("other", limited("b"));
    await started("wide", limited("two", 2));
    await execute("other", "work", deps);
    await execute("wide", "work", deps);
    expect([await objectOf("other").run.wait(0), await objectOf("wide").run.wait(0)]).toEqual(["succeeded", "succeeded"]);
  });
});

describe("a run with a concurrency", () => {
  it("waits before its first step until the run before it has ended, also over a pause", async () => {
    const { deps } = createTestRunner();
    const plan = perRun("{{input.account}}", ["input >> ON_SUCCESS >> ask", "ask >> ON_SUCCESS >> work"]);
    const input = { json: '{"account":"a1"}' };
    for (const run of ["r1", "r2"]) await started(run, plan, { input });
    await execute("r1", "$concurrency", deps);
    await execute("r1", "ask", deps);
    await execute("r2", "$concurrency", deps);
    expect(await waitingOf("r1")).toMatchObject([{ node: "ask", reason: "callback" }]);
    expect(await waitingOf("r2")).toMatchObject([
      { node: "$concurrency", reason: "concurrency", note: expect.stringContaining(`by sample (${runIdOf("r1")})`) },
    ]);
    await drainQueues();
    await objectOf("r1").run.cancel();
    await vi.waitFor(async () => expect(await hinted()).toEqual([runIdOf("r2")]));
    await execute("r2", "$concurrency", deps);
    expect(await hinted()).toEqual([runIdOf("r2")]);
    await execute("r2", "ask", deps);
    expect(await waitingOf("r2")).toMatchObject([{ node: "ask", reason: "callback" }]);
  });

  it("gives its slot back when it ends, and takes a new one when it is redriven", async () => {
    const { deps } = createTestRunner();
    for (const run of ["old", "young"]) await started(run, perRun("k"));
    await execute("old", "$concurrency", deps);
    await execute("young", "$concurrency", deps);
    await execute("old", "work", deps);
    await vi.waitFor(async () => expect(await hinted()).toContain(runIdOf("young")));
    await execute("young", "$concurrency", deps);
    expect(await objectOf("old").run.redrive({ nodes: ["work"] })).toMatchObject({
      kind: "redriven",
      hints: [{ hint: { step: "$concurrency" } }],
    });
    await execute("old", "$concurrency", deps);
    expect(await waitingOf("old")).toMatchObject([{ reason: "concurrency" }]);
    await execute("young", "work", deps);
    expect(await objectOf("young").run.wait(0)).toBe("succeeded");
    await vi.waitFor(async () => expect(await hinted()).toContain(runIdOf("old")));
    for (const step of ["$concurrency", "work"]) await execute("old", step, deps);
    const view = await objectOf("old").run.view({ offset: 0, limit: 10 });
    expect([view?.summary.status, view?.output]).toEqual([
      "succeeded",
      { kind: "one", output: { json: '{"success":true,"data":{"a":1}}' } },
    ]);
  });
});
