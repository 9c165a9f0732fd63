// @ts-nocheck
import assert from "node:assert/strict";
import { it } from "vitest";
import { answerOf, buildAndReadParts, runOn } from "./built-parts.ts";
const built = new Map(buildAndReadParts().map((p) => [p.manifest.name, p]));
/** How a case is judged: by its whole data, by data.result, by its branch, or by its error. */
const is = (expected) => (answer) => assert.deepEqual(answer.data, expected);
const result = (expected) => is({ result: expected });
const branch = (expected) => (answer) => assert.equal(String(answer.branch ?? answer.data?.branch ?? answer.data?.result), expected);
const fails = (code, word = "") =>
  Object.assign(
    (answer) => {
      assert.equal(answer.success, false);
      if (code) assert.equal(answer.error.code, code);
      assert.ok(answer.error.message.includes(word), `${word} in: ${answer.error.message}`);
    },
    { fails: true },
  );
/** Rows of an `_ops` part: [op, params, result or judge]. */
const ops = (...rows) =>
  rows.map(([op, params, expected]) => [{ op, ...params }, typeof expected === "function" ? expected : result(expected)]);

const people = [
  { name: "Ada", age: 36, home: { city: "London" } },
  { name: "Bob", age: 20, home: { city: "Paris" } },
  { name: "Cyd", age: 51 },
];
const filtered = (key, op, value, ...names) => [
  { items: people, condition: { key, op, value } },
  (answer) => {
    assert.deepEqual([answer.data.items.map(({ name }) => name), answer.data.count], [names, names.length]);
  },
];
const when = (condition, input, expected) => [{ condition, input }, branch(expected)];
const colours = {
  cases: [
    { match: "r", branch: "red" },
    { match: "g", branch: "green" },
  ],
  default_branch: "grey",
};

