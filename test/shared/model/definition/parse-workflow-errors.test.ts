import { describe, expect, it } from "vitest";
import { parseDocument } from "../../../../shared/model/definition/parse-document.ts";
import { parseWorkflow } from "../../../../shared/model/definition/parse-workflow.ts";
import { fakeCatalogue } from "../../../support/fake-catalogue.ts";
import { sha256Hex, fixed, START, definition, flow, refused } from "../../../support/definitions.ts";

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
    const errors = refused(definition({ flow: [START, ...Array.from({ length: 99 }, () => "a >> b")] }));
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
