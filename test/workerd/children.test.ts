/** A run and the run that one of its steps starts and waits for, each in its real object. Nobody polls: what goes on was told. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { StepHint } from "../../shared/message.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { createSqliteLog } from "../../workers/runner/sqlite-log.ts";
import {
  calling,
  callOf,
  childOf,
  dataOf,
  go,
  look,
  objectById,
  pushed,
  SET,
  statusOf,
  typesOf,
  WITHIN,
} from "../support/workerd-children.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { claimed, planFor, runIdOf, started, stopClock, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";

const { deps } = createTestRunner();

/** The steps of this run that messages name from now on. */
const hinted = async (runId: string) =>
  (await drainQueues()).map(({ body }) => StepHint.parse(body)).flatMap(({ run, step }) => (run === runId ? [step] : []));

describe("a parent", () => {
  it("is told of the end of its child, wherever both of them were evicted, and they name each other", async () => {
    await pushed("greet", SET);
    const { run, stub } = await started("parent", calling("greet", { input: { name: "Ada" } }));
    await go(run, "call", deps);
    const child = await childOf(run);
    const childId = (await look(child.run)).summary.runId;
    await evictDurableObject(stub);
    await evictDurableObject(child.stub);
    expect((await look(child.run)).origin.parentRunId).toBe(runIdOf("parent"));
    await drainQueues();
    await go(child.run, "one", deps);
    await expect.poll(() => typesOf(stub), WITHIN).toEqual(["run.started", "step.leased", "step.paused", "step.notified"]);
    expect(await hinted(runIdOf("parent"))).toEqual(["call"]);
    await evictDurableObject(stub);
    await go(run, "call", deps);
    expect(await dataOf(run, "call")).toEqual({ run_id: childId, workflow: "greet", status: "succeeded", output: { found: "Ada" } });
    const { steps, summary } = await look(run);
    expect([steps[0]?.childRuns, summary.status]).toEqual([[childId], "succeeded"]);
    expect(await typesOf(child.stub)).toEqual(["run.started", "step.succeeded", "run.ended"]);
  });

  it("fails as its child failed, and its ON_FAIL edge may take it", async () => {
    await pushed("break", { component: "json_ops", op: "parse", text: "no json" });
    const { run, stub } = await started(
      "fails",
      planFor({ flow: ["input >> ON_SUCCESS >> call", "call >> ON_FAIL >> alarm"], config: { call: callOf("break"), alarm: SET } }),
    );
    await go(run, "call", deps);
    const child = await childOf(run);
    await go(child.run, "one", deps);
    const failure = (await look(child.run)).error;
    await expect.poll(() => typesOf(stub), WITHIN).toContain("step.notified");
    await go(run, "call", deps);
    await go(run, "alarm", deps);
    const { steps, summary } = await look(run);
    expect(steps.find(({ key }) => key === "call")?.error).toMatchObject({ code: failure?.code, message: failure?.message });
    expect(summary.status).toBe("succeeded");
  });

  it("that is cancelled takes its children with it, and theirs", async () => {
    await pushed("rest", { component: "wait", duration: "7d" });
    await pushed("middle", { component: "trigger_workflow", workflow_name: "rest", wait: "finished" });
    const { run } = await started("grandparent", calling("middle"));
    await go(run, "call", deps);
    const middle = await childOf(run);
    await go(middle.run, "one", deps);
    const last = await childOf(middle.run);
    await go(last.run, "one", deps);
    await run.cancel("enough");
    await expect.poll(() => statusOf(last.run), WITHIN).toBe("cancelled");
    expect(await statusOf(middle.run)).toBe("cancelled");
    const listed = async () => (await deps.index.list(TENANT, { workflow: "rest", limit: 5 })).runs.map(({ status }) => status);
    await expect.poll(listed, WITHIN).toEqual(["cancelled"]);
  });

  it("that waited long enough goes on without its child, which is cancelled", async () => {
    const pass = stopClock();
    await pushed("slow", { component: "wait", duration: "7d" });
    const plan = planFor({
      flow: ["input >> ON_SUCCESS >> call"],
      config: { call: callOf("slow") },
      policy: { call: { wait: "1h" } },
    });
    const { run, stub } = await started("impatient", plan);
    await go(run, "call", deps);
    const child = await childOf(run);
    await go(child.run, "one", deps);
    pass(3_600_001);
    await runDurableObjectAlarm(stub);
    expect((await look(run)).error?.code).toBe("wait.expired");
    await expect.poll(() => statusOf(child.run), WITHIN).toBe("cancelled");
  });

  it("waits anew when its child was redriven before it had looked", async () => {
    await pushed("flaky", { component: "json_ops", op: "parse", text: "{{input.text}}" });
    const { run, stub } = await started("patient", calling("flaky", { input: { text: "no json" } }));
    await go(run, "call", deps);
    const child = await childOf(run);
    await go(child.run, "one", deps);
    await expect.poll(() => typesOf(stub), WITHIN).toContain("step.notified");
    expect(await child.run.redrive({})).toMatchObject({ kind: "redriven" });
    await go(run, "call", deps);
    expect((await look(run)).waiting).toMatchObject([{ reason: "child_runs" }]);
    await child.run.cancel();
    await expect.poll(async () => (await typesOf(stub)).filter((type) => type === "step.notified").length, WITHIN).toBe(2);
    await go(run, "call", deps);
    expect((await look(run)).error?.code).toBe("child.failed");
  });
});

