import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArcrunError, type Issue } from "../../../shared/model/errors.ts";
import { parseDocument } from "../../../shared/model/parse-document.ts";
import { parseWorkflow } from "../../../shared/model/parse-workflow.ts";
import { RELATIONS } from "../../../shared/model/relations.ts";
import type { ParsedWorkflow } from "../../../shared/model/workflow.ts";
import { fakeCatalogue } from "../../support/fake-catalogue.ts";

type Fields = Readonly<Record<string, unknown>>;

const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");
const parse = (value: unknown) => parseWorkflow(value, { catalogue: fakeCatalogue, sha256Hex });

const fixed = (values: unknown): Fields => ({ component: "set", values });
const START = "input >> ON_SUCCESS >> one";
const LINE = [START, "one >> ON_SUCCESS >> two"];
const BOTH = { one: fixed({}), two: fixed({}) };
const definition = (fields: Fields = {}): Fields => ({
  name: "sample",
  description: "for a test",
  flow: [START],
  config: { one: fixed({}) },
  ...fields,
});
const two = (fields: Fields): Fields => definition({ flow: LINE, config: BOTH, ...fields });
const reading = (value: unknown): Fields => two({ config: { ...BOTH, two: fixed({ v: value }) } });
const policy = (fields: unknown): Fields => two({ policy: { two: fields } });
const flow = (...lines: unknown[]): Fields => definition({ flow: [START, ...lines], config: BOTH });

function refused(value: unknown): readonly Issue[] {
  const result = parse(value);
  if (result.ok) throw new Error("the definition was accepted");
  return result.errors;
}

function accepted(value: unknown): ParsedWorkflow {
  const result = parse(value);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.workflow;
}

const warningsOf = (value: unknown) =>
  accepted(value).warnings.map(({ pointer, code }) => [pointer, code]);

