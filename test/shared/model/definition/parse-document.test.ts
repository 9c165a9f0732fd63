import { describe, expect, it } from "vitest";
import { ArcrunError } from "../../../../shared/model/errors.ts";
import { parseDocument } from "../../../../shared/model/definition/parse-document.ts";
import { sha256Hex, fixed, START, definition, refused, accepted } from "../../../support/definitions.ts";

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
    const levels = Array.from({ length: 20 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`);
    expect(parseDocument(["l0: &l0 [x]", ...levels].join("\n"), "yaml").issues).toHaveLength(1);
  });

  it("with an alias of nothing is told so in words", () => {
    const detail = "this is not YAML: Unresolved alias (the anchor must be set before the alias): b";
    expect(parseDocument("a: *b", "yaml").issues).toEqual([{ pointer: "", code: "definition.invalid_yaml", detail, line: 1 }]);
  });

  it("that nests without end is refused", () => {
    const detail = "this is not YAML: it nests too deep";
    expect(parseDocument("[".repeat(100_000), "yaml").issues).toEqual([{ pointer: "", code: "definition.invalid_yaml", detail, line: 1 }]);
    expect(refused(parseDocument(`${"[".repeat(500)}${"]".repeat(500)}`, "yaml").value)[0]?.code).toBe("definition.too_deep");
  });

  it("that is no JSON is another error", () => {
    expect(() => parseDocument("{", "json")).toThrow(ArcrunError);
    expect(parseDocument('{"a":1}', "json").value).toEqual({ a: 1 });
  });
});

describe("The version", () => {
  const yaml = `# a comment\nname: v\ndescription: 'd'\nflow: ["${START}"]\nconfig: {one: {values: {b: 1, a: "x"}, component: set}}`;
  const json = `{"config":{"one":{"component":"set","values":{"a":"x","b":1.0}}},"description":"d","name":"v","flow":["${START}"]}`;
  const versionOf = (value: unknown): string => accepted(value).plan.version;

  it("depends on the content, not on the notation", () => {
    expect(versionOf(parseDocument(yaml, "yaml").value)).toBe(versionOf(parseDocument(json, "json").value));
    expect(versionOf(JSON.parse(json))).not.toBe(versionOf(JSON.parse(json.replace('"x"', '"y"'))));
    expect(versionOf(JSON.parse(json))).not.toBe(versionOf(JSON.parse(json.replace('"b":1.0', '"b":"1"'))));
  });

  it("is the hash of the canonical form", () => {
    const { canonical, plan } = accepted(JSON.parse(json));
    expect(canonical).toBe(
      `{"config":{"one":{"component":"set","values":{"a":"x","b":1}}},"description":"d","flow":["${START}"],"name":"v"}`,
    );
    expect(plan.version).toBe(sha256Hex(canonical));
  });

  it("does not depend on how names are saved in Unicode", () => {
    const named = (name: string) => definition({ flow: [`input >> PIPE >> ${name}`], config: { [name]: fixed({}) } });
    expect(versionOf(named("cafe\u0301"))).toBe(versionOf(named("caf\u00e9")));
  });
});
