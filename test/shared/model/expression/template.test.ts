import { describe, expect, it } from "vitest";
import { pathsOf } from "../../../../shared/model/expression/expression.ts";
import {
  credentialsIn,
  findTemplates,
  isTemplate,
  parseTemplate,
  resolveConfig,
  verbatimField,
} from "../../../../shared/model/expression/template.ts";
import { problem } from "../../../support/expressions.ts";

const input = {
  name: "Ada",
  n: 3,
  half: 0.5,
  big: 9007199254740991,
  yes: true,
  no: false,
  nothing: null,
  list: [1, 2, 3],
  doc: { a: { b: "deep" }, "x-y": "hyphen" },
  items: [
    { id: "i1", n: 1 },
    { id: "i2", n: 2 },
  ],
  標題: "你好",
  literal: "{{input.name}} {{run.id}}",
  empty: "",
};
const scope = { input, "a-1": { data: { x: "small" } } };
const resolve = (x: unknown, more = {}): unknown => resolveConfig(x, scope, { node: "a", ...more });
describe("A template", () => {
  it.each<[string, unknown, unknown]>([
    ["keeps a text", "{{input.name}}", "Ada"],
    ["keeps a number", "{{input.n}}", 3],
    ["keeps a fraction", "{{input.half}}", 0.5],
    ["keeps a large number", "{{input.big}}", 9007199254740991],
    ["keeps true", "{{input.yes}}", true],
    ["keeps false", "{{ input.no }}", false],
    ["keeps null", "{{input.nothing}}", null],
    ["keeps a list", "{{input.list}}", [1, 2, 3]],
    ["keeps an object", "{{input.doc}}", { a: { b: "deep" }, "x-y": "hyphen" }],
    ["keeps an empty text", "{{input.empty}}", ""],
    ["reaches into objects", "{{input.doc.a.b}}", "deep"],
    ["reaches into lists", "{{input.items[1].id}}", "i2"],
    ["reaches quoted names", '{{input.doc["x-y"]}}', "hyphen"],
    ["reaches names with hyphens", "{{input.doc.x-y}} {{a-1.data.x}}", "hyphen small"],
    ["reaches names in any script", "{{input.標題}}", "你好"],
    ["is written as text among text", "Hello {{input.name}}, {{input.n}} of {{input.half}}, {{input.yes}}!", "Hello Ada, 3 of 0.5, true!"],
    ["is written as JSON among text", "doc: {{input.items[0]}} {{input.list}} {{input.nothing}}", 'doc: {"id":"i1","n":1} [1,2,3] null'],
    ["is found in objects and lists", { deep: [{ n: "{{input.n}}" }, "x{{input.n}}"] }, { deep: [{ n: 3 }, "x3"] }],
    ["is not looked for in data that were looked up", "{{input.literal}}", "{{input.name}} {{run.id}}"],
    ["is not looked for in what it was joined to", "{{'{'}}{input.name}} {{input.literal}}", "{{input.name}} {{input.name}} {{run.id}}"],
    ["may choose", '{{ size(input.items) > 3 ? "many" : "few" }}', "few"],
    ["may map a list", "{{ input.items.map(i, i.id) }}", ["i1", "i2"]],
    ["may filter a list", "{{ input.items.filter(i, i.n > 1) }}", [{ id: "i2", n: 2 }]],
    ["may ask whether one exists", "{{ input.items.exists(i, i.n == 2) }}", true],
    ["may look for a member", "{{ input.n in input.list && !(9 in input.list) }}", true],
    ["may calculate", "{{ (input.n + 1) * 2 - input.list[0] }}", 7],
    ["may compare numbers of any kind", "{{ input.half < 1 && input.n >= 3 }}", true],
    ["may look into a text", '{{ input.name.startsWith("A") && input.name.contains("d") && input.name.size() == 3 }}', true],
    ["may join texts", '{{ input.name + "!" }}', "Ada!"],
    ["may ask for a field", "{{ has(input.doc.a) && !has(input.doc.z) }}", true],
    ["has a default for an absent path", '{{ input.title ?? "untitled" }}', "untitled"],
    ["may quote with single quotes", "{{ input.title ?? 'untitled' }}", "untitled"],
    ["has a default for an absent path of any depth", "{{ input.no.such.thing ?? 7 }}", 7],
    ["may have null as a default", "{{ input.title ?? null }}", null],
    ["does not use a default for a value that is there", "{{ input.no ?? true }}", false],
    ["finds no prototype", '{{ input.__proto__ ?? "absent" }}', "absent"],
    ["finds no constructor", '{{ input.doc.constructor ?? "absent" }}', "absent"],
    ["finds no inherited function", '{{ input.list.toString ?? "absent" }}', "absent"],
    ["may hold braces", '{{ {"a": {"b": "}}"}} }}{{{"a":{}}}}', '{"a":{"b":"}}"}}{"a":{}}'],
    ["may span lines", "{{\n  input.n\n}}", 3],
    ["is nothing but text without double braces", "{ input.n } }}", "{ input.n } }}"],
  ])("%s: %j", (_, template, expected) => {
    expect(resolve({ x: template })).toEqual({ x: expected });
  });

  it("without a default names the node, the field and the path", () => {
    for (const path of ["input.nothing_here", "input.list[7]", "input.name.first", "input.constructor", "nobody.data.x"]) {
      const { code, message, details } = problem(() => resolve({ values: { x: `{{${path}}}` } }));
      expect([code, message, details]).toEqual([
        "template.unresolved",
        `node "a": values.x: nothing at ${path}`,
        { node: "a", field: "values.x", path },
      ]);
    }
    expect(problem(() => resolve({ l: [0, { "a b": "{{ input.q }}" }] })).message).toBe('node "a": l[1]["a b"]: nothing at input.q');
  });

  it("that cannot be read is refused", () => {
    const refused = (text: string): [string, string] => [
      problem(() => parseTemplate(text)).code,
      problem(() => parseTemplate(text)).message,
    ];
    expect(refused("hello {{ input.name")).toEqual(["template.invalid", "the {{ at character 7 has no end; expected }}"]);
    expect(refused("{{ a.data. }}")[0]).toBe("expression.invalid");
    expect(refused("{{}}")[0]).toBe("expression.invalid");
    expect(refused("{{ launch(input.x) }}")[1]).toContain("launch");
    expect(refused("{{ 'a }} b")[0]).toBe("template.invalid");
  });

  it("passes values by reference and leaves what has no template as it is", () => {
    const config = { same: { list: [1, "x"] }, text: "{{input.items}}" };
    const resolved = Object(resolve(config));
    expect(resolved.same).toBe(config.same);
    expect(resolved.text).toBe(input.items);
    expect(config.text).toBe("{{input.items}}");
    expect(resolve(config.same)).toBe(config.same);
  });

  it("may give at most so many bytes in all", () => {
    const text = "x".repeat(5_000_000);
    const resolveBig = (x: unknown, maxBytes?: number) =>
      resolveConfig(x, { text, list: [text, text] }, { node: "a", ...(maxBytes === undefined ? {} : { maxBytes }) });
    expect(resolveBig(["{{text}}", "a{{text}}"])).toEqual([text, `a${text}`]);
    expect(problem(() => resolveBig(["{{text}}", "{{text}}", "{{text}}"])).message).toBe(
      'node "a": [2]: the values come to more than 10485760 bytes',
    );
    for (const x of ["{{list.map(i, list.map(j, list))}}", "a{{list.map(i, list.map(j, list))}}", "{{text}}{{list}}"]) {
      expect(problem(() => resolveBig({ x }))).toMatchObject({ code: "template.too_large" });
    }
    expect(problem(() => resolveBig("{{'abc'}}", 4))).toMatchObject({ code: "template.too_large" });
  });

  it("shares one budget with the others of its config", () => {
    const list = Array.from({ length: 1_000 }, (_, index) => index);
    const heavy = "{{ size(list.map(i, list.filter(j, false))) }}";
    const run = () => resolveConfig({ x: Array.from({ length: 100 }, () => heavy) }, { list }, { node: "a" });
    expect(problem(run)).toMatchObject({ code: "expression.too_complex" });
  });

  it("tells names with hyphens by the names it is given", () => {
    expect(resolveConfig("{{item-1}}", { item: 3 }, { node: "a", names: new Set(["item"]) })).toBe(2);
    expect(resolveConfig("{{a-1.data.x + '!'}}", scope, { node: "a", names: new Set(["a", "a-1"]) })).toBe("small!");
  });

  it("in a config without end is refused", () => {
    let config: unknown = "{{input.n}}";
    for (let depth = 0; depth < 5_000; depth += 1) config = [config];
    expect(problem(() => resolve(config))).toMatchObject({ code: "json.too_deep" });
    expect(problem(() => findTemplates(config))).toMatchObject({ code: "json.too_deep" });
  });
});

