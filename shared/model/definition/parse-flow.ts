/** Reads the edges of a definition: lines `"A >> RELATION >> B"`, or the graph of old files. */
import { at, field, isMap, type Issues, type JsonMap, shown } from "./issues.ts";
import { MAX_EDGES } from "../limits.ts";
import { isRelationWord, readRelation } from "./relations.ts";
import type { ConfigEntry, Flow, FlowLine } from "./workflow.ts";

const LINE_FORM = 'exactly three parts: "A >> RELATION >> B"';
const NODE_NAME = /^[\p{L}\p{M}\p{N}_-]+(?: +[\p{L}\p{M}\p{N}_-]+)*$/u;
const MAX_NODE_NAME_CHARS = 128;
/** Names that no template could read: they are ordinary absent keys everywhere. */
const UNREADABLE_NAMES: readonly string[] = ["__proto__", "constructor", "prototype"];

/** Trimmed and NFC-normalised; names are compared in this form. */
export const normalName = (name: string): string => name.normalize("NFC").trim();

type Draft = {
  readonly issues: Issues;
  readonly lines: FlowLine[];
  readonly mentions: Map<string, string>;
  lost: boolean;
};

/** Reads `flow`, or `graph` of old files, with the configs that an old graph holds. */
export function parseFlow(definition: JsonMap, issues: Issues): Flow & { readonly configs: readonly ConfigEntry[] } {
  const draft: Draft = { issues, lines: [], mentions: new Map(), lost: false };
  const graph = field(definition, "graph");
  const fromGraph = field(definition, "flow") === undefined && isMap(graph);
  const configs = fromGraph ? readGraph(graph, draft) : readLines(field(definition, "flow"), draft);
  if (!fromGraph && graph !== undefined) issues.warn("/graph", "flow.graph_ignored", "`flow` is there, so `graph` is not read");
  return {
    lines: draft.lines,
    mentions: draft.mentions,
    incomplete: draft.lost,
    pointer: fromGraph ? "/graph" : "/flow",
    configs,
  };
}

function readLines(flow: unknown, draft: Draft): readonly ConfigEntry[] {
  if (!Array.isArray(flow) || flow.length === 0) {
    draft.lost = true;
    draft.issues.error("/flow", "flow.missing", `expected a list of lines like "input >> ON_SUCCESS >> a", found ${shown(flow)}`);
  } else if (flow.length > MAX_EDGES) {
    draft.lost = true;
    draft.issues.error("/flow", "flow.too_many_edges", `a workflow may have ${MAX_EDGES} edges, found ${flow.length}`);
  } else {
    flow.forEach((line: unknown, i) => readLine(line, at("/flow", i), draft));
  }
  return [];
}

function readLine(line: unknown, pointer: string, draft: Draft): void {
  const parts = typeof line === "string" ? splitLine(line.normalize("NFC")) : [];
  const [from, relation, to] = parts;
  if (parts.length === 3 && from !== undefined && relation !== undefined && to !== undefined) {
    addLine(from, relation, to, pointer, draft);
    return;
  }
  draft.lost = true;
  draft.issues.error(pointer, "flow.malformed_line", `found ${shown(line)}; expected ${LINE_FORM}`);
  const names = parts.filter((part) => NODE_NAME.test(part) && !isRelationWord(part));
  for (const name of names) mention(name, pointer, draft);
}

/** Splits at `>>`, but not inside parentheses or braces: a condition may hold the text ">>". */
function splitLine(line: string): readonly string[] {
  const parts: string[] = [];
  let [depth, quote, begin] = [0, "", 0];
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (quote !== "" && char === "\\") i++;
    else if (quote !== "") quote = char === quote ? "" : quote;
    else if (depth > 0 && (char === '"' || char === "'")) quote = char;
    else if (char === "(" || char === "{") depth++;
    else if (char === ")" || char === "}") depth = Math.max(0, depth - 1);
    else if (depth === 0 && line.startsWith(">>", i)) {
      parts.push(line.slice(begin, i).trim());
      begin = i + 2;
      i++;
    }
  }
  return [...parts, line.slice(begin).trim()];
}

function addLine(from: string, relation: string, to: string, pointer: string, draft: Draft): void {
  const named = [from, to].filter((name) => isNodeName(name, pointer, draft));
  for (const name of named) mention(name, pointer, draft);
  const read = readRelation(relation, pointer, draft.issues);
  if (named.length === 2) draft.lines.push({ pointer, from, to, ...(read === undefined ? {} : { relation: read }) });
  else draft.lost = true;
}

function isNodeName(name: string, pointer: string, { issues }: Draft): boolean {
  const valid = NODE_NAME.test(name) && name.length <= MAX_NODE_NAME_CHARS && !UNREADABLE_NAMES.includes(name);
  const form = `letters, digits, "_", "-" and inner spaces, at most ${MAX_NODE_NAME_CHARS} characters`;
  if (!valid) issues.error(pointer, "flow.invalid_name", `${shown(name)} is no name of a node; expected ${form}`);
  return valid;
}

function mention(name: string, pointer: string, { mentions }: Draft): void {
  if (!mentions.has(name)) mentions.set(name, pointer);
}

const textOf = (map: JsonMap, keys: readonly string[]): unknown => keys.map((key) => field(map, key)).find((value) => value !== undefined);

/** The graph of old files: `{nodes: [{id, component, config}], edges: [{from, to, relation}]}`. */
function readGraph(graph: JsonMap, draft: Draft): readonly ConfigEntry[] {
  const [nodes, edges] = [field(graph, "nodes"), field(graph, "edges")];
  if (!Array.isArray(edges) || edges.length === 0 || edges.length > MAX_EDGES) {
    draft.lost = true;
    draft.issues.error(
      "/graph/edges",
      "flow.missing",
      `expected a list of 1 to ${MAX_EDGES} edges {from, to, relation}, found ${shown(edges)}`,
    );
    return [];
  }
  edges.forEach((edge: unknown, i) => readGraphEdge(edge, at("/graph/edges", i), draft));
  return Array.isArray(nodes) ? nodes.flatMap((node: unknown, i) => graphConfig(node, at("/graph/nodes", i))) : [];
}

function readGraphEdge(edge: unknown, pointer: string, draft: Draft): void {
  const map = isMap(edge) ? edge : {};
  const [from, to] = [textOf(map, ["from", "source"]), textOf(map, ["to", "target"])];
  const relation = textOf(map, ["relation", "type", "label"]) ?? "PIPE";
  if (typeof from === "string" && typeof to === "string" && typeof relation === "string") {
    addLine(normalName(from), relation.normalize("NFC").trim(), normalName(to), pointer, draft);
  } else {
    readLine(edge, pointer, draft);
  }
}

function graphConfig(node: unknown, pointer: string): readonly ConfigEntry[] {
  if (!isMap(node)) return [];
  const name = textOf(node, ["id", "name"]);
  const component = textOf(node, ["component", "component_id", "componentId", "type"]);
  const config = textOf(node, ["config", "params"]);
  if (typeof name !== "string" || (component === undefined && config === undefined)) return [];
  const value = {
    ...(isMap(config) ? config : {}),
    ...(component === undefined ? {} : { component }),
  };
  return [{ name: normalName(name), value, pointer: isMap(config) ? at(pointer, "config") : pointer }];
}