/** The definition, the place of the mistake, its code, and a word of the explanation. */
const MISTAKES: readonly (readonly [
  title: string,
  value: unknown,
  pointer: string,
  code: string,
  word?: string,
])[] = [
  ["a list instead of a map", [START], "", "definition.not_a_map"],
  ["no name", definition({ name: undefined, x: 1 }), "/name", "definition.not_json"],
  ["a name of two words", definition({ name: "a b" }), "/name", "definition.invalid_name"],
  [
    "a name that is too long",
    definition({ name: "x".repeat(65) }),
    "/name",
    "definition.invalid_name",
  ],
  [
    "an empty description",
    definition({ description: "  " }),
    "/description",
    "definition.description_missing",
  ],
  ["an empty flow", definition({ flow: [] }), "/flow", "flow.missing"],
  ["a flow that is a text", definition({ flow: START }), "/flow", "flow.missing"],
  ["a line of two parts", flow("one >> two"), "/flow/1", "flow.malformed_line"],
  ["a line of four parts", flow("one >> PIPE >> two >> three"), "/flow/1", "flow.malformed_line"],
  ["a number as a line", flow(12), "/flow/1", "flow.malformed_line", "12"],
  [
    "a misspelt relation",
    flow("one >> ON_FIAL >> two"),
    "/flow/1",
    "flow.unknown_relation",
    '"ON_FAIL"',
  ],
  ["an empty relation", flow("one >> >> two"), "/flow/1", "flow.unknown_relation"],
  [
    "a branch without a name",
    flow("one >> BRANCH( ) >> two"),
    "/flow/1",
    "flow.malformed_relation",
  ],
  [
    "an argument where none belongs",
    flow("one >> PIPE(x) >> two"),
    "/flow/1",
    "flow.malformed_relation",
  ],
  ["WHEN without a condition", flow("one >> WHEN >> two"), "/flow/1", "flow.malformed_relation"],
  [
    "a condition that ends early",
    flow("one >> WHEN(one.data.n >) >> two"),
    "/flow/1",
    "expression.invalid",
  ],
  [
    "a condition on nobody",
    flow("one >> IF(nobody.data.n) >> two"),
    "/flow/1",
    "template.unknown_node",
    "nobody",
  ],
  [
    "a condition on what follows",
    flow("one >> IF(two.data.n) >> two"),
    "/flow/1",
    "template.unknown_node",
    "two",
  ],
  ["a name with a dot", flow("one >> PIPE >> two.five"), "/flow/1", "flow.invalid_name"],
  [
    "a name that no template can read",
    flow("one >> PIPE >> __proto__"),
    "/flow/1",
    "flow.invalid_name",
  ],
  ["a node without config", definition({ flow: LINE }), "/flow/1", "config.missing", "two"],
  [
    "a config for nobody",
    definition({ config: { ...BOTH } }),
    "/config/two",
    "config.unknown_node",
  ],
  [
    "the same node twice",
    definition({ config: { one: fixed({}), " one": fixed({}) } }),
    "/config/ one",
    "config.duplicate_node",
  ],
  [
    "a config that is a text",
    definition({ config: { one: "set" } }),
    "/config/one",
    "config.not_a_map",
  ],
  [
    "a config without component",
    definition({ config: { one: { values: {} } } }),
    "/config/one/component",
    "config.component_missing",
  ],
  [
    "an unknown component",
    definition({ config: { one: { component: "nubmer_ops" } } }),
    "/config/one/component",
    "config.unknown_component",
    "number_ops",
  ],
  ["a cycle", flow("one >> PIPE >> two", "two >> ON_FAIL >> one"), "/flow/2", "flow.cycle", "two"],
  ["a node that follows itself", flow("one >> PIPE >> one"), "/flow/1", "flow.cycle", "one"],
  ["a node out of reach", flow("two >> PIPE >> one"), "/flow/1", "flow.unreachable_node", "two"],
  [
    "no start",
    definition({ flow: ["one >> PIPE >> two"], config: BOTH }),
    "/flow",
    "flow.no_start",
  ],
  ["a line into the start", flow("one >> PIPE >> webhook"), "/flow/1", "flow.into_start"],
  [
    "a line out of the end",
    flow("one >> PIPE >> done", "done >> PIPE >> two"),
    "/flow/2",
    "flow.out_of_end",
  ],
  ["GATHER outside of a loop", flow("one >> GATHER >> two"), "/flow/1", "flow.gather_without_loop"],
  [
    "a loop of no width",
    flow("one >> FOREACH item PARALLEL(0) >> two"),
    "/flow/1",
    "flow.invalid_parallel",
  ],
  ["a loop without a variable", flow("one >> FOREACH >> two"), "/flow/1", "flow.malformed_loop"],
  ["a loop", flow("one >> 對每個 item 並行(2) >> two"), "/flow/1", "flow.loops_not_available"],
  [
    "a list of a loop that cannot be read",
    flow("one >> FOREACH i IN {{one.data.}} >> two"),
    "/flow/1",
    "expression.invalid",
  ],
  [
    "a template on nobody",
    reading("{{onee.data.x}}"),
    "/config/two/values/v",
    "template.unknown_node",
    '"one"',
  ],
  [
    "a template on nobody's error",
    reading({ deep: ["{{ghost.error.code}}"] }),
    "/config/two/values/v/deep/0",
    "template.unknown_node",
  ],
  [
    "a template on itself",
    reading("{{two.data.x ?? 1}}"),
    "/config/two/values/v",
    "template.unknown_node",
    "two",
  ],
  [
    "a template on what follows",
    two({ config: { ...BOTH, one: fixed({ v: "{{two}}" }) } }),
    "/config/one/values/v",
    "template.unknown_node",
  ],
  [
    "a template that stops",
    reading("{{ one.data. }}"),
    "/config/two/values/v",
    "expression.invalid",
  ],
  [
    "a template without its end",
    reading("see {{ input.x"),
    "/config/two/values/v",
    "template.invalid",
  ],
  [
    "an unknown function",
    reading("{{ fly(input.x) }}"),
    "/config/two/values/v",
    "expression.invalid",
    "fly",
  ],
  [
    "a credential in a pure part",
    reading("x {{credential.TOKEN}}"),
    "/config/two/values/v",
    "template.credential_not_allowed",
    "credential",
  ],
  [
    "a policy for nobody",
    two({ policy: { twoo: {} } }),
    "/policy/twoo",
    "policy.unknown_node",
    '"two"',
  ],
  ["a policy that is a list", two({ policy: [] }), "/policy", "policy.not_a_map"],
  ["an unknown policy", policy({ retyr: {} }), "/policy/two/retyr", "policy.unknown_key", "retry"],
  [
    "a time that is none",
    policy({ timeout: "a while" }),
    "/policy/two/timeout",
    "policy.invalid_value",
  ],
  [
    "a wait of more than a year",
    policy({ wait: "366d" }),
    "/policy/two/wait",
    "policy.invalid_value",
  ],
  [
    "no attempt",
    policy({ retry: { attempts: 0 } }),
    "/policy/two/retry/attempts",
    "policy.invalid_value",
  ],
  [
    "too many attempts",
    policy({ retry: { attempts: 101 } }),
    "/policy/two/retry/attempts",
    "policy.invalid_value",
  ],
  [
    "half an attempt",
    policy({ retry: { attempts: 1.5 } }),
    "/policy/two/retry/attempts",
    "policy.invalid_value",
  ],
  [
    "an unknown backoff",
    policy({ retry: { backoff: "fast" } }),
    "/policy/two/retry/backoff",
    "policy.invalid_value",
    "exponential",
  ],
  [
    "an unknown join",
    policy({ join: "some" }),
    "/policy/two/join",
    "policy.invalid_value",
    "settled",
  ],
  [
    "an empty quorum",
    policy({ join: { quorum: 0 } }),
    "/policy/two/join/quorum",
    "policy.invalid_value",
  ],
  ["a join without a quorum", policy({ join: {} }), "/policy/two/join", "policy.invalid_value"],
  [
    "a tolerance above all",
    policy({ foreach: { tolerate: "101%" } }),
    "/policy/two/foreach/tolerate",
    "policy.invalid_value",
  ],
  [
    "an unknown key of the run",
    two({ policy: { run: { time: 1 } } }),
    "/policy/run/time",
    "policy.unknown_key",
    "timeout",
  ],
  [
    "a final callback that is no address",
    two({ policy: { run: { final_callback: "ftp://x" } } }),
    "/policy/run/final_callback",
    "policy.invalid_value",
  ],
  [
    "a schedule that never is",
    definition({ schedule: [{ cron: "* 25 * * *" }] }),
    "/schedule/0/cron",
    "schedule.invalid_cron",
  ],
  [
    "a schedule without cron",
    definition({ schedule: [{}] }),
    "/schedule/0/cron",
    "schedule.invalid_cron",
  ],
  [
    "a time zone that is none",
    definition({ schedule: [{ cron: "0 0 * * *", timezone: "Mars/Base" }] }),
    "/schedule/0/timezone",
    "schedule.unknown_timezone",
  ],
  [
    "an unknown trigger",
    definition({ trigger: { auth: "open" } }),
    "/trigger/auth",
    "trigger.unknown_auth",
    "public",
  ],
  [
    "an unknown signature",
    definition({ trigger: { auth: { signature: "gitlab", secret: "S" } } }),
    "/trigger/auth/signature",
    "trigger.unknown_signature",
    "github",
  ],
  [
    "a signature without a secret",
    definition({ trigger: { auth: { signature: "github" } } }),
    "/trigger/auth/secret",
    "trigger.invalid_secret",
  ],
  [
    "an unknown type of input",
    definition({ input: { type: "strnig" } }),
    "/input/type",
    "input.invalid_schema",
    "string",
  ],
  [
    "a deep mistake in the schema",
    definition({ input: { properties: { a: { items: [] } } } }),
    "/input/properties/a/items",
    "input.invalid_schema",
  ],
  [
    "too many nodes",
    definition({ flow: Array.from({ length: 1001 }, (_, i) => `input >> PIPE >> n${i}`) }),
    "/flow",
    "flow.too_many_nodes",
  ],
  [
    "too many edges",
    definition({ flow: Array.from({ length: 10_001 }, () => START) }),
    "/flow",
    "flow.too_many_edges",
  ],
  [
    "too many characters",
    definition({ description: "x".repeat(1_100_000) }),
    "",
    "definition.too_large",
  ],
  [
    "what is no JSON",
    definition({ input: { default: new Date(0) } }),
    "/input/default",
    "definition.not_json",
  ],
];

