/** What old files may say, read by the components of the build. */
import { describe, expect, it } from "vitest";
import { createComponents } from "../../shared/components.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import { type Fields, sha256Hex } from "../support/definitions.ts";

const catalogue = createComponents();
const read = (call: Fields, more: Fields = {}) =>
  parseWorkflow({ name: "old", description: "d", flow: ["input >> PIPE >> call"], config: { call }, ...more }, { catalogue, sha256Hex });
const vertexOf = (call: Fields) => {
  const result = read(call);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return {
    ...result.workflow.plan.vertices.find(({ node }) => node === "call"),
    warnings: result.workflow.warnings.map(({ code }) => code),
  };
};

describe("A component", () => {
  it("may be an address: the context is posted there", () => {
    for (const component of ["https://a.example/hook?x=1", "http://127.0.0.1:8790/hook"])
      expect(vertexOf({ component })).toMatchObject({
        kind: "part",
        component: "http_request",
        recipe: component,
        receives: "context",
        lane: "io",
        warnings: [],
      });
  });

  it("may be a service of which only the way to sign in is known", () => {
    const config = { url: "/user", method: "GET" };
    expect(vertexOf({ component: "github", ...config })).toMatchObject({
      component: "http_request",
      recipe: "github",
      receives: "params",
      config,
    });
  });

  it.each(["https:", "https://", "ftp://a.example/", "https://{{input.host}}/", "constructor"])("may not be %s", (component) => {
    const result = read({ component });
    expect(result.ok ? [] : result.errors.map(({ code }) => code)).toEqual(["config.unknown_component"]);
  });
});

it("A key that an old file gives trigger_workflow is neither read nor kept", () => {
  for (const api_key of ["ak_0123", "{{api_key}}", "{{credential.KEY}}"]) {
    const { config, warnings } = vertexOf({ component: "trigger_workflow", workflow_name: "other", api_key });
    expect([config, warnings]).toEqual([{ workflow_name: "other" }, ["config.ignored"]]);
  }
});
