import { describe, expect, it } from "vitest";
import { findLists } from "../../../shared/model/loop-list.ts";
import type { Edge, Plan } from "../../../shared/model/plan.ts";
import { accepted, compile, definition, type Fields, fixed, refused } from "../../support/definitions.ts";

const workflow = (flow: readonly string[], more: { readonly config?: Fields; readonly policy?: Fields } = {}): Fields => {
  const names = flow.flatMap((line) => line.split(" >> ").filter((_, at) => at !== 1));
  const nodes = [...new Set(names)].filter((name) => name !== "input" && name !== "output");
  const config = { ...Object.fromEntries(nodes.map((node) => [node, fixed({})])), ...more.config };
  return definition({ flow, config, ...(more.policy === undefined ? {} : { policy: more.policy }) });
};
const LOOP = ["input >> ON_SUCCESS >> list", "list >> FOREACH item >> work", "work >> GATHER >> report"];
const keys = ({ vertices }: Plan) => vertices.map(({ key, loops }) => [key, loops]);
const needsOf = (fields: Fields, node: string) => accepted(fields).plan.vertices.find(({ key }) => key === node)?.needs;

describe("A loop is compiled", () => {
  it("to a body, its entry and its GATHER", () => {
    const plan = compile(workflow(LOOP));
    expect(keys(plan)).toEqual([
      ["input", []],
      ["list", []],
      ["work", [0]],
      ["report", []],
    ]);
    expect(plan.loops).toEqual([
      {
        name: "list.item",
        variable: "item",
        opener: 1,
        concurrency: 10,
        onItemFailure: "continue",
        tolerate: 0,
        body: [2],
        inner: [],
        gathers: [2],
        followers: [],
      },
    ]);
  });

  it("with its policy, of which PARALLEL is the stronger", () => {
    const foreach = { concurrency: 3, on_item_failure: "stop", tolerate: "12.5%" };
    const policy = { list: { foreach } };
    const [loop] = compile(workflow(LOOP, { policy })).loops ?? [];
    expect(loop).toMatchObject({ concurrency: 3, onItemFailure: "stop", tolerate: { percent: 12.5 } });
    const [parallel] = compile(workflow([LOOP[0] ?? "", "list >> FOREACH item PARALLEL(7) >> work"], { policy })).loops ?? [];
    expect(parallel?.concurrency).toBe(7);
  });

  it("to two vertices of a node that is reached from inside and outside", () => {
    const plan = compile(workflow([...LOOP, "work >> ON_FAIL >> alarm", "report >> ON_FAIL >> alarm", "alarm >> PIPE >> after"]));
    expect(keys(plan).slice(3)).toEqual([
      ["report", []],
      ["alarm@list.item", [0]],
      ["alarm", []],
      ["after@list.item", [0]],
      ["after", []],
    ]);
  });

  it("to loops within loops", () => {
    const flow = ["input >> FOREACH row >> open", "open >> FOREACH cell >> twice", "twice >> GATHER >> line", "line >> GATHER >> page"];
    const plan = compile(workflow(flow));
    expect(keys(plan).slice(1)).toEqual([
      ["open", [0]],
      ["twice", [0, 1]],
      ["line", [0]],
      ["page", []],
    ]);
    expect(plan.loops?.map(({ name, body, inner }) => [name, body, inner])).toEqual([
      ["input.row", [1, 3], [1]],
      ["input.row/open.cell", [2], []],
    ]);
  });

  it("with what is written after it, also another loop, behind its end", () => {
    const flow = [
      "input >> PIPE >> a",
      "a >> ON_SUCCESS >> early",
      "a >> FOREACH x >> b",
      "a >> FOREACH x >> c",
      "a >> ON_SUCCESS >> late",
      "a >> FOREACH y >> d",
      "a >> ON_FAIL >> last",
    ];
    const plan = compile(workflow(flow));
    expect(plan.edges.map(({ after }) => after)).toEqual([undefined, undefined, undefined, undefined, 0, 0, 1]);
    expect(plan.loops?.map(({ variable, body, followers }) => [variable, body.length, followers])).toEqual([
      ["x", 2, [4, 5]],
      ["y", 1, [6]],
    ]);
  });

  it("with exactly the items and answers that its nodes read", () => {
    const config = {
      work: fixed({ of: "{{item.name}} {{loop.index}} {{list.data.title ?? ''}}" }),
      report: fixed({ all: "{{work.results}}", count: "{{work.failed}}" }),
    };
    expect(needsOf(workflow(LOOP, { config }), "work")).toEqual({ input: false, context: false, nodes: ["list"], items: ["item"] });
    expect(needsOf(workflow(LOOP, { config }), "report")).toEqual({ input: false, context: false, nodes: ["work"] });
    const whole = { ...config, work: { component: "merge" }, report: { component: "merge" } };
    expect(needsOf(workflow(LOOP, { config: whole }), "work")).toMatchObject({ context: true, nodes: ["list"], items: ["item"] });
    expect(needsOf(workflow(LOOP, { config: whole }), "report")).toMatchObject({ context: true, nodes: ["list", "work"] });
  });
});

