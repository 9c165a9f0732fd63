import { describe, expect, it } from "vitest";
import { fixed, START, definition, BOTH, reading, flow, refused, accepted, warningsOf } from "../../../support/definitions.ts";

describe("Warnings", () => {
  it("are none for a clean workflow", () => {
    expect(warningsOf(reading("{{one.data.x}} {{input.a}} {{run.id}} {{now}} {{_today}} {{_yyyymmdd}}"))).toEqual([]);
  });

  it("are one for each bare name", () => {
    expect(warningsOf(reading("{{text}} is {{colour}}, {{text}}"))).toEqual([
      ["/config/two/values/v", "template.bare_name"],
      ["/config/two/values/v", "template.bare_name"],
    ]);
  });

  it.each(["IF", "條件滿足時"])("are one for a bare %s", (word) => {
    const workflow = accepted(flow(`one >> ${word} >> two`));
    expect(workflow.warnings.map(({ code }) => code)).toEqual(["flow.bare_condition"]);
    expect(workflow.plan.edges[1]?.relation).toEqual({ kind: "success" });
  });

  it.each([
    ["PIPE", undefined, 1],
    ["ON_FAIL", undefined, 1],
    ["ON_SUCCESS", undefined, 0],
    ["ON_TRUE", undefined, 0],
    ["WHEN(one.data.n > 1)", undefined, 0],
  ])("tell of data that may be absent after %s", (relation, join, count) => {
    const value = (template: string) =>
      definition({
        flow: [START, `one >> ${relation} >> two`],
        config: { ...BOTH, two: fixed({ v: template }) },
        policy: { two: { join: join ?? "settled" } },
      });
    expect(warningsOf(value("{{one.data.x}}"))).toHaveLength(count);
    expect(warningsOf(value("{{one.data.x ?? null}} {{has(one.data.x)}} {{one.success}}"))).toEqual([]);
  });

  it.each([
    ["settled", "PIPE", 1],
    ["settled", "ON_SUCCESS", 1],
    ["any", "ON_SUCCESS", 1],
    ["all", "PIPE", 1],
    ["all", "ON_SUCCESS", 0],
    [{ quorum: 2 }, "ON_SUCCESS", 0],
    [{ quorum: 1 }, "ON_SUCCESS", 1],
  ])("know the join %j with %s", (join, relation, count) => {
    const value = definition({
      flow: ["input >> PIPE >> b", "input >> PIPE >> c", `b >> ${relation} >> d`, `c >> ${relation} >> d`],
      config: { b: fixed({}), c: fixed({}), d: fixed({ x: "{{b.data.x}}" }) },
      policy: { d: { join } },
    });
    expect(warningsOf(value)).toHaveLength(count);
  });

  it("tell of keys that mean nothing and of lines that are there twice", () => {
    expect(warningsOf(definition({ flow: [START, START], confg: {} }))).toEqual([
      ["/confg", "definition.unknown_key"],
      ["/flow/1", "flow.duplicate_line"],
    ]);
  });
});

describe("Old files", () => {
  it("may carry a graph instead of a flow", () => {
    const value = definition({
      flow: undefined,
      graph: {
        nodes: [{ id: "one", component: "set", config: { values: { a: 1 } } }],
        edges: [{ from: "input", to: "one", type: "ON_SUCCESS" }],
      },
      config: {},
    });
    const { flow: _flow, ...old } = value;
    expect(accepted(old).plan.vertices.map(({ node, config }) => [node, config])).toEqual([
      ["input", undefined],
      ["one", { values: { a: 1 } }],
    ]);
  });

  it("may write the names in config in their old normal form", () => {
    const value = definition({
      flow: ["input >> PIPE >> Fetch Page"],
      config: { "fetch-page": fixed({ a: 2 }) },
      policy: { "fetch-page": { delay: 1 } },
    });
    expect(accepted(value).plan.vertices[1]).toMatchObject({
      node: "Fetch Page",
      config: { values: { a: 2 } },
      delayMs: 1000,
    });
  });

  it("may begin at a cron node, which is a schedule", () => {
    const value = definition({
      flow: ["tick >> PIPE >> one"],
      config: { tick: { component: "cron", cron_expr: "0 8 * * *" }, one: fixed({}) },
    });
    const workflow = accepted(value);
    expect(workflow.schedules).toEqual([{ cron: "0 8 * * *", timezone: "UTC", input: {}, overlap: "skip", catchUp: "none" }]);
    expect(workflow.plan.vertices.map(({ node }) => node)).toEqual(["input", "one"]);
    const bad = definition({
      flow: ["tick >> PIPE >> one"],
      config: { tick: { component: "cron", cron_expr: "soon" }, one: fixed({}) },
    });
    expect(refused(bad).map(({ pointer }) => pointer)).toEqual(["/config/tick/cron_expr"]);
  });
});
