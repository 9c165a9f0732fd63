import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ArcrunError } from "../../../../shared/model/errors.ts";
import { createBudget } from "../../../../shared/model/expression/expression-budget.ts";
import { containsText } from "../../../../shared/model/expression/expression-text.ts";
import { evaluate, parseExpression, pathsOf } from "../../../../shared/model/expression/expression.ts";
import { nearestWord } from "../../../../shared/model/definition/nearest-word.ts";
import { names, problem, scope } from "../../../support/expressions.ts";

describe("The budget", () => {
  const list = Array.from({ length: 10_000 }, (_, index) => index);
  const long = "ab".repeat(500_000);

  it.each([
    "list.map(i, list.map(j, i * j))",
    "list.all(i, list.all(j, list.all(k, true)))",
    "list.filter(i, !(i + 0.5 in list))",
    "list.map(i, long + long)",
    "list.map(i, long.contains('x'))",
    "list.map(i, string(list))",
    "list.map(i, list + list)",
    "list.map(i, size(long))",
    "list.map(i, list == list.map(k, k))",
  ])("stops %s", (text) => {
    const begin = performance.now();
    expect(problem(() => evaluate(parseExpression(text), { list, long }))).toMatchObject({ code: "expression.too_complex" });
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it("stops a value that is written out far larger than it is kept", () => {
    let text = "[long]";
    for (let level = 0; level < 5; level += 1) text = `[${text}].map(x, list.map(y, x))[0].map(z, z)`;
    expect(problem(() => evaluate(parseExpression(`string(${text})`), { list: list.slice(0, 100), long }))).toMatchObject({
      code: "expression.too_complex",
    });
  });

  it("is shared when it is given", () => {
    const budget = createBudget(5);
    evaluate(parseExpression("1 + 1"), {}, budget);
    expect(budget.stepsLeft).toBe(2);
    expect(problem(() => evaluate(parseExpression("1 + 1"), {}, budget))).toMatchObject({ code: "expression.too_complex" });
  });

  it("leaves room for a list of ten thousand", () => {
    expect(evaluate(parseExpression("list.filter(i, i % 2 == 0).map(i, i * 2).size()"), { list })).toBe(5_000);
  });
});

describe("The search in a text", () => {
  it("finds what the engine's own finds", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 200 });
    fc.assert(fc.property(letters, letters, (text, needle) => containsText(text, needle) === text.includes(needle)));
    fc.assert(fc.property(letters, fc.nat(100), fc.nat(100), (text, from, length) => containsText(text, text.slice(from, from + length))));
  });

  it("is linear for a needle that almost matches everywhere", () => {
    const begin = performance.now();
    expect(containsText("a".repeat(2_000_000), `b${"a".repeat(500_000)}`)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe("Any text", () => {
  const piece = fc.constantFrom(
    "a",
    "a-1",
    "input",
    ".",
    "..",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "??",
    "?",
    ":",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "in",
    "has(",
    "map(",
    "i,",
    ",",
    '"',
    "'",
    "\\",
    "1",
    "1.5",
    "2nd",
    " ",
    "標題",
    "__proto__",
    "constructor",
    "null",
    "true",
    "size(",
    ".map(i, ",
    ".all(x, ",
    "\u0301",
    "#",
    "<=",
    "\n",
  );

  it("is read or refused with an ArcrunError, and evaluated or failed with one", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isNamed) => {
        try {
          const expression = parseExpression(text, isNamed ? names : undefined);
          pathsOf(expression);
          evaluate(expression, scope);
        } catch (error) {
          if (!(error instanceof ArcrunError)) throw error;
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("means the same the second time, whatever names were known in between", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const read = (known?: ReadonlySet<string>): string => {
          try {
            return JSON.stringify(parseExpression(pieces.join(""), known));
          } catch (error) {
            return String(error);
          }
        };
        const first = [read(), read(names)];
        expect([read(), read(names)]).toEqual(first);
      }),
    );
  });
});

describe("A JSON key", () => {
  it("is read when it is there, and leads to no prototype when it is not", () => {
    const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "length"), fc.string());
    fc.assert(
      fc.property(key, fc.dictionary(key, fc.integer()), (wanted, record) => {
        const found = evaluate(parseExpression(`input[${JSON.stringify(wanted)}] ?? "absent"`.replace(/\\u/g, "\\u")), { input: record });
        expect(found).toBe(Object.hasOwn(record, wanted) ? record[wanted] : "absent");
      }),
    );
  });

  it("of an object that an expression builds is a key", () => {
    const built = evaluate(parseExpression('{"__proto__": {"polluted": true}}'), {});
    expect(Object.getPrototypeOf(built)).toBe(Object.prototype);
    expect(Object.keys(Object(built))).toEqual(["__proto__"]);
  });
});

describe("The nearest word", () => {
  const words = ["ON_SUCCESS", "ON_FAIL", "http_request", "retry", "settled", "string_ops"];
  it.each<[string, string | undefined]>([
    ["ON_SUCESS", "ON_SUCCESS"],
    ["on_fail", "ON_FAIL"],
    ["http_requset", "http_request"],
    ["retries", "retry"],
    ["setled", "settled"],
    ["nothing_like_it", undefined],
    ["x", undefined],
    ["", undefined],
  ])("to %s is %s", (word, expected) => {
    expect(nearestWord(word, words)).toBe(expected);
  });

  it("is not looked for when the word is very long", () => {
    expect(nearestWord("y".repeat(10_000), ["y".repeat(9_999)])).toBeUndefined();
  });
});
