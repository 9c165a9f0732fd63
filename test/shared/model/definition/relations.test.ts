import { describe, expect, it } from "vitest";
import { branchOf, takenOnFailure, takenOnSuccess } from "../../../../shared/model/edges.ts";
import { createIssues } from "../../../../shared/model/definition/issues.ts";
import { parseFlow } from "../../../../shared/model/definition/parse-flow.ts";
import { edgesFrom } from "../../../../shared/model/plan-index.ts";
import { RELATIONS } from "../../../../shared/model/definition/relations.ts";
import { compile, flow, refused, set, warningsOf } from "../../../support/definitions.ts";

/** What the node before the edge came to: an answer, or a failure with a code. */
type End = { readonly answer: unknown } | { readonly code: string };
const gave = (data: unknown): End => ({ answer: { success: true, data } });
const FINE = gave({});
const JAM: End = { code: "paper.jam" };
const INK: End = { code: "ink.out" };
const ENDS = {
  FINE,
  JAM,
  INK,
  yes: gave({ result: true }),
  no: gave({ result: false }),
  red: gave({ branch: "red" }),
  four: gave({ n: 4 }),
};
type EndName = keyof typeof ENDS;

/** For each relation, with its argument, the ends after which it is followed. */
const TABLE: Readonly<Record<string, { readonly argument?: string; readonly followed: readonly EndName[] }>> = {
  PIPE: { followed: ["FINE", "JAM", "INK", "yes", "no", "red", "four"] },
  ON_SUCCESS: { followed: ["FINE", "yes", "no", "red", "four"] },
  ON_FAIL: { followed: ["JAM", "INK"] },
  "ON_FAIL(code)": { argument: "(paper.jam)", followed: ["JAM"] },
  ON_TRUE: { followed: ["yes"] },
  ON_FALSE: { followed: ["no"] },
  "ON_BRANCH(x)": { argument: "( red )", followed: ["red"] },
  "WHEN(expr)": { argument: "((a.data.n ?? 0) > 3)", followed: ["four"] },
};

const rowOf = (name: string) => RELATIONS.find((row) => row.name === name || `${row.name}(code)` === name);
const CASES = Object.entries(TABLE).flatMap(([name, { argument = "", followed }]) =>
  (rowOf(name)?.words ?? []).map((word) => ({ line: `a >> ${word}${argument} >> b`, followed })),
);

function isFollowed(line: string, end: End): boolean {
  const plan = compile({ flow: ["input >> PIPE >> a", line], config: { a: set(), b: set() } });
  const vertex = plan.vertices.find(({ node }) => node === "a");
  const edges = vertex === undefined ? [] : edgesFrom(plan, vertex);
  const taken =
    "code" in end
      ? takenOnFailure(edges, end.code)
      : takenOnSuccess(edges, branchOf(end.answer), () => ({ scope: { a: end.answer }, names: new Set(["a"]) })).taken;
  return taken.length === 1;
}

/** Every word of the language, as it was promised. */
const WORDS: Readonly<Record<string, string>> = {
  PIPE: "PIPE THEN 完成後",
  ON_SUCCESS: "ON_SUCCESS SUCCESS 成功時",
  ON_FAIL: "ON_FAIL FAIL ON_FAILURE 失敗時",
  ON_TRUE: "ON_TRUE TRUE 成立時 為真時",
  ON_FALSE: "ON_FALSE FALSE ELSE 不成立時 為假時 否則",
  "ON_BRANCH(x)": "ON_BRANCH BRANCH 分支",
  "WHEN(expr)": "WHEN IF 條件滿足時",
  "FOREACH x": "FOREACH 對每個",
  GATHER: "GATHER 彙整 全部完成後",
};

describe("A relation", () => {
  it("has all its words", () => {
    expect(Object.fromEntries(RELATIONS.map(({ name, words }) => [name, words.join(" ")]))).toEqual(WORDS);
  });

  it("has a row for each of the table", () => {
    const known = new Set(Object.keys(TABLE).map((name) => rowOf(name)?.name));
    expect(RELATIONS.map(({ name }) => name).filter((name) => !known.has(name))).toEqual(["FOREACH x", "GATHER"]);
    expect(CASES.length).toBeGreaterThan(28);
  });

  it.each(CASES)("is followed after the right ends only: $line", ({ line, followed }) => {
    expect(Object.entries(ENDS).flatMap(([name, end]) => (isFollowed(line, end) ? [name] : []))).toEqual(
      Object.keys(ENDS).filter((name) => followed.some((one) => one === name)),
    );
  });

  it("may hold arrows and parentheses in its condition", () => {
    const expression = 'a.data.x == "b >> (c" || size(a.data.l) > 1';
    const { edges } = compile({ flow: ["input >> PIPE >> a", `a >> WHEN(${expression}) >> b`], config: { a: set(), b: set() } });
    expect(edges[1]?.relation).toEqual({ kind: "when", expression });
  });

  it("needs no spaces around it", () => {
    expect(compile({ flow: ["input>>PIPE>>a"], config: { a: set() } }).edges).toHaveLength(1);
  });

  it("compares branches in one normal form of Unicode, whatever the part's is", () => {
    expect(isFollowed("a >> 分支(caf\u00e9) >> b", gave({ branch: "cafe\u0301" }))).toBe(true);
  });

  it("without its condition is ON_SUCCESS in old files, with a warning", () => {
    for (const word of ["IF", "條件滿足時"]) {
      const old = flow(`one >> ${word} >> two`);
      expect(warningsOf(old)).toEqual([["/flow/1", "flow.bare_condition"]]);
      expect(isFollowed(`a >> ${word} >> b`, FINE)).toBe(true);
      expect(isFollowed(`a >> ${word} >> b`, JAM)).toBe(false);
    }
    expect(refused(flow("one >> WHEN >> two")).map(({ code }) => code)).toEqual(["flow.malformed_relation"]);
  });
});