describe("a child", () => {
  it("whose process died between its end and the telling is found by its alarm", async () => {
    await pushed("dying", SET);
    const { run, stub } = await started("left", calling("dying"));
    await go(run, "call", deps);
    const child = await childOf(run);
    // As the log is when the end was committed and nothing else happened.
    await runInDurableObject(child.stub, async (_: unknown, { storage }: DurableObjectState) => {
      const log = createSqliteLog(storage);
      log.append([{ seq: 2, at: Date.now(), event: { type: "run.cancelled" } }]);
      await storage.setAlarm(Date.now() + 60_000);
    });
    await evictDurableObject(child.stub);
    expect(await typesOf(stub)).toEqual(["run.started", "step.leased", "step.paused"]);
    await runDurableObjectAlarm(child.stub);
    await expect.poll(() => typesOf(stub), WITHIN).toEqual(["run.started", "step.leased", "step.paused", "step.notified"]);
  });

  it("whose parent was cancelled before it had paused asks some seconds later, and cancels itself", async () => {
    const pass = stopClock();
    await pushed("unwanted", { component: "wait", duration: "7d" });
    const { run } = await started("hasty", calling("unwanted"));
    const assignment = await claimed(run, "call");
    await run.cancel();
    await executeAndSettle([assignment], deps); // starts the child; its pause is refused
    const [listed] = (await deps.index.list(TENANT, { workflow: "unwanted", limit: 5 })).runs;
    const child = objectById(listed?.runId ?? "none");
    await go(child.run, "one", deps);
    expect(await statusOf(child.run)).toBe("waiting");
    pass(3001);
    await runDurableObjectAlarm(child.stub);
    await expect.poll(() => statusOf(child.run), WITHIN).toBe("cancelled");
  });

  it("that its parent holds asks once and goes on", async () => {
    const pass = stopClock();
    await pushed("wanted", { component: "wait", duration: "7d" });
    const { run } = await started("holding", calling("wanted"));
    await go(run, "call", deps);
    const child = await childOf(run);
    await go(child.run, "one", deps);
    pass(3001);
    await runDurableObjectAlarm(child.stub);
    await evictDurableObject(child.stub);
    expect(await statusOf(child.run)).toBe("waiting");
  });

  it("that was deleted meanwhile is not started a second time", async () => {
    await pushed("gone", SET);
    const { run, stub } = await started("bereft", calling("gone"));
    await go(run, "call", deps);
    const child = await childOf(run);
    await go(child.run, "one", deps);
    await expect.poll(() => typesOf(stub), WITHIN).toContain("step.notified");
    await runInDurableObject(child.stub, async (_: unknown, { storage }: DurableObjectState) => storage.deleteAll());
    await evictDurableObject(child.stub);
    await go(run, "call", deps);
    expect((await look(run)).error?.code).toBe("child.not_found");
    expect(await child.run.view({ offset: 0, limit: 1 })).toBeNull();
  });
});

it("a run that was started and left alone goes its own way, and the trace names it", async () => {
  await pushed("loose", SET);
  const { run } = await started("starter", calling("loose", { wait: "started" }));
  await go(run, "call", deps);
  const { steps, summary } = await look(run);
  const [childId = ""] = steps[0]?.childRuns ?? [];
  expect([summary.status, steps[0]?.childRuns.length]).toEqual(["succeeded", 1]);
  await go(objectById(childId).run, "one", deps);
  expect(await statusOf(objectById(childId).run)).toBe("succeeded");
});
