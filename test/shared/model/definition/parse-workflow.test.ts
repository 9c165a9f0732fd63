import { describe, expect, it } from "vitest";
import { fixed, START, LINE, BOTH, definition, two, reading, policy, flow, refused } from "../../../support/definitions.ts";

/** The definition, the place of the mistake, its code, and a word of the explanation. */
const MISTAKES: readonly (readonly [title: string, value: unknown, pointer: string, code: string, word?: string])[] = [
  ["a list instead of a map", [START], "", "definition.not_a_map"],
  ["no name", definition({ name: undefined, x: 1 }), "/name", "definition.not_json"],
  ["a name of two words", definition({ name: "a b" }), "/name", "definition.invalid_name"],
  ["a name that is too long", definition({ name: "x".repeat(65) }), "/name", "definition.invalid_name"],
  ["an empty description", definition({ description: "  " }), "/description", "definition.description_missing"],
  ["an empty flow", definition({ flow: [] }), "/flow", "flow.missing"],
  ["a flow that is a text", definition({ flow: START }), "/flow", "flow.missing"],
  ["a line of two parts", flow("one >> two"), "/flow/1", "flow.malformed_line"],
  ["a line of four parts", flow("one >> PIPE >> two >> three"), "/flow/1", "flow.malformed_line"],
  ["a number as a line", flow(12), "/flow/1", "flow.malformed_line", "12"],
  ["a misspelt relation", flow("one >> ON_FIAL >> two"), "/flow/1", "flow.unknown_relation", '"ON_FAIL"'],
  ["an empty relation", flow("one >> >> two"), "/flow/1", "flow.unknown_relation"],
  ["a branch without a name", flow("one >> BRANCH( ) >> two"), "/flow/1", "flow.malformed_relation"],
  ["an argument where none belongs", flow("one >> PIPE(x) >> two"), "/flow/1", "flow.malformed_relation"],
  ["WHEN without a condition", flow("one >> WHEN >> two"), "/flow/1", "flow.malformed_relation"],
  ["a condition that ends early", flow("one >> WHEN(one.data.n >) >> two"), "/flow/1", "expression.invalid"],
  ["a condition on nobody", flow("one >> IF(nobody.data.n) >> two"), "/flow/1", "template.unknown_node", "nobody"],
  ["a condition on what follows", flow("one >> IF(two.data.n) >> two"), "/flow/1", "template.unknown_node", "two"],
  ["a name with a dot", flow("one >> PIPE >> two.five"), "/flow/1", "flow.invalid_name"],
  ["a name that no template can read", flow("one >> PIPE >> __proto__"), "/flow/1", "flow.invalid_name"],
  ["a node without config", definition({ flow: LINE }), "/flow/1", "config.missing", "two"],
  ["a config for nobody", definition({ config: { ...BOTH } }), "/config/two", "config.unknown_node"],
  ["the same node twice", definition({ config: { one: fixed({}), " one": fixed({}) } }), "/config/ one", "config.duplicate_node"],
  ["a config that is a text", definition({ config: { one: "set" } }), "/config/one", "config.not_a_map"],
  ["a config without component", definition({ config: { one: { values: {} } } }), "/config/one/component", "config.component_missing"],
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
  ["no start", definition({ flow: ["one >> PIPE >> two"], config: BOTH }), "/flow", "flow.no_start"],
  ["a line into the start", flow("one >> PIPE >> webhook"), "/flow/1", "flow.into_start"],
  ["a line out of the end", flow("one >> PIPE >> done", "done >> PIPE >> two"), "/flow/2", "flow.out_of_end"],
  ["GATHER outside of a loop", flow("one >> GATHER >> two"), "/flow/1", "flow.gather_without_loop"],
  ["a loop of no width", flow("one >> FOREACH item PARALLEL(0) >> two"), "/flow/1", "flow.invalid_parallel"],
  ["a loop without a variable", flow("one >> FOREACH >> two"), "/flow/1", "flow.malformed_loop"],
  ["a list of a loop that cannot be read", flow("one >> FOREACH i IN {{one.data.}} >> two"), "/flow/1", "expression.invalid"],
  ["a template on nobody", reading("{{onee.data.x}}"), "/config/two/values/v", "template.unknown_node", '"one"'],
  ["a template on nobody's error", reading({ deep: ["{{ghost.error.code}}"] }), "/config/two/values/v/deep/0", "template.unknown_node"],
  ["a template on itself", reading("{{two.data.x ?? 1}}"), "/config/two/values/v", "template.unknown_node", "two"],
  [
    "a template on what follows",
    two({ config: { ...BOTH, one: fixed({ v: "{{two}}" }) } }),
    "/config/one/values/v",
    "template.unknown_node",
  ],
  ["a template that stops", reading("{{ one.data. }}"), "/config/two/values/v", "expression.invalid"],
  ["a template without its end", reading("see {{ input.x"), "/config/two/values/v", "template.invalid"],
  ["an unknown function", reading("{{ fly(input.x) }}"), "/config/two/values/v", "expression.invalid", "fly"],
  [
    "a credential in a pure part",
    reading("x {{credential.TOKEN}}"),
    "/config/two/values/v",
    "template.credential_not_allowed",
    "credential",
  ],
  ["a policy for nobody", two({ policy: { twoo: {} } }), "/policy/twoo", "policy.unknown_node", '"two"'],
  ["a policy that is a list", two({ policy: [] }), "/policy", "policy.not_a_map"],
  ["an unknown policy", policy({ retyr: {} }), "/policy/two/retyr", "policy.unknown_key", "retry"],
  ["a time that is none", policy({ timeout: "a while" }), "/policy/two/timeout", "policy.invalid_value"],
  ["a wait of more than a year", policy({ wait: "366d" }), "/policy/two/wait", "policy.invalid_value"],
  ["no attempt", policy({ retry: { attempts: 0 } }), "/policy/two/retry/attempts", "policy.invalid_value"],
  ["too many attempts", policy({ retry: { attempts: 101 } }), "/policy/two/retry/attempts", "policy.invalid_value"],
  ["half an attempt", policy({ retry: { attempts: 1.5 } }), "/policy/two/retry/attempts", "policy.invalid_value"],
  ["an unknown backoff", policy({ retry: { backoff: "fast" } }), "/policy/two/retry/backoff", "policy.invalid_value", "exponential"],
  ["an unknown join", policy({ join: "some" }), "/policy/two/join", "policy.invalid_value", "settled"],
  ["an empty quorum", policy({ join: { quorum: 0 } }), "/policy/two/join/quorum", "policy.invalid_value"],
  ["a join without a quorum", policy({ join: {} }), "/policy/two/join", "policy.invalid_value"],
  ["a tolerance above all", policy({ foreach: { tolerate: "101%" } }), "/policy/two/foreach/tolerate", "policy.invalid_value"],
  ["an unknown key of the run", two({ policy: { run: { time: 1 } } }), "/policy/run/time", "policy.unknown_key", "timeout"],
  [
    "a final callback that is no address",
    two({ policy: { run: { final_callback: "ftp://x" } } }),
    "/policy/run/final_callback",
    "policy.invalid_value",
  ],
  ["a schedule that never is", definition({ schedule: [{ cron: "* 25 * * *" }] }), "/schedule/0/cron", "schedule.invalid_cron"],
  ["a schedule without cron", definition({ schedule: [{}] }), "/schedule/0/cron", "schedule.invalid_cron"],
  [
    "a time zone that is none",
    definition({ schedule: [{ cron: "0 0 * * *", timezone: "Mars/Base" }] }),
    "/schedule/0/timezone",
    "schedule.unknown_timezone",
  ],
  ["an unknown trigger", definition({ trigger: { auth: "open" } }), "/trigger/auth", "trigger.unknown_auth", "public"],
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
  ["an unknown type of input", definition({ input: { type: "strnig" } }), "/input/type", "input.invalid_schema", "string"],
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
  ["too many edges", definition({ flow: Array.from({ length: 10_001 }, () => START) }), "/flow", "flow.too_many_edges"],
  ["too many characters", definition({ description: "x".repeat(1_100_000) }), "", "definition.too_large"],
  ["what is no JSON", definition({ input: { default: new Date(0) } }), "/input/default", "definition.not_json"],
];

describe("A definition is refused for", () => {
  it.each(MISTAKES)("%s", (_title, value, pointer, code, word = "") => {
    const errors = refused(value);
    expect(errors.map((error) => [error.pointer, error.code])).toContainEqual([pointer, code]);
    expect(errors.find((error) => error.pointer === pointer && error.code === code)?.detail).toContain(word);
  });

  it("what is absent", () => {
    const { name: _name, description: _description, flow: _flow, ...rest } = definition();
    expect(refused(rest).map(({ pointer }) => pointer)).toEqual(["/name", "/description", "/flow"]);
  });
});
