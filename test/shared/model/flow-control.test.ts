import { describe, expect, it } from "vitest";
import { accepted, policy, refused, two } from "../../support/definitions.ts";

const run = (fields: unknown) => two({ policy: { run: fields } });
const slot = (key: string, limit: unknown = 2) => ({ concurrency: { key, limit } });
const problems = (definition: unknown) => refused(definition).map(({ pointer, code }) => [pointer, code]);

describe("a concurrency", () => {
  it("of a node is in its vertex, and its key decides what the claim hands out", () => {
    const plan = accepted(policy(slot("crm:{{input.account}}:{{one.data.region ?? 'eu'}}"))).plan;
    const vertex = plan.vertices.find(({ node }) => node === "two");
    expect([vertex?.concurrency, vertex?.needs]).toEqual([
      { key: "crm:{{input.account}}:{{one.data.region ?? 'eu'}}", limit: 2 },
      { input: true, context: false, nodes: ["one"] },
    ]);
    expect(plan.vertices.find(({ node }) => node === "one")).not.toHaveProperty("concurrency");
  });

  it("of a run and a singleton are in its policy", () => {
    const { plan, warnings } = accepted(run({ ...slot("{{input.a}}", 1), singleton: { key: "{{input.b}}", mode: "skip" } }));
    expect([plan.run.concurrency, plan.run.singleton, warnings]).toEqual([{ key: "{{input.a}}", limit: 1 }, { key: "{{input.b}}" }, []]);
  });

  it.each([
    [
      "of a node that reads one that comes later",
      two({ policy: { one: slot("{{two.data.x}}") } }),
      "/policy/one/concurrency/key",
      "template.unknown_node",
    ],
    ["of a run that reads a node", run(slot("{{one.data.x}}")), "/policy/run/concurrency/key", "template.unknown_node"],
    ["with a key that cannot be read", policy(slot("{{input.")), "/policy/two/concurrency/key", "template.invalid"],
    ["with a secret in its key", policy(slot("{{credential.TOKEN}}")), "/policy/two/concurrency/key", "template.credential_not_allowed"],
    ["without a limit", policy({ concurrency: { key: "k" } }), "/policy/two/concurrency", "policy.invalid_value"],
    ["with no slot at all", policy(slot("k", 0)), "/policy/two/concurrency/limit", "policy.invalid_value"],
    ["as a singleton without a mode", run({ singleton: { key: "k" } }), "/policy/run/singleton", "policy.invalid_value"],
  ])("%s is refused", (_, definition, pointer, code) => {
    expect(problems(definition)).toEqual([[pointer, code]]);
  });
});