const parts = {
  set: [
    [{ values: { a: 1, b: { c: [true, null] } } }, is({ a: 1, b: { c: [true, null] } })],
    [
      {
        assignments: [
          { key: "a", value: 1 },
          { key: "b", value: "two" },
        ],
      },
      is({ a: 1, b: "two" }),
    ],
    [{ values: {} }, is({})],
  ],
  if_control: [
    when("n > 3", { n: 5 }, "true"),
    when("n > 3", { n: 3 }, "false"),
    when('n >= 3 && name == "Ada"', { n: 3, name: "Ada" }, "true"),
    when("size(items) == 2", { items: [1, 2] }, "true"),
    when("status == active", { status: "active" }, "true"),
    when("status == active", { status: "asleep" }, "false"),
    when("status != active", { status: "asleep" }, "true"),
    when(true, {}, "true"),
    when(false, {}, "false"),
    [{ condition: "n >", input: { n: 1 } }, fails()],
  ],
  switch: [
    [{ value: "r", ...colours }, branch("red")],
    [{ value: "g", ...colours }, branch("green")],
    [{ value: "b", ...colours }, branch("grey")],
    [
      {
        value: 2,
        cases: [
          { match: 1, branch: "one" },
          { match: 2, branch: "two" },
        ],
        default_branch: "many",
      },
      branch("two"),
    ],
  ],
  filter: [
    filtered("name", "eq", "Ada", "Ada"),
    filtered("name", "ne", "Ada", "Bob", "Cyd"),
    filtered("age", "gt", 36, "Cyd"),
    filtered("age", "gte", 36, "Ada", "Cyd"),
    filtered("age", "lt", 36, "Bob"),
    filtered("age", "lte", 36, "Ada", "Bob"),
    filtered("name", "contains", "d", "Ada", "Cyd"),
    filtered("name", "starts_with", "B", "Bob"),
    filtered("name", "ends_with", "a", "Ada"),
    filtered("name", "in", ["Bob", "Cyd"], "Bob", "Cyd"),
    filtered("name", "matches", "^[AB]", "Ada", "Bob"),
    filtered("home.city", "eq", "Paris", "Bob"),
    filtered("home.city", "exists", true, "Ada", "Bob"),
    filtered("name", "eq", "Nobody"),
    [{ items: people, condition: { key: "name", op: "like", value: "A" } }, fails(undefined, "starts_with")],
  ],
  merge: [
    [
      {
        inputs: [
          { a: 1, o: { x: 1 } },
          { b: 2, o: { y: 2 } },
        ],
      },
      is({ a: 1, b: 2, o: { y: 2 } }),
    ],
    [
      {
        inputs: [
          { a: 1, o: { x: 1 } },
          { b: 2, o: { y: 2 } },
        ],
        deep: true,
      },
      is({ a: 1, b: 2, o: { x: 1, y: 2 } }),
    ],
    [{ inputs: [] }, is({})],
  ],
  string_ops: ops(
    ["upper", { text: "straße" }, "STRASSE"],
    ["lower", { text: "ÀB" }, "àb"],
    ["trim", { text: " \t a b\n" }, "a b"],
    ["capitalize", { text: "hello" }, "Hello"],
    ["length", { text: "你好!" }, 3],
    ["reverse", { text: "abc" }, "cba"],
    ["split", { text: "a,b,,c", separator: "," }, ["a", "b", "", "c"]],
    ["join", { items: ["a", "b"], separator: "-" }, "a-b"],
    ["replace", { text: "a.b.c", search: ".", replacement: "+" }, "a+b+c"],
    ["replace", { text: "a.b.c", search: ".", replacement: "+", all: false }, "a+b.c"],
    ["includes", { text: "hello", search: "ell" }, true],
    ["starts_with", { text: "hello", search: "lo" }, false],
    ["ends_with", { text: "hello", search: "lo" }, true],
    ["substring", { text: "hello", start: 1, end: 3 }, "el"],
    ["substring", { text: "hello", start: 3 }, "lo"],
    ["pad_start", { text: "7", length: 3, fill: "0" }, "007"],
    ["pad_end", { text: "7", length: 3, fill: "." }, "7.."],
    ["repeat", { text: "ab", times: 3 }, "ababab"],
    ["slug", { text: " Hello, World! " }, "hello-world"],
    ["shout", { text: "a" }, fails("part.unknown_op", "upper")],
  ),
  number_ops: ops(
    ["add", { a: 2, b: 3 }, 5],
    ["subtract", { a: 2, b: 3 }, -1],
    ["multiply", { a: 2.5, b: 4 }, 10],
    ["divide", { a: 7, b: 2 }, 3.5],
    ["mod", { a: 7, b: 4 }, 3],
    ["power", { a: 2, b: 10 }, 1024],
    ["round", { a: 2.6 }, 3],
    ["round", { a: 3.14159, digits: 2 }, 3.14],
    ["floor", { a: -1.5 }, -2],
    ["ceil", { a: 1.2 }, 2],
    ["abs", { a: -4 }, 4],
    ["sign", { a: -4 }, -1],
    ["sqrt", { a: 9 }, 3],
    ["min", { items: [3, 1, 2] }, 1],
    ["max", { items: [3, 1, 2] }, 3],
    ["sum", { items: [1, 2, 3.5] }, 6.5],
    ["avg", { items: [1, 2, 6] }, 3],
    ["clamp", { a: 12, min: 0, max: 10 }, 10],
    ["format", { a: 3.14159, digits: 2 }, "3.14"],
    ["divide", { a: 1, b: 0 }, fails("number.division_by_zero")],
    ["double", { a: 1 }, fails("part.unknown_op", "multiply")],
  ),
  array_ops: ops(
    ["count", { items: [1, 2, 3] }, 3],
    ["first", { items: [1, 2, 3] }, 1],
    ["last", { items: [1, 2, 3] }, 3],
    ["reverse", { items: [1, 2, 3] }, [3, 2, 1]],
    ["sum", { items: [1, 2, 3] }, 6],
    ["sort", { items: [10, 9, 1] }, [1, 9, 10]],
    ["sort", { items: ["b", "a"], descending: true }, ["b", "a"]],
    ["sort", { items: people.slice(0, 2), by: "age" }, [people[1], people[0]]],
    ["unique", { items: [1, 2, 1, "1"] }, [1, 2, "1"]],
    ["unique", { items: [{ a: 1, n: 1 }, { a: 1, n: 2 }, { a: 2 }], by: "a" }, [{ a: 1, n: 1 }, { a: 2 }]],
    ["slice", { items: [1, 2, 3, 4], start: 1, end: 3 }, [2, 3]],
    ["slice", { items: [1, 2, 3], start: 2 }, [3]],
    ["flatten", { items: [[1], [2, 3], []] }, [1, 2, 3]],
    ["concat", { items: [1], with: [2, 3] }, [1, 2, 3]],
    ["chunk", { items: [1, 2, 3], size: 2 }, [[1, 2], [3]]],
    ["index_of", { items: ["a", "b"], value: "b" }, 1],
    ["index_of", { items: ["a"], value: "z" }, -1],
    ["map_path", { items: people.slice(0, 2), path: "home.city" }, ["London", "Paris"]],
    [
      "zip",
      { items: [1, 2], with: ["a", "b"] },
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    ["range", { start: 0, end: 5, step: 2 }, [0, 2, 4]],
    ["shuffle", { items: [] }, fails("part.unknown_op", "reverse")],
  ),
  object_ops: ops(
    ["keys", { object: { b: 1, a: 2 } }, ["b", "a"]],
    ["values", { object: { b: 1, a: 2 } }, [1, 2]],
    ["entries", { object: { b: 1 } }, [["b", 1]]],
    ["get", { object: { a: { b: [1, 2] } }, path: "a.b" }, [1, 2]],
    ["get", { object: {}, path: "a.b", default: 7 }, 7],
    ["set", { object: { a: { b: 1 } }, path: "a.c", value: 2 }, { a: { b: 1, c: 2 } }],
    ["delete", { object: { a: { b: 1, c: 2 } }, path: "a.b" }, { a: { c: 2 } }],
    ["has", { object: { a: { b: null } }, path: "a.b" }, true],
    ["has", { object: { a: 1 }, path: "__proto__" }, false],
    ["invert", { object: {} }, fails("part.unknown_op", "entries")],
  ),
  assert: [
    [{ that: true, message: "never said" }, (answer) => assert.equal(answer.success, true)],
    [{ that: false, message: "too small" }, fails("assertion.failed", "too small")],
    [{ that: false, message: "too small", code: "size.wrong" }, fails("size.wrong", "too small")],
  ],
  text_stats: [
    [
      { text: "Hello world. How are you?\nFine." },
      ({ data: { reading_seconds, ...counts } }) => {
        assert.deepEqual(counts, { characters: 31, words: 6, sentences: 3, lines: 2 });
        assert.ok(reading_seconds > 0);
      },
    ],
    [{ text: "" }, ({ data: { words, characters } }) => assert.deepEqual([words, characters], [0, 0])],
  ],
};

for (const [component, cases] of Object.entries(parts))
  for (const [params, judge] of cases)
    it(component + JSON.stringify(params), () => {
      let results = [];
      if (component === "if_control" && typeof params.condition === "string") {
        const o = runOn(built.get(component), params);
        if (o.kind === "called") {
          const c = params.condition;
          results = [
            c === "n >"
              ? { error: { code: "x.y", message: "bad" } }
              : {
                  value: new Function("n", "name", "items", "size", "return " + c)(
                    params.input.n,
                    params.input.name,
                    params.input.items,
                    (x) => x.length,
                  ),
                },
          ];
        }
      }
      const a = answerOf(runOn(built.get(component), params, results));
      assert.equal(Boolean(judge.fails), a.success !== true);
      judge(a);
    });
