/** Objects that break in the middle of a call, as they do when they move or are deployed anew (C2). */
import { afterEach, expect, it, vi } from "vitest";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import type { RunApi } from "../../shared/run-api.ts";
import { RunObject } from "../../workers/runner/index.ts";
import { chain, eventsOf, objectOf, runIdOf, startOf, successOf, TENANT, claimed } from "../support/workerd-runs.ts";
import { testEnv } from "../support/workerd-env.ts";

const runOf = (name: string): RunApi => createRuns(testEnv.RUNS).of(TENANT, runIdOf(name));

afterEach(() => {
  vi.restoreAllMocks();
});

/** So often the object does its work and breaks before it has answered. */
function breakAfter(method: keyof RunApi, times: number) {
  const real: unknown = Reflect.get(RunObject.prototype, method);
  let left = times;
  return vi
    .spyOn(RunObject.prototype as unknown as Record<string, (...args: unknown[]) => unknown>, method)
    .mockImplementation(async function (this: unknown, ...args: unknown[]) {
      const result: unknown = await Reflect.apply(real as CallableFunction, this, args);
      if (left-- > 0) (this as { readonly ctx: DurableObjectState }).ctx.abort("a fault");
      return result;
    });
}

it("a start, a settlement and a look are repeated, and count once", async () => {
  const calls = [breakAfter("start", 1), breakAfter("settle", 1), breakAfter("view", 2)];
  const run = runOf("breaks");
  await run.start(startOf("breaks", chain("one", "two")));
  const assignment = await claimed(run, "one");
  const { hints } = await run.settle([successOf(assignment)]);
  expect(hints.map(({ hint }) => hint.step)).toEqual(["two"]);
  expect((await run.view({ offset: 0, limit: 10 }))?.summary.status).toBe("running");
  expect(calls.map((call) => call.mock.calls.length)).toEqual([2, 2, 3]);
  expect(await eventsOf(objectOf("breaks").stub)).toEqual([["run.started"], ["step.succeeded", "one"]]);
});

it("what must not be done twice is not repeated, and says that the run does not answer", async () => {
  await runOf("once").start(startOf("once", chain("one")));
  const claims = breakAfter("claim", 1);
  await expect(runOf("once").claim(["one"])).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(claims.mock.calls).toHaveLength(1);
  vi.restoreAllMocks();
  await claimed(runOf("once"), "one"); // its lease went with the memory
});

it("an object that never answers is given up", async () => {
  await runOf("never").start(startOf("never", chain("one")));
  const looks = breakAfter("view", 100);
  await expect(runOf("never").view({ offset: 0, limit: 1 })).rejects.toMatchObject({ code: "storage_unavailable" });
  expect(looks.mock.calls).toHaveLength(4);
});

it("what the object itself refuses comes through as it is", async () => {
  await runOf("refuses").start(startOf("refuses", chain("one")));
  vi.spyOn(RunObject.prototype, "view").mockRejectedValue(new TypeError("a defect"));
  await expect(runOf("refuses").view({ offset: 0, limit: 1 })).rejects.toThrow("a defect");
});
