import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { claimed, eventsOf, objectOf, planFor, started, stopClock } from "../support/workerd-runs.ts";

let pass: (ms: number) => void;
beforeEach(() => {
  pass = stopClock();
});
afterEach(() => {
  vi.useRealTimers();
});

const calling = (host: string) =>
  planFor({
    flow: ["input >> ON_SUCCESS >> call"],
    config: { call: { component: "http_request", url: `https://${host}/`, method: "GET" } },
  });

it("a host that asks to be left alone is left alone by all steps that would call it: they spend no attempt, and say why", async () => {
  const { transport, sent } = fakeTransport(
    () => new Response("slow down", { status: 429, headers: { "retry-after": "30" } }),
    () => new Response("fine"),
  );
  const { deps } = createTestRunner({ transport });
  const execute = async (name: string) => executeAndSettle([await claimed(objectOf(name).run, "call")], deps);
  for (const name of ["first", "second"]) await started(name, calling("api.example"));
  await started("elsewhere", calling("other.example"));
  for (const name of ["first", "second", "elsewhere"]) await execute(name);
  expect(sent.map(({ url }) => url)).toEqual(["https://api.example/", "https://other.example/"]);
  expect((await eventsOf(objectOf("first").stub)).at(-1)).toEqual(["step.retrying", "call"]);
  const waiting = await objectOf("second").run.view({ offset: 0, limit: 10 });
  const note = expect.stringMatching(/^api\.example asked to be left alone until .*Z \(429 or 503 with Retry-After\)$/);
  expect(waiting?.waiting).toMatchObject([{ node: "call", reason: "retry_backoff", note }]);
  expect(waiting?.steps[0]).toMatchObject({ attempt: 1, events: [{}, { type: "step.paused", detail: { note } }] });
  pass(46_000);
  await execute("second");
  const view = await objectOf("second").run.view({ offset: 0, limit: 10 });
  expect([view?.summary.status, view?.steps[0]?.attempt, sent.length]).toEqual(["succeeded", 1, 3]);
});