describe("A loop is refused", () => {
  const nested = ["input >> FOREACH a >> n1", ...Array.from({ length: 8 }, (_, i) => `n${i + 1} >> FOREACH a${i} >> n${i + 2}`)];
  /** The last node stands outside, too, so its name needs those of the loops. */
  const long = (letter: string) => letter.repeat(128);
  const crowded = [
    `input >> FOREACH u >> ${long("a")}`,
    `${long("a")} >> FOREACH v >> ${long("b")}`,
    `${long("b")} >> FOREACH w >> ${long("c")}`,
    `${long("c")} >> FOREACH x >> ${long("d")}`,
    `input >> PIPE >> ${long("d")}`,
  ];
  it.each([
    ["GATHER outside of it", [LOOP[0], "list >> GATHER >> report"], "/flow/1", "flow.gather_without_loop"],
    ["GATHER of a node that also stands outside", [...LOOP, "list >> ON_SUCCESS >> work"], "/flow/2", "flow.gather_without_loop"],
    ["one variable with two lists", [...LOOP, "list >> FOREACH item IN {{input.a}} >> other"], "/flow/3", "flow.conflicting_loop"],
    ["the variable of the loop around it", [...LOOP.slice(0, 2), "work >> FOREACH item >> again"], "/flow/2", "flow.variable_taken"],
    ["a word of the language as variable", [LOOP[0], "list >> FOREACH run >> work"], "/flow/1", "flow.variable_reserved"],
    ["a literal as variable", [LOOP[0], "list >> FOREACH null >> work"], "/flow/1", "flow.variable_reserved"],
    ["a FOREACH that cannot be read, once", [LOOP[0], "list >> foreach item >> work", LOOP[2]], "/flow/1", "flow.unknown_relation"],
    ["nine loops within one another", nested, "/flow/8", "flow.loops_too_deep"],
    ["names that are too long for a message", crowded, "/flow", "flow.names_too_long"],
  ] as const)("for %s", (_, flow, pointer, code) => {
    expect(refused(workflow(flow as readonly string[])).map((issue) => [issue.pointer, issue.code])).toEqual([[pointer, code]]);
  });

  it.each([
    [
      "the data of a node whose loop has ended",
      { report: fixed({ v: "{{work.data.x}}" }) },
      "/config/report/values/v",
      "template.gathered",
    ],
    ["results within the loop", { work2: fixed({ v: "{{work.results}}" }) }, "/config/work2/values/v", "template.not_gathered"],
  ] as const)("for a template that reads %s", (_, config, pointer, code) => {
    const flow = [...LOOP, "work >> ON_SUCCESS >> work2"];
    expect(refused(workflow(flow, { config })).map((issue) => [issue.pointer, issue.code])).toEqual([[pointer, code]]);
  });

  it("for a template that reads a node two loops down", () => {
    const flow = ["input >> FOREACH row >> open", "open >> FOREACH cell >> twice", "twice >> GATHER >> line", "line >> GATHER >> page"];
    const issues = refused(workflow(flow, { config: { page: fixed({ v: "{{twice.results}}" }) } }));
    expect(issues.map(({ pointer, code }) => [pointer, code])).toEqual([["/config/page/values/v", "template.gathered_deeper"]]);
  });

  it("but not for a variable that hides a node, which is a warning", () => {
    const { warnings } = accepted(workflow(["input >> PIPE >> page", "page >> FOREACH page >> work"]));
    expect(warnings.map(({ pointer, code }) => [pointer, code])).toEqual([["/flow/1", "flow.variable_hides_node"]]);
  });
});

it("A foreach policy of a node that opens no loop is a warning", () => {
  const { warnings } = accepted(workflow(LOOP, { policy: { work: { foreach: { concurrency: 2 } } } }));
  expect(warnings.map(({ pointer, code }) => [pointer, code])).toEqual([["/policy/work/foreach", "policy.no_loop"]]);
});

describe("The list of a loop", () => {
  const find = (variable: string, data: unknown, list?: string) => {
    const relation = { kind: "foreach", loop: 0, variable, ...(list === undefined ? {} : { list }) } as const;
    const edges: readonly Edge[] = [{ id: 0, from: 0, to: 1, relation }];
    const [found] = findLists(edges, "a", data, () => ({ scope: { a: { data } }, names: new Set(["a"]) }));
    return found?.items;
  };

  it.each([
    ["item", { item: [1] }, [1]],
    ["item", { items: [2] }, [2]],
    ["entry", { entries: [3] }, [3]],
    ["box", { boxes: [4] }, [4]],
    ["item", { item: "no list", items: [5] }, [5]],
    ["x", [6], [6]],
    ["x", [], []],
  ])("of FOREACH %s in %j is %j", (variable, data, items) => {
    expect(find(variable, data)).toEqual(items);
  });

  it("is what the expression gives", () => {
    expect(find("x", { rows: [{ on: true }, { on: false }] }, "a.data.rows.filter(r, r.on)")).toEqual([{ on: true }]);
  });

  it("must be a list, of ten thousand items at most", () => {
    expect(() => find("item", { other: [1] })).toThrow(/none called item, items, itemes; write where it is/);
    expect(() => find("item", { items: "abc" }, "a.data.items")).toThrow(/is no list/);
    expect(
      find(
        "x",
        Array.from({ length: 10_000 }, () => 0),
      ),
    ).toHaveLength(10_000);
    expect(() =>
      find(
        "x",
        Array.from({ length: 10_001 }, () => 0),
      ),
    ).toThrow(/10000 items, found 10001/);
  });
});
