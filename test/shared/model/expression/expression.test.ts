import { describe, expect, it } from "vitest";
import { evaluate, evaluateCondition, parseExpression, pathsOf } from "../../../../shared/model/expression/expression.ts";
import { names, problem, scope } from "../../../support/expressions.ts";

const value = (text: string): unknown => evaluate(parseExpression(text, names), scope);

describe("An expression", () => {
  it.each<[string, unknown]>([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 3 - 2", 5],
    ["7 / 2", 3.5],
    ["7 % 4", 3],
    ["-2 + 5", 3],
    ["1e3 + 0.5", 1000.5],
    ["1 < 2 && 2 <= 2 || false", true],
    ["!(1 > 2)", true],
    ["input.n == 3.0", true],
    ["input.n > input.half", true],
    ['"b" > "a"', true],
    ["[1, [2]] == [1, [2]]", true],
    ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
    ['{"a": 1} == {"a": 2}', false],
    ["1 == '1'", false],
    ["true ? 1 : false ? 2 : 3", 1],
    ["2 in input.list", true],
    ['"id" in input.items[0]', true],
    ['"toString" in input', false],
    ["\"a\" + 'b'", "ab"],
    ["[1] + [2, 3]", [1, 2, 3]],
    ['{"k": [1, null]}', { k: [1, null] }],
    ['"\\u00e9\\n\\"\\\\"', 'é\n"\\'],
    ["input.list[0]", 1],
    ["input.list[input.n - 1]", 3],
    ['input["x-y"]', "hyphen"],
    ['"abc".size()', 3],
    ["size(input.two)", 3],
    ["size([1, 2])", 2],
    ["size(input.items[0])", 2],
    ['"abc".contains("bc") && "abc".endsWith("c") && "abc".startsWith("ab")', true],
    ['"AbÉ".lowerAscii() + "AbÉ".upperAscii()', "abÉABÉ"],
    ["string(3) + string(true) + string(null) + string([1])", "3truenull[1]"],
    ['int("12") + int(-1.7)', 11],
    ['double("1.5e1")', 15],
    ['bool("false")', false],
    ["input.items.map(i, i.id)", ["i1", "i2"]],
    ["input.items.map(i, i.n > 1, i.id)", ["i2"]],
    ["input.items.filter(i, i.n > 1)", [{ id: "i2", n: 2 }]],
    ["input.items.all(i, i.n > 0)", true],
    ["input.items.exists(i, i.n == 2)", true],
    ["input.items.exists_one(i, i.n > 0)", false],
    ["input.items[0].exists(k, k == 'n')", true],
    [
      "input.list.map(i, input.list.map(j, i * j))",
      [
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ],
    ],
    ["input.list.map(input, input)", [1, 2, 3]],
    ["has(input.n) && !has(input.no.such) && !has(nobody)", true],
    ["has(input.nothing)", true],
    ["has(input.list[9])", false],
    ["has(input.x-y)", true],
    ["input.title ?? 'x'", "x"],
    ["input.title ?? input.other ?? 2", 2],
    ["input.nothing ?? 1", null],
    ["(input.title ?? 1) + 1", 2],
    ["input.title + 1 ?? 0", 0],
    ["input.none.map(i, i) ?? []", []],
    ["input.list[input.none] ?? 8", 8],
    ["input.list['0'] ?? 'absent'", "absent"],
    ["input.list.length ?? 'absent'", "absent"],
    ["input.name.length ?? 'absent'", "absent"],
    ["input.__proto__ ?? 'absent'", "absent"],
    ["constructor ?? 'absent'", "absent"],
    ["input.list[-1] ?? 'absent'", "absent"],
    ["input.list[0.5] ?? 'absent'", "absent"],
    ["false && input.none", false],
    ["true || input.none", true],
    ["input . n", 3],
    ["[1, 2,]", [1, 2]],
  ])("%s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ["a-1.data.x", 5],
    ["a-1.data.x + 1", 6],
    ["a - 1", 9],
    ["item-1", 3],
    ["item-1 == 3", true],
    ["input.n-1 > 1", true],
    ["input.x-y", "hyphen"],
    ["input.x-y ?? 1", "hyphen"],
    ["input.q-y ?? 1", 1],
    ["input.n2.y-1", 9],
    ["input.list.map(i, i-1)", [0, 1, 2]],
    ["two words.data.n", 1],
    ["1 + two words.data.n", 2],
    ["cafe\u0301", 7],
    ["抓取.data.標題 + input.標題", "題你好"],
    ["input.標題.size()", 2],
  ])("tells names with hyphens and spaces from operators: %s", (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it("takes a hyphen without spaces for a part of the name when it is told no names", () => {
    for (const text of ["a-1.data.x", "two words.data.n"]) expect(evaluate(parseExpression(text), scope)).toEqual(value(text));
    expect(pathsOf(parseExpression("n-1"))).toEqual([{ path: ["n-1"], hasDefault: false, text: "n-1" }]);
    expect(evaluate(parseExpression("n-1", new Set(["n"])), { n: 5 })).toBe(4);
    expect(evaluate(parseExpression("n-1", new Set(["n", "n-1"])), { "n-1": 1, n: 5 })).toBe(1);
    expect(evaluate(parseExpression("2nd.data + 1 - 1"), { "2nd": { data: 3 } })).toBe(3);
  });

  it.each<[string, string, string]>([
    ["input.nothing_here", "template.unresolved", "nothing at input.nothing_here"],
    ["1 + input.list[7]", "template.unresolved", "nothing at input.list[7]"],
    ["input.name.first.second", "template.unresolved", "nothing at input.name.first.second"],
    ["input.items.map(i, i.none)", "template.unresolved", "nothing at i.none"],
    ["input.n-1", "template.unresolved", "spaces around the minus"],
    ["1 + 'a'", "expression.failed", 'the number 1 and the text "a"'],
    ["1 / 0", "expression.failed", "division by zero"],
    ["1e308 * 10", "expression.failed", "too large"],
    ["input.n && true", "expression.failed", "the number 3"],
    ["input.n ? 1 : 2", "expression.failed", "the number 3"],
    ["1 in 2", "expression.failed", "needs a list or an object"],
    ["input.n.map(i, i)", "expression.failed", "needs a list or an object"],
    ["{1: 2}", "expression.failed", "key"],
    ['int("0x10")', "expression.failed", "int()"],
    ["a.data. >", "expression.invalid", 'at character 9 of `a.data. >`: expected a name, found ">"'],
    ["", "expression.invalid", "expected a value, found the end"],
    ["a b", "expression.invalid", "expected an operator or the end"],
    ["(1", "expression.invalid", 'expected ")", found the end'],
    ["1 +", "expression.invalid", "expected a value"],
    ["'abc", "expression.invalid", "never ends"],
    ["a || a ?? a", "expression.invalid", "parentheses"],
    ["a ?? a && a", "expression.invalid", "parentheses"],
    ["launch(input.x)", "expression.invalid", "unknown function launch()"],
    ["siez(input.x)", "expression.invalid", "did you mean size()?"],
    ["input.x.startWith('a')", "expression.invalid", "did you mean startsWith()?"],
    ["input.x.string()", "expression.invalid", "string(x)"],
    ["size(1, 2)", "expression.invalid", "takes 1 arguments, found 2"],
    ["input.list.map(1, 2)", "expression.invalid", "a name for the item"],
    ["has(1 + 1)", "expression.invalid", "has() asks for a path"],
    ["a # b", "expression.invalid", '"#" has no meaning here'],
  ])("is refused or fails, saying why: %s", (text, code, message) => {
    const error = problem(() => value(text));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  });

  it("is refused when it is too long or too deep", () => {
    const deep = [
      "(".repeat(5000),
      "!".repeat(8000),
      `1${"+1".repeat(4000)}`,
      `a${".b".repeat(4000)}`,
      "[".repeat(8000),
      "a ?? ".repeat(1600),
      "a.map(b, ".repeat(900),
    ];
    for (const text of deep) expect(problem(() => value(text)).message).toContain("nested too deeply");
    expect(problem(() => value(" ".repeat(9000))).message).toContain("at most 8192");
    // What is just not refused fits on the stack.
    expect(value(`1${"+1".repeat(400)}`)).toBe(401);
    expect(value(`${"(".repeat(120)}1${")".repeat(120)}`)).toBe(1);
  });

  it("names the path that is absent in the details", () => {
    expect(problem(() => value("1 + input.list[7]")).details).toEqual({ path: "input.list[7]" });
  });

  it("knows the free paths it reads, and which of them have a default", () => {
    const reads = (text: string) => pathsOf(parseExpression(text, names)).map(({ path, hasDefault }) => [path.join("/"), hasDefault]);
    expect(reads("input.a[0]['b'].c + size(a-1.data)")).toEqual([
      ["input/a/0/b/c", false],
      ["a-1/data", false],
    ]);
    expect(reads("input.items[input.n].id")).toEqual([
      ["input/items", false],
      ["input/n", false],
    ]);
    expect(reads("input.items.map(i, i.id + item.x)")).toEqual([
      ["input/items", false],
      ["item/x", false],
    ]);
    expect(reads("input.t ?? input.u")).toEqual([
      ["input/t", true],
      ["input/u", false],
    ]);
    expect(reads("has(input.t) ? {'k': input.v} : [!a]")).toEqual([
      ["input/t", true],
      ["input/v", false],
      ["a", false],
    ]);
  });

  it("of a condition is true or false", () => {
    expect(evaluateCondition(parseExpression("input.n > 2"), scope)).toBe(true);
    expect(problem(() => evaluateCondition(parseExpression("input.n"), scope))).toMatchObject({ code: "expression.failed" });
  });
});
