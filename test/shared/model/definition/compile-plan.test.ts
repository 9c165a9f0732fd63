import { describe, expect, it } from "vitest";
import type { Vertex } from "../../../../shared/model/plan.ts";
import { compile, type Fields, set } from "../../../support/definitions.ts";

/** The only node, `a`, of a workflow. */
function compileNode(config: Fields, policy: Fields = {}): Vertex {
  const vertex = compile({
    flow: ["input >> ON_SUCCESS >> a"],
    config: { a: config },
    policy: { a: policy },
  }).vertices[1];
  if (vertex === undefined) throw new Error("there is no node a");
  return vertex;
}

describe("A plan", () => {
  it("holds the whole of a small workflow", () => {
    const plan = compile({
      flow: ["start >> ON_SUCCESS >> a", "a >> ON_FAIL(x.y) >> done"],
      config: {
        a: { component: "telegram_send", text: "{{input.t}}" },
        result: { said: "{{a.error.code ?? 'no'}}" },
      },
      policy: {
        a: { timeout: "5s" },
        run: { timeout: "1h", final_callback: "https://x.example/done" },
      },
      trigger: { auth: { signature: "github", secret: "HOOK" } },
      input: { type: "object" },
    });
    const common = {
      loops: [],
      join: { kind: "settled" },
      retry: { attempts: 3, backoff: "exponential", initialMs: 1000, maxMs: 60_000, jitter: true },
      waitMs: 604_800_000,
      delayMs: 0,
      onUnknown: "hold",
      receives: "params",
      effects: "pure",
      lane: "steps",
      mayPause: false,
      timeoutMs: 60_000,
      needs: { input: false, context: false, nodes: [] },
      incoming: [],
      outgoing: [],
    };
    expect(plan).toEqual({
      v: 1,
      workflow: "sample",
      version: plan.version,
      vertices: [
        { ...common, key: "input", node: "input", kind: "start", component: "", outgoing: [0] },
        {
          ...common,
          key: "a",
          node: "a",
          kind: "part",
          component: "http_request",
          recipe: "telegram_send",
          config: { text: "{{input.t}}" },
          effects: "idempotent",
          lane: "io",
          timeoutMs: 5000,
          needs: { input: true, context: false, nodes: [] },
          incoming: [0],
          outgoing: [1],
        },
        {
          ...common,
          key: "output",
          node: "output",
          kind: "end",
          component: "output",
          config: { said: "{{a.error.code ?? 'no'}}" },
          needs: { input: false, context: false, nodes: ["a"] },
          incoming: [1],
        },
      ],
      edges: [
        { id: 0, from: 0, to: 1, relation: { kind: "success" } },
        { id: 1, from: 1, to: 2, relation: { kind: "fail", code: "x.y" } },
      ],
      run: {
        timeoutMs: 3_600_000,
        retentionMs: 2_592_000_000,
        finalCallback: "https://x.example/done",
      },
      trigger: { kind: "signature", scheme: "github", secret: "HOOK" },
      input: { type: "object" },
    });
  });

  it("has an end that runs nothing when it has no config", () => {
    const end = compile({
      flow: ["input >> PIPE >> a", "a >> PIPE >> end"],
      config: { a: set() },
    }).vertices.at(-1);
    expect(end).toMatchObject({ key: "output", kind: "end", component: "" });
    expect(end).not.toHaveProperty("config");
  });

  it("may lead from the start right to the end", () => {
    expect(compile({ flow: ["input >> PIPE >> output"] }).vertices.map(({ kind }) => kind)).toEqual(["start", "end"]);
  });

  it("has several names of the end as one node", () => {
    const plan = compile({
      flow: ["input >> PIPE >> a", "a >> ON_TRUE >> end", "a >> ON_FALSE >> result"],
      config: { a: set() },
    });
    expect(plan.vertices.map(({ key, incoming }) => [key, incoming])).toEqual([
      ["input", []],
      ["a", [0]],
      ["output", [1, 2]],
    ]);
  });
});

