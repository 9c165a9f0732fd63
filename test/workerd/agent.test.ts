/** The agent of the examples, with a week between two of its thoughts, in an object that is evicted wherever it may be. */
import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { parse } from "yaml";
import agentYaml from "../../examples/workflows/agent.yaml?raw";
import { executeAndSettle } from "../../workers/runner/settle-batch.ts";
import { fakeTransport } from "../support/fake-transport.ts";
import { createTestRunner } from "../support/workerd-runner.ts";
import { claimed, eventsOf, objectOf, planFor, started, stopClock } from "../support/workerd-runs.ts";

const WEEK_MS = 7 * 86_400_000;
const MODEL = "http://127.0.0.1:9/model";
const INBOX = "http://127.0.0.1:9/inbox";

const json = (body: unknown) => () => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });

it("an agent in one function rests for weeks, is told what a person said, and repeats no call", async () => {
  const pass = stopClock();
  const { transport, sent } = fakeTransport(
    json({ ask: "What is it about?" }),
    json({}),
    json({ idea: "let me sleep on it" }),
    json({ answer: "Take an umbrella." }),
  );
  const { deps } = createTestRunner({ transport });
  const input = { goal: "tell me what to wear", model: MODEL, inbox: INBOX };
  const { run, stub } = await started("agent", planFor(parse(agentYaml)), { input: { json: JSON.stringify(input) } });
  const go = async () => {
    await executeAndSettle([await claimed(objectOf("agent").run, "agent")], deps);
    await evictDurableObject(stub);
  };
  const waiting = async () => (await run.view({ offset: 0, limit: 5 }))?.waiting.map(({ reason, note }) => [reason, note]);

  await go();
  expect(await waiting()).toEqual([["callback", "What is it about?"]]);
  const said = { success: true, data: { json: '"Trees."' }, digest: "d" };
  expect(await run.answer({ ref: { step: "agent", generation: 0, wait: 0 } }, said, "Trees.")).toMatchObject({ kind: "accepted" });
  await go();
  expect(await waiting()).toEqual([["timer", null]]);
  pass(WEEK_MS);
  await go();
  expect(await waiting()).toEqual([["timer", null]]);
  pass(WEEK_MS);
  await go();

  const view = await run.view({ offset: 0, limit: 5 });
  const output = view?.steps.find(({ node }) => node === "agent")?.output;
  expect(output && "json" in output ? JSON.parse(output.json).data : undefined).toEqual({
    answer: "Take an umbrella.",
    turns: 3,
    notes: [{ asked: "What is it about?", said: "Trees." }],
  });
  expect(sent.map(({ url }) => url)).toEqual([MODEL, INBOX, MODEL, MODEL]);
  expect(new Set(sent.map(({ headers }) => headers["idempotency-key"])).size).toBe(4);
  expect((await eventsOf(stub)).filter(([type]) => type === "step.paused")).toHaveLength(3);
});