describe("A loop's relation", () => {
  const read = (relation: string) => parseFlow({ flow: [`a >> ${relation} >> b`] }, createIssues()).lines[0]?.relation;
  const words = (name: string): readonly string[] => rowOf(name)?.words ?? [];

  it.each(words("FOREACH x"))("%s binds an item, in every form", (word) => {
    const item = { kind: "foreach", variable: "頁" };
    expect(read(`${word} 頁`)).toEqual(item);
    expect(read(`${word} 頁 PARALLEL(3)`)).toEqual({ ...item, parallel: 3 });
    expect(read(`${word} 頁 並行( 3 )`)).toEqual({ ...item, parallel: 3 });
    expect(read(`${word} 頁 IN {{ a.data.list }}`)).toEqual({ ...item, list: "a.data.list" });
    expect(read(`${word} 頁 IN {{a.data.map(x, {"k": x})}} PARALLEL(3)`)).toEqual({
      ...item,
      list: 'a.data.map(x, {"k": x})',
      parallel: 3,
    });
  });

  it.each(words("GATHER"))("%s gathers", (word) => {
    expect(read(word)).toEqual({ kind: "gather" });
  });
});

describe("A failure", () => {
  const lines = ["input >> PIPE >> a", "a >> ON_FAIL(paper.jam) >> b", "a >> 失敗時 >> c", "a >> FAIL(paper.jam) >> d", "a >> THEN >> e"];
  const plan = compile({ flow: lines, config: Object.fromEntries(["a", "b", "c", "d", "e"].map((node) => [node, set()])) });
  const after = (code: string) => takenOnFailure(plan.edges.slice(1), code);

  it("goes to the lines of its own code, and then not to the general ones", () => {
    expect(after("paper.jam")).toEqual([1, 3, 4]);
    expect(after("paper")).toEqual([2, 4]);
    expect(after("paper.jam.twice")).toEqual([2, 4]);
  });
});

describe("A line that can never be followed", () => {
  it("is told of: a beginning of a code is no code", () => {
    expect(warningsOf(flow("one >> ON_FAIL(http.) >> two"))).toEqual([["/flow/1", "flow.never_followed"]]);
    expect(warningsOf(flow("one >> ON_FAIL(http.status_404) >> two"))).toEqual([]);
  });

  it("is told of: the start neither fails nor has a branch", () => {
    const lines = [
      "input >> ON_FAIL >> two",
      "trigger >> ON_TRUE >> two",
      "start >> 分支(x) >> two",
      "webhook >> WHEN(input.n > 1) >> two",
    ];
    expect(warningsOf(flow(...lines))).toEqual([1, 2, 3].map((line) => [`/flow/${line}`, "flow.never_followed"]));
  });
});

describe("An old graph", () => {
  const config = { values: { n: 1 } };
  const graph = (name: string, more: object = {}) =>
    compile({
      graph: {
        nodes: [
          { id: name, component: "set", config },
          { name: "b", type: "set", params: config, ...more },
        ],
        edges: [
          { from: "input", to: name },
          { source: name, target: "b", label: "失敗時(paper.jam)" },
        ],
      },
    });

  it("is read like lines", () => {
    const lines = compile({
      flow: ["input >> PIPE >> a", "a >> ON_FAIL(paper.jam) >> b"],
      config: { a: { component: "set", ...config }, b: { component: "set", ...config } },
    });
    expect({ ...graph("a"), version: "" }).toEqual({ ...lines, version: "" });
  });

  it("is the same version in every normal form of Unicode", () => {
    expect(graph("cafe\u0301").version).toBe(graph("caf\u00e9").version);
    expect(graph("cafe\u0301", { params: { values: { n: 2 } } }).version).not.toBe(graph("caf\u00e9").version);
  });
});
