/** The page of a part, from its manifest and its cases: for people, for `GET /parts/:name`, and for agents. */
import { stringify } from "yaml";
import { markdownTable as table } from "./markdown-table.ts";
import { isMap, type JsonMap } from "./model/definition/issues.ts";
import { operationOf } from "./model/definition/operations.ts";
import type { PartExample } from "./part-example.ts";
import type { PartManifest } from "./part-manifest.ts";

const MAX_EXAMPLES = 5;
const MAX_EXAMPLE_CHARS = 420;
const MAX_MESSAGE_CHARS = 160;
const YAML_WIDTH = 120;

type Failure = { readonly code: string; readonly message: string };

export function renderPartDocs(manifest: PartManifest, examples: readonly PartExample[]): string {
  const sections = [
    `# \`${manifest.name}\`\n\n${manifest.summary}.\n\n${factsOf(manifest)}`,
    inputSection(manifest),
    `## Output\n\n${outputText(manifest.output)}`,
    failureSection(examples),
    exampleSection(manifest, examples),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function factsOf({ aliases, effects, mayPause, receives, calls, httpHosts }: PartManifest): string {
  const hosts = httpHosts === "any" ? "any host" : httpHosts.join(", ");
  const facts = [
    aliases.length === 0 ? "" : `Also called ${aliases.map((alias) => `\`${alias}\``).join(", ")}.`,
    {
      pure: "Only computes.",
      idempotent: "Calls out; a repeated attempt sends the same key.",
      once: "Calls out, and is not repeated by itself.",
    }[effects],
    receives === "context" ? "Receives the whole context with its config laid over it." : "",
    mayPause ? "May pause the run until it is called back." : "",
    calls.length === 0
      ? ""
      : `May ask the host for ${calls.map((call) => `\`${call}\``).join(", ")}${httpHosts.length === 0 ? "" : ` (${hosts})`}.`,
  ];
  return facts.filter((fact) => fact !== "").join(" ");
}

function inputSection({ input, operations }: PartManifest): string {
  const ops = Object.entries(operations);
  const operationTable =
    ops.length === 0
      ? ""
      : `${table(
          ["op", "needs"],
          ops.map(([op, needed]) => [`\`${op}\``, needed.map((name) => `\`${name}\``).join(", ")]),
        )}\n\n`;
  return `## Input\n\n${operationTable}${fieldTable(input, operations)}`;
}

/** The operations have a table of their own. */
function fieldTable(schema: JsonMap, operations: PartManifest["operations"]): string {
  const properties = isMap(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const isChoice = (name: string): boolean => Object.keys(operations).length > 0 && (name === "op" || name === "operation");
  const rows = Object.entries(properties)
    .filter(([name]) => !isChoice(name))
    .map(([name, property]) => [`\`${name}\`${required.includes(name) ? " (required)" : ""}`, typeText(property), descriptionOf(property)]);
  return rows.length === 0 ? "No fields." : table(["field", "type", "meaning"], rows);
}

function outputText(schema: JsonMap): string {
  const properties = isMap(schema["properties"]) ? schema["properties"] : {};
  if (Object.keys(properties).length === 0) return descriptionOf(schema) || `\`data\` is ${typeText(schema)}.`;
  const rows = Object.entries(properties).map(([name, property]) => [`\`data.${name}\``, typeText(property), descriptionOf(property)]);
  return table(["field", "type", "meaning"], rows);
}

const descriptionOf = (schema: unknown): string =>
  isMap(schema) && typeof schema["description"] === "string" ? schema["description"] : "";

function typeText(schema: unknown): string {
  if (!isMap(schema)) return "any value";
  const { type, enum: words, const: only, items } = schema;
  if (Array.isArray(words)) return words.map((word) => `\`${String(word)}\``).join(", ");
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  const names = (Array.isArray(type) ? type : [type]).map((one) =>
    one === "array" ? listText(items) : one === undefined ? "any value" : String(one),
  );
  return names.join(" or ");
}

const listText = (items: unknown): string => {
  const inner = isMap(items) && items["type"] !== undefined ? typeText(items) : "";
  return inner === "" ? "array" : `array of ${inner}`;
};

/** Each code that a case shows, with the message of the first. */
function failureSection(examples: readonly PartExample[]): string {
  const failures = new Map<string, Failure>();
  for (const { expect } of examples) {
    const error = expect["error"];
    if (!isMap(error) || typeof error["code"] !== "string" || typeof error["message"] !== "string") continue;
    if (!failures.has(error["code"])) failures.set(error["code"], { code: error["code"], message: error["message"] });
  }
  const cut = (text: string): string => (text.length <= MAX_MESSAGE_CHARS ? text : `${text.slice(0, MAX_MESSAGE_CHARS)}…`);
  const rows = [...failures.values()].map(({ code, message }) => [`\`${code}\``, cut(message)]);
  return rows.length === 0 ? "" : `## Failures\n\n${table(["code", "for example"], rows)}`;
}

function exampleSection({ name }: PartManifest, examples: readonly PartExample[]): string {
  const texts = chosen(examples).map(({ name: title, given, expect }) => {
    const { success: _, ...answer } = expect;
    const { callback_url: __, ...config } = Object(given) as JsonMap; // the engine's own doing
    const text = stringify({ component: name, ...config }, { lineWidth: YAML_WIDTH }).trimEnd();
    return `${title.charAt(0).toUpperCase()}${title.slice(1)}:\n\n\`\`\`yaml\n${text}\n\`\`\`\n\n\`\`\`json\n${JSON.stringify(answer)}\n\`\`\``;
  });
  return texts.length === 0 ? "" : `## Examples\n\n${texts.join("\n\n")}`;
}

/** A few short ones that succeed, of different operations first. */
function chosen(examples: readonly PartExample[]): readonly PartExample[] {
  const short = examples.filter(
    ({ given, expect }) => expect["success"] !== false && isMap(given) && JSON.stringify([given, expect]).length <= MAX_EXAMPLE_CHARS,
  );
  const ops = short.map(({ given }) => (isMap(given) ? operationOf(given) : undefined));
  const isFirst = (i: number): boolean => ops.indexOf(ops[i]) === i;
  const first = short.filter((_, i) => isFirst(i));
  return [...first, ...short.filter((_, i) => !isFirst(i))].slice(0, MAX_EXAMPLES);
}

/** The page that lists all parts, by category. */
export function renderPartIndex(manifests: readonly PartManifest[]): string {
  const categories = [...new Set(manifests.map(({ category }) => category))].sort();
  const sections = categories.map((category) => {
    const rows = manifests
      .filter((part) => part.category === category)
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ name, summary }) => [`[\`${name}\`](${name}.md)`, summary]);
    return `## ${category}\n\n${table(["part", "what it does"], rows)}`;
  });
  return `# Built-in parts\n\nWritten by \`npm run docs\` from \`parts/*\`. An engine that runs tells the same at \`GET /parts\`.\n\n${sections.join("\n\n")}\n`;
}
