/** Large values that are gone or damaged in the bucket: the node that reads one fails visibly, and never works on wrong data (C10). */
import { expect, it } from "vitest";
import { consume } from "../../workers/runner/consume.ts";
import { stepsLane } from "../../workers/runner/io-lane.ts";
import { createTestRunner, deliver, hintFor } from "../support/workerd-runner.ts";
import { eventsOf, planFor, runIdOf, started, TENANT } from "../support/workerd-runs.ts";
import { drainQueues } from "../support/workerd-tap.ts";
import { testEnv } from "../support/workerd-env.ts";

const TEXT = "large ".repeat(10_000);
const PLAN = planFor({
  flow: ["input >> ON_SUCCESS >> big", "big >> ON_SUCCESS >> copy"],
  config: { big: { component: "set", values: { text: TEXT } }, copy: { component: "set", values: { chars: "{{size(big.data.text)}}" } } },
  policy: { copy: { retry: { attempts: 1 } } },
});

const keysOf = async (name: string) =>
  (await testEnv.PAYLOADS.list({ prefix: `${TENANT}/${runIdOf(name)}/` })).objects.map(({ key }) => key);

it.each([
  ["deleted", (key: string) => testEnv.PAYLOADS.delete(key)],
  ["overwritten", (key: string) => testEnv.PAYLOADS.put(key, JSON.stringify({ success: true, data: { text: "forged" } }))],
  ["cut short", async (key: string) => testEnv.PAYLOADS.put(key, ((await (await testEnv.PAYLOADS.get(key))?.text()) ?? "").slice(0, -1))],
] as const)("a value that was %s fails its reader, and the run goes on when it is back and redriven", async (name, damage) => {
  const { deps, counted } = createTestRunner();
  const step = (key: string) => deliver("arcrun-steps", [hintFor(name, key)], (batch) => consume(batch, stepsLane, deps));
  const { run, stub } = await started(name, PLAN);
  await step("big");
  const whole = await Promise.all((await keysOf(name)).map(async (key) => [key, await (await testEnv.PAYLOADS.get(key))?.text()] as const));
  for (const [key] of whole) await damage(key);
  await step("copy");
  expect((await run.view({ offset: 0, limit: 9 }))?.error).toMatchObject({ code: "value.missing", node: "copy" });
  expect([await eventsOf(stub), counted]).toEqual([
    [["run.started"], ["step.succeeded", "big"], ["step.failed", "copy"], ["run.ended"]],
    ["set succeeded", "set failed", "dead letter"],
  ]);
  for (const [key, text] of whole) await testEnv.PAYLOADS.put(key, text ?? "");
  await run.redrive({});
  await step("copy");
  const view = await run.view({ offset: 0, limit: 9 });
  expect([view?.summary.status, view?.output]).toEqual([
    "succeeded",
    { kind: "one", output: { json: JSON.stringify({ success: true, data: { chars: TEXT.length } }) } },
  ]);
  await drainQueues();
});