describe("A definition is refused for", () => {
  it.each(MISTAKES)("%s", (_title, value, pointer, code, word = "") => {
    const errors = refused(value);
    expect(errors.map((error) => [error.pointer, error.code])).toContainEqual([pointer, code]);
    expect(
      errors.find((error) => error.pointer === pointer && error.code === code)?.detail,
    ).toContain(word);
  });

  it("what is absent", () => {
    const { name: _name, description: _description, flow: _flow, ...rest } = definition();
    expect(refused(rest).map(({ pointer }) => pointer)).toEqual(["/name", "/description", "/flow"]);
  });
});

describe("The errors", () => {
  it("come all at once", () => {
    const value = definition({
      description: "",
      flow: [START, "one >> MAYBE >> two", "one >> two"],
      config: { one: { component: "no_such_thing" }, two: fixed({ a: "{{nobody.data}}" }) },
      policy: { one: { join: "most" }, ghost: {} },
      trigger: { auth: "x" },
      input: 7,
    });
    expect(new Set(refused(value).map(({ pointer }) => pointer))).toEqual(
      new Set([
        "/description",
        "/flow/1",
        "/flow/2",
        "/config/one/component",
        "/config/two/values/a",
        "/policy/one/join",
        "/policy/ghost",
        "/trigger/auth",
        "/input",
      ]),
    );
  });

  it("of a broken line do not make others of the nodes behind it", () => {
    const value = definition({
      flow: [START, "one >> ON_SUCESS >> two"],
      config: { one: fixed({}), two: fixed({ x: "{{one.data.a}}" }) },
    });
    expect(refused(value).map(({ pointer }) => pointer)).toEqual(["/flow/1"]);
    const lost = definition({
      flow: ["input >> one", "one >> ON_SUCCESS >> two"],
      config: { one: fixed({}), two: fixed({ x: "{{one.data.a}}" }) },
    });
    expect(refused(lost).map(({ pointer }) => pointer)).toEqual(["/flow/0"]);
  });

  it("are at most fifty, and the last says how many more there are", () => {
    const errors = refused(
      definition({ flow: [START, ...Array.from({ length: 99 }, () => "a >> b")] }),
    );
    expect(errors).toHaveLength(50);
    expect(errors.at(-1)).toMatchObject({ code: "definition.more_issues", detail: "and 51 more places" });
  });

  it("name the line of the YAML", () => {
    const text = [
      "# first",
      "name: x",
      "description: d",
      "flow:",
      `  - "${START}"`,
      "  - one >> ON_SUCESS >> two",
      "config:",
      "  one:",
      "    component: sett",
      "  two: { component: set, values: 1 }",
    ].join("\n");
    const { value, lineOf, issues } = parseDocument(text, "yaml");
    expect(issues).toEqual([]);
    const result = parseWorkflow(value, { catalogue: fakeCatalogue, sha256Hex, lineOf });
    expect(result.ok ? [] : result.errors.map(({ pointer, line }) => [pointer, line])).toEqual([
      ["/flow/1", 6],
      ["/config/one/component", 9],
    ]);
  });

  it("show at most 64 characters of what was found", () => {
    const [error] = refused(flow(`one >> ${"ü".repeat(5000)} >> two`));
    expect(error?.detail).toMatch(/^unknown relation "ü{62}…; expected/);
  });
});

describe("A document", () => {
  it.each([
    ['name: x\nflow: [ "a"\nconfig: {}\n', 3],
    ["a: 1\na: 2\n", 2],
    ["a: b: c", 1],
    ["a: 1\n---\nb: 2\n", 2],
  ])("that is no YAML names its line: %j", (text, line) => {
    const { issues, value } = parseDocument(text, "yaml");
    expect(value).toBeUndefined();
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ pointer: "", code: "definition.invalid_yaml" });
    expect(Math.abs((issues[0]?.line ?? 0) - line)).toBeLessThanOrEqual(1);
  });

  it("cannot grow by its aliases", () => {
    const levels = Array.from(
      { length: 20 },
      (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`,
    );
    expect(parseDocument(["l0: &l0 [x]", ...levels].join("\n"), "yaml").issues).toHaveLength(1);
  });

  it("that nests without end is refused", () => {
    expect(parseDocument("[".repeat(100_000), "yaml").issues).toHaveLength(1);
    expect(
      refused(parseDocument(`${"[".repeat(500)}${"]".repeat(500)}`, "yaml").value)[0]?.code,
    ).toBe("definition.too_deep");
  });

  it("that is no JSON is another error", () => {
    expect(() => parseDocument("{", "json")).toThrow(ArcrunError);
    expect(parseDocument('{"a":1}', "json").value).toEqual({ a: 1 });
  });
});

describe("Warnings", () => {
  it("are none for a clean workflow", () => {
    expect(
      warningsOf(reading("{{one.data.x}} {{input.a}} {{run.id}} {{now}} {{_today}} {{_yyyymmdd}}")),
    ).toEqual([]);
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
    expect(warningsOf(value("{{one.data.x ?? null}} {{has(one.data.x)}} {{one.success}}"))).toEqual(
      [],
    );
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
      flow: [
        "input >> PIPE >> b",
        "input >> PIPE >> c",
        `b >> ${relation} >> d`,
        `c >> ${relation} >> d`,
      ],
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
    expect(workflow.schedules).toEqual([
      { cron: "0 8 * * *", timezone: "UTC", input: {}, overlap: "skip", catchUp: "none" },
    ]);
    expect(workflow.plan.vertices.map(({ node }) => node)).toEqual(["input", "one"]);
    const bad = definition({
      flow: ["tick >> PIPE >> one"],
      config: { tick: { component: "cron", cron_expr: "soon" }, one: fixed({}) },
    });
    expect(refused(bad).map(({ pointer }) => pointer)).toEqual(["/config/tick/cron_expr"]);
  });
});

describe("The version", () => {
  const yaml = `# a comment\nname: v\ndescription: 'd'\nflow: ["${START}"]\nconfig: {one: {values: {b: 1, a: "x"}, component: set}}`;
  const json = `{"config":{"one":{"component":"set","values":{"a":"x","b":1.0}}},"description":"d","name":"v","flow":["${START}"]}`;
  const versionOf = (value: unknown): string => accepted(value).plan.version;

  it("depends on the content, not on the notation", () => {
    expect(versionOf(parseDocument(yaml, "yaml").value)).toBe(
      versionOf(parseDocument(json, "json").value),
    );
    expect(versionOf(JSON.parse(json))).not.toBe(versionOf(JSON.parse(json.replace('"x"', '"y"'))));
    expect(versionOf(JSON.parse(json))).not.toBe(
      versionOf(JSON.parse(json.replace('"b":1.0', '"b":"1"'))),
    );
  });

  it("is the hash of the canonical form", () => {
    const { canonical, plan } = accepted(JSON.parse(json));
    expect(canonical).toBe(
      `{"config":{"one":{"component":"set","values":{"a":"x","b":1}}},"description":"d","flow":["${START}"],"name":"v"}`,
    );
    expect(plan.version).toBe(sha256Hex(canonical));
  });

  it("does not depend on how names are saved in Unicode", () => {
    const named = (name: string) =>
      definition({ flow: [`input >> PIPE >> ${name}`], config: { [name]: fixed({}) } });
    expect(versionOf(named("cafe\u0301"))).toBe(versionOf(named("caf\u00e9")));
  });
});

describe("Garbage", () => {
  const anything = fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withBigInt: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
    maxDepth: 4,
  });
  const words = fc.constantFrom(
    "one",
    "two",
    "input",
    "output",
    "ghost",
    ">>",
    " ",
    "(",
    ")",
    "{{",
    "}}",
    "'",
    "IN",
    ".data",
    ...RELATIONS.flatMap((row) => row.words),
  );
  const line = fc.array(words, { maxLength: 9 }).map((parts) => parts.join(" "));

  it("gives errors, and throws nothing", () => {
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom(
          "name",
          "description",
          "flow",
          "graph",
          "config",
          "policy",
          "input",
          "trigger",
          "schedule",
        ),
        (value, key) => {
          expect(parse(value).ok).toBe(false);
          const result = parse(definition({ [key]: value }));
          if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("inside of nodes, policies and schedules gives errors, and throws nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(line, { maxLength: 5 }), (value, lines) => {
        for (const fields of [
          { config: { ...BOTH, two: value } },
          { policy: { two: value, run: value } },
          { schedule: [value] },
          { trigger: { auth: value } },
          { graph: { nodes: [value], edges: [value] } },
        ]) {
          parse(two(fields));
        }
        const result = parse(
          definition({ flow: lines, config: { one: fixed({ x: lines.join(" ") }) } }),
        );
        if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it("in place of a text gives a value or issues", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), line), (text) => {
        const { issues, value } = parseDocument(text, "yaml");
        expect(issues.length === 0 || value === undefined).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
