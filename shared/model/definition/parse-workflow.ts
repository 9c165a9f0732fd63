/** From a definition to its plan. Everything that is wrong is told at once: each field is checked whatever the others say. */
import { checkConfigs } from "./check-configs.ts";
import { checkEdges } from "./check-edges.ts";
import { checkTemplates, type KeyTemplate } from "./check-templates.ts";
import { compilePlan } from "./compile-plan.ts";
import { KEYWORDS } from "../expression/expression-lexer.ts";
import { buildGraph, findUpstream, type FlowGraph } from "./flow-graph.ts";
import { at, createIssues, field, isMap, type Issues, type JsonMap, meant, shown } from "./issues.ts";
import { canonicalJson, checkJson } from "../json-document.ts";
import { MAX_PLAN_BYTES, MAX_WORKFLOW_NAME_CHARS } from "../limits.ts";
import { createLoopSight } from "./loop-sight.ts";
import { parseFlow } from "./parse-flow.ts";
import { checkInputSchema } from "./parse-input-schema.ts";
import { nodePolicies, parseNodePolicy, parseRunPolicy } from "./parse-policy.ts";
import { checkScheduleInputs, dropTwins, parseSchedules, parseTrigger, type SchemaProblem } from "./parse-trigger.ts";
import { placeNodes } from "./place-nodes.ts";
import { END_NODE, type RunPolicy, START_NODE } from "../plan.ts";
import { entriesOf, findCronNodes, matchNames, resolveNodes } from "./resolve-nodes.ts";
import type { Catalogue, ConfigEntry, NodePolicy, ParsedWorkflow, ParseResult } from "./workflow.ts";
import { RESERVED_NAMES } from "./workflow.ts";

export type ParseDeps = {
  readonly catalogue: Catalogue;
  /** SHA-256 of the UTF-8 bytes of a text, in hex. */
  readonly sha256Hex: (text: string) => string;
  /** The line of a pointer, if the text of the definition is known. */
  readonly lineOf?: (pointer: string) => number | undefined;
  /** As a start asks whether an input fits; without it the inputs of schedules are not looked at. */
  readonly schemaProblems?: (schema: unknown, value: unknown) => readonly SchemaProblem[];
};

