/** Nodes whose component is an address or a service, from the queue to the request that leaves. */
import { expect, it } from "vitest";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner, deliver, hintFor, settled } from "../support/workerd-runner.ts";
import { planFor, started, TENANT } from "../support/workerd-runs.ts";

async function sentBy(name: string, call: Readonly<Record<string, unknown>>) {
  const { transport, sent } = fakeTransport(() => Response.json({ fine: true }));
  const { deps } = createTestRunner({ transport });
  await deps.credentials.put(TENANT, "GITHUB_TOKEN", "value-of-token", ["api.github.com"]);
  const input = { json: JSON.stringify({ n: 1, text: "hello" }) };
  const { run } = await started(name, planFor({ flow: ["input >> ON_SUCCESS >> call"], config: { call } }), { input });
  expect(await deliver("arcrun-io", [hintFor(name, "call")], (batch) => consume(batch, stepsLane, deps))).toEqual(settled(["m0"]));
  const view = await run.view({ offset: 0, limit: 10 });
  expect([view?.summary.status, view?.error]).toEqual(["succeeded", null]);
  return sent.map(({ url, method, headers, body }) => ({ url, method, authorization: headers["authorization"], body }));
}

it("an address is sent the context, and a config over it", async () => {
  const component = "https://hooks.example.com/a?b=c";
  const request = { url: component, method: "POST", authorization: undefined };
  expect(await sentBy("address", { component })).toEqual([{ ...request, body: '{"n":1,"text":"hello"}' }]);
  expect(await sentBy("address with a config", { component, n: "{{input.n + 1}}" })).toEqual([
    { ...request, body: '{"n":2,"text":"hello"}' },
  ]);
});

it("a service is sent what the config says, signed in", async () => {
  expect(await sentBy("service", { component: "github", url: "/user/{{input.n}}" })).toEqual([
    { url: "https://api.github.com/user/1", method: "GET", authorization: "Bearer value-of-token", body: undefined },
  ]);
});
