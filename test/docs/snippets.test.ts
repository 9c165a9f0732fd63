import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createComponents } from "../../shared/components.ts";
import { parseWorkflow } from "../../shared/model/parse-workflow.ts";
import { parsePartManifest } from "../../shared/part-manifest.ts";
import { documents, type Snippet, snippets } from "./documents.ts";

const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");
const catalogue = createComponents();

const isData = ({ language }: Snippet): boolean => language === "yaml" || language === "json";
const has = (value: unknown, key: string): boolean => typeof value === "object" && value !== null && key in value;

const data = documents()
  .flatMap(snippets)
  .filter(isData)
  .map((snippet, i) => ({
    title: `${snippet.file}, snippet ${i + 1}`,
    value: snippet.language === "json" ? JSON.parse(snippet.text) : parse(snippet.text),
  }));
const workflows = data.filter(({ value }) => has(value, "flow"));
const manifests = data.filter(({ value }) => has(value, "effects"));

describe("the workflows in the documents", () => {
  it("are found", () => {
    expect(workflows.length).toBeGreaterThanOrEqual(4);
    expect(workflows.some(({ title }) => title.startsWith("docs/workflow.md"))).toBe(true);
  });

  it.each(workflows)("can be pushed without a warning: $title", ({ value }) => {
    const result = parseWorkflow(value, { catalogue, sha256Hex });
    expect(result.ok ? result.workflow.warnings : result.errors).toEqual([]);
  });
});

it.each(manifests)("the manifest is one: $title", ({ value }) => {
  expect(parsePartManifest(value, "").name).toBe("greet");
});
