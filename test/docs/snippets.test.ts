import { describe, expect, it } from "vitest";
import { createComponents } from "../../shared/components.ts";
import { parseDocument } from "../../shared/model/definition/parse-document.ts";
import { parseWorkflow } from "../../shared/model/definition/parse-workflow.ts";
import { parsePartManifest } from "../../shared/part-manifest.ts";
import { sha256Hex } from "../support/definitions.ts";
import { missingFor } from "../support/examples/availability.ts";
import { documents, type Snippet, snippets } from "./documents.ts";

const catalogue = createComponents();

const isData = ({ language }: Snippet): boolean => language === "yaml" || language === "json";
const has = (value: unknown, ...keys: readonly string[]): boolean =>
  typeof value === "object" && value !== null && keys.some((key) => key in value);

/** As the engine reads a push. */
function valueOf({ language, text }: Snippet): unknown {
  const { value, issues } = parseDocument(text, language === "json" ? "json" : "yaml");
  expect(issues).toEqual([]);
  return value;
}

const data = documents()
  .flatMap(snippets)
  .filter(isData)
  .map((snippet, i) => ({ ...snippet, title: `${snippet.file}, snippet ${i + 1}`, value: valueOf(snippet) }));
const workflows = data.filter(({ value }) => has(value, "flow", "graph"));
const manifests = data.filter(({ value }) => has(value, "effects"));
/** By itself, or as the `config` of a workflow. */
const nodes = data.flatMap(({ title, value }) => {
  if (has(value, "component")) return [{ title, value }];
  const config = has(value, "flow") ? {} : (Object(value).config ?? {});
  return Object.values(config).map((node) => ({ title, value: node }));
});

describe("the workflows in the documents", () => {
  it("are found, and whatever else is YAML is nodes, a manifest or cases", () => {
    expect(workflows.length).toBeGreaterThanOrEqual(15);
    expect(workflows.some(({ file }) => file === "docs/workflow.md")).toBe(true);
    const isKnown = ({ value }: { readonly value: unknown }): boolean =>
      has(value, "flow", "graph", "component", "config", "effects", "operations") ||
      (Array.isArray(value) && value.every((one) => has(one, "expect")));
    expect(data.filter((snippet) => snippet.language === "yaml" && !isKnown(snippet)).map(({ title }) => title)).toEqual([]);
  });

  it.each(workflows)("can be pushed without a warning: $title", ({ language, text, value }) => {
    if (language === "yaml" && missingFor(text) !== undefined) return; // it shows what is being built
    const result = parseWorkflow(value, { catalogue, sha256Hex });
    expect(result.ok ? result.workflow.warnings : result.errors).toEqual([]);
  });
});

it.each(manifests)("the manifest is one: $title", ({ value }) => {
  expect(parsePartManifest(value, "").name).toBe("greet");
});

it.each(nodes)("the node can stand in a workflow: $title", ({ value }) => {
  const definition = { name: "sample", description: "for a test", flow: ["input >> PIPE >> node"], config: { node: value } };
  const result = parseWorkflow(definition, { catalogue, sha256Hex });
  expect(result.ok ? [] : result.errors).toEqual([]);
});
