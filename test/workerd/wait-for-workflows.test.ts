/** A step that waits for many runs, all in their real objects. */
import { describe, expect, it } from "vitest";
import { dataOf, go, look, SET, statusOf, typesOf, WITHIN } from "../support/workerd-children.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { claimed, ids, objectOf, planFor, runIdOf, started } from "../support/workerd-runs.ts";

const { deps } = createTestRunner();
const ONE = planFor({ flow: ["input >> ON_SUCCESS >> one"], config: { one: SET } });
const gathering = (runIds: readonly string[], more: Readonly<Record<string, unknown>> = {}) =>
  planFor({
    flow: ["input >> ON_SUCCESS >> gather"],
    config: { gather: { component: "wait_for_workflows", run_ids: runIds, ...more } },
  });

describe("who waits for many runs", () => {
  it("goes on at the quorum, and tells of them in the order asked, those of before included", async () => {
    const names = ["first", "second", "third"];
    for (const name of names) await started(name, ONE);
    await go(objectOf("third").run, "one", deps);
    const { run, stub } = await started("quorum", gathering(names.map(runIdOf), { mode: { quorum: 2 } }));
    await go(run, "gather", deps);
    expect((await look(run)).waiting).toMatchObject([{ reason: "child_runs", childRuns: [runIdOf("first"), runIdOf("second")] }]);
    await go(objectOf("second").run, "one", deps);
    await expect.poll(() => typesOf(stub), WITHIN).toEqual(["run.started", "step.paused", "step.notified"]);
    await go(run, "gather", deps);
    expect(await dataOf(run, "gather")).toEqual({
      runs: [
        { run_id: runIdOf("first"), status: "running" },
        { run_id: runIdOf("second"), status: "succeeded", output: { found: "nothing" } },
        { run_id: runIdOf("third"), status: "succeeded", output: { found: "nothing" } },
      ],
    });
    expect(await typesOf(objectOf("first").stub)).toEqual(["run.started", "run.watched"]);
  });

  it("goes on although a run ended between the look and the pause", async () => {
    await started("quick", ONE);
    const { run, stub } = await started("slow to pause", gathering([runIdOf("quick")]));
    const assignment = await claimed(run, "gather");
    const { step, generation } = assignment;
    await objectOf("quick").run.watch({ runId: runIdOf("slow to pause"), step, generation });
    await go(objectOf("quick").run, "one", deps);
    await expect.poll(() => typesOf(stub), WITHIN).toEqual(["run.started", "step.notified"]);
    const awaited = { runs: [{ runId: runIdOf("quick"), life: 0 }], wanted: 1 };
    const result = { kind: "paused", reason: "child_runs", awaited } as const;
    const { attempt, lease } = assignment;
    const { hints } = await run.settle([{ step, generation, attempt, lease, startedAt: 0, fuel: 0, result }]);
    expect(hints.map(({ hint }) => hint.step)).toEqual(["gather"]);
  });

  it("leaves them alone when it is cancelled", async () => {
    await started("stranger", ONE);
    const { run } = await started("onlooker", gathering([runIdOf("stranger")]));
    await go(run, "gather", deps);
    await run.cancel();
    await go(objectOf("stranger").run, "one", deps);
    expect(await statusOf(objectOf("stranger").run)).toBe("succeeded");
  });

  it.each([
    ["of another tenant", ids.runId("other", "theirs")],
    ["that nobody has started", runIdOf("nobody")],
    ["of a made-up name", "run_1"],
  ])("fails for a run %s", async (title, id) => {
    const { run } = await started(`waits for one ${title}`, gathering([id]));
    await go(run, "gather", deps);
    expect((await look(run)).error).toMatchObject({ code: "child.not_found", message: "one of the named runs does not exist" });
  });

  it("cannot wait for itself", async () => {
    const name = "narcissus";
    const { run } = await started(name, gathering([runIdOf(name)]));
    await go(run, "gather", deps);
    expect((await look(run)).error?.code).toBe("part.invalid_input");
  });
});