describe("What a node needs", () => {
  const needs = (lines: readonly string[], values: unknown, config: Fields = {}) =>
    compile({
      flow: ["input >> PIPE >> a", "a >> PIPE >> b", "b >> PIPE >> c", ...lines],
      config: { a: set(), b: set(), c: { component: "set", values }, ...config },
    }).vertices.find(({ node }) => node === "c")?.needs;

  it.each([
    ["nothing", "plain", { input: false, context: false, nodes: [] }],
    ["the input", "{{input.x}}", { input: true, context: false, nodes: [] }],
    ["nodes", ["{{b.data.x ?? a.data.x ?? 1}}", "{{b.success}}"], { input: false, context: false, nodes: ["b", "a"] }],
    ["everything, for an old name", "{{x}}", { input: true, context: true, nodes: ["a", "b"] }],
    ["nothing for the date or the run", "{{_today}} {{now}} {{run.id}}", { input: false, context: false, nodes: [] }],
    ["what an expression reads", "{{ input.items.map(i, i.id + a.success) }}", { input: true, context: false, nodes: ["a"] }],
  ])("is %s", (_title, values, expected) => {
    expect(needs([], values)).toEqual(expected);
  });

  it("is what the conditions on its edges read, too", () => {
    const flow = ["c >> WHEN(c.data.n > a.data.n && input.n > 1) >> d"];
    expect(needs(flow, "x", { d: set() })).toEqual({ input: true, context: false, nodes: ["a"] });
  });

  it("is everything without a config, or for a part that receives the context", () => {
    expect(compileNode({ component: "number_ops" })).toMatchObject({
      needs: { input: true, context: true },
    });
    expect(compileNode({ component: "number_ops" })).not.toHaveProperty("config");
    expect(compileNode({ component: "merge", deep: true })).toMatchObject({
      needs: { context: true },
      receives: "context",
    });
  });

  it("is not what the code of a code node says", () => {
    expect(compileNode({ component: "code", code: "return {{nobody.data}}", input: "{{input}}" }).needs).toEqual({
      input: true,
      context: false,
      nodes: [],
    });
  });

  it("may be a credential in a part that calls out", () => {
    expect(compileNode({ component: "http_request", headers: { a: "Bearer {{credential.KEY}}" } }).needs.nodes).toEqual([]);
  });

  it("may be of a node with hyphens, spaces or any script in its name", () => {
    const names = ["a-1", "two words", "抓取網頁", "cafe\u0301"];
    const config = Object.fromEntries(names.map((name) => [name, set()]));
    const flow = [
      "input >> PIPE >> a-1",
      "a-1 >> PIPE >> two words",
      "two words >> PIPE >> 抓取網頁",
      "抓取網頁 >> PIPE >> cafe\u0301",
      "caf\u00e9 >> PIPE >> z",
    ];
    const z = set(Object.fromEntries(names.map((name) => [name, `{{${name}.success}}`])));
    expect(compile({ flow, config: { ...config, z } }).vertices.at(-1)?.needs.nodes).toEqual(names.map((name) => name.normalize("NFC")));
  });
});

describe("A policy", () => {
  it.each([
    [
      {
        retry: {
          attempts: 5,
          backoff: "linear",
          initial: "500ms",
          max: "2s",
          jitter: false,
          on: ["a."],
        },
      },
      {
        retry: {
          attempts: 5,
          backoff: "linear",
          initialMs: 500,
          maxMs: 2000,
          jitter: false,
          on: ["a."],
        },
      },
    ],
    [
      { retry: { initial: "5m" } },
      {
        retry: {
          attempts: 3,
          backoff: "exponential",
          initialMs: 300_000,
          maxMs: 300_000,
          jitter: true,
        },
      },
    ],
    [{ join: "any" }, { join: { kind: "any" } }],
    [{ join: { quorum: 1 } }, { join: { kind: "quorum", count: 1 } }],
    [
      { wait: "365d", delay: 1.5 },
      { waitMs: 31_536_000_000, delayMs: 1500 },
    ],
    [
      { timeout: "2m", on_unknown: "fail" },
      { timeoutMs: 120_000, onUnknown: "fail" },
    ],
  ])("%j is compiled", (policy, expected) => {
    expect(compileNode(set(), policy)).toMatchObject(expected);
  });
});