const KEYS = ["name", "description", "flow", "graph", "config", "policy", "input", "trigger", "schedule"] as const;
const NAME = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_WORKFLOW_NAME_CHARS}}$`);

/** Checks a definition and compiles it. Never throws for what the definition holds: mistakes are in `errors`. */
export function parseWorkflow(value: unknown, deps: ParseDeps): ParseResult {
  const issues = createIssues(deps.lineOf);
  const workflow = checkJson(value, issues) ? parseDefinition(value, deps, issues) : undefined;
  if (workflow !== undefined && !issues.hasErrors()) return { ok: true, workflow };
  return { ok: false, errors: issues.errors(), warnings: issues.warnings() };
}

function parseDefinition(value: unknown, deps: ParseDeps, issues: Issues): ParsedWorkflow | undefined {
  if (!isMap(value)) {
    issues.error("", "definition.not_a_map", `found ${shown(value)}; expected a map with ${KEYS.join(", ")}`);
    return undefined;
  }
  const name = checkTexts(value, issues);
  const run = parseRunPolicy(mapAt(value, "policy"), issues);
  const shape = parseShape(value, run, deps.catalogue, issues);
  const trigger = parseTrigger(field(value, "trigger"), issues);
  const listed = parseSchedules(field(value, "schedule"), issues);
  const schedules = dropTwins([...listed, ...shape.schedules], issues);
  const input = field(value, "input");
  if (input !== undefined) checkInputSchema(input, "/input", issues);
  if (!issues.hasErrors() && input !== undefined && deps.schemaProblems !== undefined) {
    const problemsOf = (value: unknown) => deps.schemaProblems?.(input, value) ?? [];
    checkScheduleInputs(listed, problemsOf, (i) => at("/schedule", i, "input"), issues);
    checkScheduleInputs(shape.schedules, problemsOf, () => "/config", issues);
  }
  const { upstream, placed, sight } = shape;
  if (issues.hasErrors() || upstream === undefined || placed === undefined || sight === undefined) return undefined;

  const canonical = canonicalJson(normalised(value));
  const plan = compilePlan({
    ...shape,
    name,
    version: deps.sha256Hex(canonical),
    upstream,
    placed,
    sight,
    run,
    trigger,
    input,
  });
  const planBytes = JSON.stringify(plan).length;
  if (planBytes > MAX_PLAN_BYTES)
    issues.error(
      "",
      "definition.too_large",
      `compiled, a workflow may have ${MAX_PLAN_BYTES} bytes, found ${planBytes}; split it with trigger_workflow`,
    );
  const description = String(field(value, "description"));
  return { name, description, canonical, plan, schedules, warnings: issues.warnings() };
}

/** The name, after checking it, the description and the keys of the definition. */
function checkTexts(definition: JsonMap, issues: Issues): string {
  const [name, description] = [field(definition, "name"), field(definition, "description")];
  const valid = typeof name === "string" && NAME.test(name);
  if (!valid) {
    const expected = `1 to ${MAX_WORKFLOW_NAME_CHARS} letters, digits, hyphens and underscores`;
    issues.error("/name", "definition.invalid_name", `found ${shown(name)}; expected ${expected}`);
  }
  if (typeof description !== "string" || description.trim() === "") {
    const detail = `found ${shown(description)}; expected a text that says what the workflow is for`;
    issues.error("/description", "definition.description_missing", detail);
  }
  for (const key of Object.keys(definition)) {
    if (KEYS.some((known) => known === key)) continue;
    const detail = `${shown(key)} means nothing here; expected one of ${KEYS.join(", ")}.${meant(key, KEYS)}`;
    issues.warn(at("", key), "definition.unknown_key", detail);
  }
  return valid ? name : "";
}

/** The flow with what its nodes run, need and obey. `upstream` is absent when the flow makes no graph. */
function parseShape(definition: JsonMap, run: RunPolicy, catalogue: Catalogue, issues: Issues) {
  const flow = parseFlow(definition, issues);
  const entries = [...flow.configs, ...entriesOf(definition, "config", issues)];
  const configs = matchNames(entries, flow.mentions.keys(), "config", issues);
  const cron = findCronNodes(configs, issues);
  const graph = buildGraph(flow, cron.names, issues);
  const policies = parsePolicies(definition, graph, issues);
  const resolved = resolveNodes(graph.nodes, configs, catalogue, issues);
  const joins = new Map([...policies].flatMap(([node, { join }]) => (join === undefined ? [] : [[node, join] as const])));
  const upstream = flow.incomplete || graph.order === undefined ? undefined : findUpstream(graph, joins);
  const placed = upstream === undefined ? undefined : placeNodes(graph, issues);
  const sight = placed && createLoopSight(placed);
  const keys = [...policies].flatMap(([node, { concurrency }]) =>
    concurrency === undefined ? [] : [{ node, pointer: at("/policy", node, "concurrency", "key"), text: concurrency.key }],
  );
  const needs = checkTemplates(graph, upstream, sight, resolved, [...keys, ...runKeys(run)], issues);
  checkConfigs(resolved, issues);
  checkVariables(graph, issues);
  warnIdleLoops(policies, graph, issues);
  checkEdges(graph, issues);
  warnReserved(graph, issues);
  return { policies, resolved, upstream, placed, sight, needs, schedules: cron.schedules };
}

/** What a run knows before it begins, the start knows. */
const runKeys = ({ concurrency, singleton }: RunPolicy): readonly KeyTemplate[] =>
  Object.entries({ concurrency, singleton }).flatMap(([name, policy]) =>
    policy === undefined ? [] : [{ node: START_NODE, pointer: at("/policy/run", name, "key"), text: policy.key }],
  );

const mapAt = (definition: JsonMap, key: string): JsonMap => {
  const value = field(definition, key);
  return isMap(value) ? value : {};
};

function parsePolicies(definition: JsonMap, graph: FlowGraph, issues: Issues): ReadonlyMap<string, NodePolicy> {
  entriesOf(definition, "policy", issues); // reports a policy that is no map
  const entries = nodePolicies(mapAt(definition, "policy")).map(([name, value]): ConfigEntry => ({
    name,
    value,
    pointer: at("/policy", name),
  }));
  const names = [...graph.nodes.keys()].filter((node) => node !== START_NODE);
  const matched = new Map([...matchNames(entries, names, "policy", issues)].map(([node, entry]) => [entry, node]));
  const policies = new Map<string, NodePolicy>();
  for (const entry of entries) {
    const policy = parseNodePolicy(entry.value, entry.pointer, issues);
    const node = matched.get(entry);
    if (node === undefined) continue;
    checkQuorum(policy, graph.incoming.get(node)?.length ?? 0, entry.pointer, issues);
    policies.set(node, policy);
  }
  return policies;
}

/** Not refused: a quorum that cannot be met is a node that is always skipped. */
function checkQuorum({ join }: NodePolicy, edges: number, pointer: string, issues: Issues): void {
  if (join?.kind !== "quorum" || join.count <= edges) return;
  const detail = `${join.count} edges cannot be taken, only ${edges} lead there: the node is always skipped`;
  issues.warn(at(pointer, "join"), "policy.quorum_too_large", detail);
}

/** A node may have such a name, but no template can read it. */
function warnReserved({ nodes }: FlowGraph, issues: Issues): void {
  for (const [node, pointer] of nodes) {
    if (node === START_NODE || node === END_NODE || !RESERVED_NAMES.some((name) => name === node)) continue;
    issues.warn(pointer, "flow.reserved_name", `in templates ${shown(node)} is a word of the language, not this node`);
  }
}

/** The policy of a loop is that of the node whose FOREACH opens it. */
function warnIdleLoops(policies: ReadonlyMap<string, NodePolicy>, { edges }: FlowGraph, issues: Issues): void {
  const openers = new Set(edges.flatMap(({ from, relation }) => (relation?.kind === "foreach" ? [from] : [])));
  for (const [node, { foreach }] of policies) {
    if (foreach === undefined || openers.has(node)) continue;
    const detail = `no FOREACH line begins at ${shown(node)}, so this has no effect; expected it at the node that gives the list`;
    issues.warn(at("/policy", node, "foreach"), "policy.no_loop", detail);
  }
}

/** Inside of the loop the variable hides a node of its name. */
function checkVariables({ nodes, edges }: FlowGraph, issues: Issues): void {
  for (const { relation, pointer } of edges) {
    if (relation?.kind !== "foreach") continue;
    const { variable } = relation;
    if (RESERVED_NAMES.some((name) => name === variable) || KEYWORDS.has(variable))
      issues.error(pointer, "flow.variable_reserved", `${shown(variable)} is a word of the language; expected another name for the item`);
    else if (nodes.has(variable))
      issues.warn(
        pointer,
        "flow.variable_hides_node",
        `in this loop ${shown(variable)} is the item, and the node of that name cannot be read`,
      );
  }
}

const nfc = (text: unknown): unknown => (typeof text === "string" ? text.normalize("NFC") : text);
const nfcKeys = (map: unknown): unknown =>
  isMap(map) ? Object.fromEntries(Object.entries(map).map(([key, value]) => [key.normalize("NFC"), value])) : map;

/** Of the nodes and edges of an old graph, the texts are names and relations; what a node has as config stays as it is. */
const nfcGraph = (graph: unknown): unknown =>
  isMap(graph)
    ? Object.fromEntries(Object.entries(graph).map(([key, list]) => [key, Array.isArray(list) ? list.map(nfcTexts) : list]))
    : graph;
const nfcTexts = (map: unknown): unknown =>
  isMap(map) ? Object.fromEntries(Object.entries(map).map(([key, value]) => [key, nfc(value)])) : map;

/** Names in one normal form of Unicode, so that the version does not depend on how an editor saves them; values stay as they are. */
function normalised(definition: JsonMap): JsonMap {
  const { flow, graph, config, policy, ...rest } = definition;
  return {
    ...rest,
    ...(graph === undefined ? {} : { graph: nfcGraph(graph) }),
    ...(flow === undefined ? {} : { flow: Array.isArray(flow) ? flow.map(nfc) : flow }),
    ...(config === undefined ? {} : { config: nfcKeys(config) }),
    ...(policy === undefined ? {} : { policy: nfcKeys(policy) }),
  };
}
