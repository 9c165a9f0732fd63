/** Results that could not be stored at once (a full disk, an object that broke): they are told again, and alarms come back. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { createRuns } from "../../shared/adapters/run-objects.ts";
import { ArcrunError } from "../../shared/model/errors.ts";
import type { Hints } from "../../shared/ports.ts";
import type { Outcome, RunApi } from "../../shared/run-api.ts";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { alarmOf, chain, claimed, eventsOf, planFor, runIdOf, started, stopClock } from "../support/workerd-runs.ts";
import { testEnv } from "../support/workerd-env.ts";

const CALL = planFor({
  flow: ["input >> ON_SUCCESS >> call"],
  config: { call: { component: "http_request", url: "https://example.com/" } },
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Runs of which the one of this name finds no storage for its first so many results. */
function fullFor(name: string, times: number) {
  const real = createRuns(testEnv.RUNS);
  const told: (readonly Outcome[])[] = [];
  const of = (tenant: string, runId: string): RunApi => ({
    ...real.of(tenant, runId),
    settle(outcomes, wantsOffers) {
      if (runId === runIdOf(name) && told.push(outcomes) <= times)
        return Promise.reject(new ArcrunError("storage_unavailable", "the disk is full"));
      return real.of(tenant, runId).settle(outcomes, wantsOffers);
    },
  });
  return { runs: { of }, told };
}

it("what a request has given is told until it is stored, and is not asked for again", async () => {
  const { transport, sent } = fakeTransport(() => new Response("ok"));
  const { runs, told } = fullFor("told again", 2);
  const { deps } = createTestRunner({ transport: async (request) => transport(request), runs });
  const { run, stub } = await started("told again", CALL);
  await executeAndSettle([await claimed(run, "call")], deps);
  expect(await eventsOf(stub)).toEqual([["run.started"], ["step.leased", "call"], ["step.succeeded", "call"], ["run.ended"]]);
  expect([sent.length, told.length]).toEqual([1, 3]);
  expect(told[2]).toEqual(told[0]);
});

it("a pure step is done again instead", async () => {
  const { runs, told } = fullFor("pure", 1);
  const { deps } = createTestRunner({ runs });
  const { run, stub } = await started("pure", chain("one"));
  await executeAndSettle([await claimed(run, "one")], deps);
  expect([told.length, await eventsOf(stub)]).toEqual([1, [["run.started"]]]);
});

it("nobody waits for the one that cannot be stored", async () => {
  const { transport } = fakeTransport(() => new Response("ok"));
  const { runs, told } = fullFor("late", 1);
  const sent: (readonly [step: string, told: number])[] = [];
  const hints: Hints = {
    send: async (due) => void sent.push(...due.map(({ hint }) => [hint.step, told.length] as const)),
    sendDeadLetters: () => Promise.resolve(),
  };
  const { deps } = createTestRunner({ transport: async (request) => transport(request), runs, hints });
  const late = await started("late", CALL);
  const other = await started("in time", chain("one", "two"));
  await executeAndSettle([await claimed(late.run, "call"), await claimed(other.run, "one")], deps);
  expect(sent).toEqual([["two", 1]]);
  expect((await eventsOf(late.stub)).at(-1)).toEqual(["run.ended"]);
});

it("an alarm that is long overdue is set anew with the next change", async () => {
  const pass = stopClock();
  const { run, stub } = await started("put off", chain("one", "two"));
  await claimed(run, "one");
  await runInDurableObject(stub, (_, { storage }) => storage.deleteAlarm()); // the platform puts it off
  await run.claim(["one"]);
  expect(await alarmOf(stub)).toBeNull(); // it may still ring
  pass(60_000);
  await run.claim(["one"]);
  expect(await alarmOf(stub)).not.toBeNull();
});