describe("A credential", () => {
  const credential = (name: string) => `<${name}>`;

  it("is put where it is named, and nowhere else", () => {
    expect(resolve({ h: "Bearer {{credential.TOKEN}}", w: "{{ credential.a-b }}" }, { credential })).toEqual({
      h: "Bearer <TOKEN>",
      w: "<a-b>",
    });
    expect(problem(() => resolve({ h: "{{credential.TOKEN}}" }))).toMatchObject({
      code: "template.invalid",
      message: expect.stringContaining("credential.TOKEN"),
    });
  });

  it("is not rescanned", () => {
    expect(resolve("{{credential.A}}", { credential: () => "{{input.n}}" })).toBe("{{input.n}}");
  });

  it.each([
    "{{credential}}",
    "{{credential.A + 'b'}}",
    "{{credential.A ?? 'b'}}",
    "{{size(credential.A)}}",
    "{{credential.A.b}}",
    "{{[credential]}}",
    "{{credential[input.n]}}",
  ])("takes no part in an expression: %s", (text) => {
    expect(problem(() => parseTemplate(text))).toMatchObject({ code: "template.invalid" });
  });

  it("is among the expressions of its template, with its path", () => {
    const paths = parseTemplate("{{credential.A}} x {{input.n}}")
      .expressions.flatMap(pathsOf)
      .map(({ path }) => path);
    expect(paths).toEqual([
      ["credential", "A"],
      ["input", "n"],
    ]);
  });

  it("is listed once", () => {
    expect(credentialsIn({ a: "{{credential.B}}{{credential.A}}", l: ["{{credential.B}}", "{{input.n}}"] })).toEqual(["B", "A"]);
  });
});

describe("The templates of a config", () => {
  it("are none in the field that is in another language, at the top only", () => {
    const config = { code: "return `{{input.n}}`;", input: "{{input.n}}", more: { code: "{{input.n}}" } };
    expect(resolve(config, { verbatim: verbatimField("code") })).toEqual({ ...config, input: 3, more: { code: 3 } });
    expect(["template", "set", "constructor"].map((component) => verbatimField(component))).toEqual(["template", undefined, undefined]);
  });

  it("are found with their places, in values only", () => {
    const found = findTemplates({ "{{k}}": 1, values: { x: "{{a}}", list: ["{{b}}", "c"] }, h: { "x y": "{" + "{d}}" } });
    expect(found).toEqual([
      { pointer: ["values", "x"], field: "values.x", text: "{{a}}" },
      { pointer: ["values", "list", 0], field: "values.list[0]", text: "{{b}}" },
      { pointer: ["h", "x y"], field: 'h["x y"]', text: "{{d}}" },
    ]);
    expect([isTemplate("a {{ b"), isTemplate("a { b")]).toEqual([true, false]);
  });
});
