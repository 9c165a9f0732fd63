import { describe, expect, it } from "vitest";
import { RELATIONS } from "../../../shared/model/relations.ts";
import { compile, set } from "../../support/definitions.ts";

const relationOf = (word: string) =>
  compile({ flow: ["input >> PIPE >> a", `a >> ${word} >> b`], config: { a: set(), b: set() } }).edges[1]?.relation;

describe("A relation", () => {
  const expected: Readonly<Record<string, unknown>> = {
    PIPE: { kind: "pipe" },
    ON_SUCCESS: { kind: "success" },
    ON_FAIL: { kind: "fail" },
    ON_TRUE: { kind: "branch", branch: "true" },
    ON_FALSE: { kind: "branch", branch: "false" },
    "ON_BRANCH(x)": { kind: "branch", branch: "x" },
    "WHEN(expr)": { kind: "when", expression: "a.data.n > 3" },
  };
  const arguments_: Readonly<Record<string, string>> = {
    "ON_BRANCH(x)": "( x )",
    "WHEN(expr)": "(a.data.n > 3)",
  };
  const cases = RELATIONS.filter(({ name }) => name in expected).flatMap(({ name, words }) => words.map((word) => [word, name] as const));

  it.each(cases)("%s means %s", (word, name) => {
    expect(relationOf(`${word}${arguments_[name] ?? ""}`)).toEqual(expected[name]);
  });

  it("may hold arrows and parentheses in its condition", () => {
    const expression = 'a.data.x == "b >> (c" || size(a.data.l) > 1';
    expect(relationOf(`WHEN(${expression})`)).toEqual({ kind: "when", expression });
  });

  it("needs no spaces around it", () => {
    expect(compile({ flow: ["input>>PIPE>>a"], config: { a: set() } }).edges).toHaveLength(1);
  });
});
