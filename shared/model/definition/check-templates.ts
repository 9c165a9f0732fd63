/** What the templates and conditions of a workflow read: whether it can be there, and what the claim must hand out. */
import { ArcrunError } from "../errors.ts";
import { parseExpression, pathsOf } from "../expression/expression.ts";
import type { FlowGraph, GraphEdge, Upstream } from "./flow-graph.ts";
import type { LoopSight } from "./loop-sight.ts";
import { groupBy } from "../group-by.ts";
import { at, type Issues, meant, shown } from "./issues.ts";
import { normalName } from "./parse-flow.ts";
import { END_NODE, type Needs, START_NODE } from "../plan.ts";
import type { ResolvedNode } from "./resolve-nodes.ts";
import { findTemplates, parseTemplate, verbatimField } from "../expression/template.ts";
import { expressionNames, MAGIC_NAMES, RESERVED_NAMES } from "./workflow.ts";

/** Fields of a node's answer: whatever they follow can only be a node. */
const ANSWER_FIELDS: readonly unknown[] = ["data", "error", "success", "results", "failed"];
const CREDENTIAL = "credential";
const LOOP = "loop";
const reserved: ReadonlySet<string> = new Set(RESERVED_NAMES);

type Path = { readonly path: readonly (string | number)[]; readonly hasDefault: boolean };

type Checker = {
  /** Absent while the flow is broken: then every node counts as upstream. */
  readonly upstream: Upstream | undefined;
  readonly nodes: ReadonlySet<string>;
  /** Absent while the loops make no sense: then every variable is seen everywhere. */
  readonly sight: LoopSight | undefined;
  /** Bound by the loops of the flow. */
  readonly variables: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  readonly issues: Issues;
};

/** Where a path stands, and from where it looks. `after`: the node itself has succeeded, as in a condition on its edge. */
type Place = {
  readonly node: string;
  readonly after: boolean;
  readonly pointer: string;
  readonly credentials: boolean;
};

/** The key of a concurrency or singleton: of a node, or of the run, which knows what its start knows. */
export type KeyTemplate = { readonly node: string; readonly pointer: string; readonly text: string };

type Reading = { input: boolean; context: boolean; readonly nodes: Set<string>; readonly items: Set<string> };

/** Checks all templates and conditions; gives what each node needs from its scope. */
export function checkTemplates(
  graph: FlowGraph,
  upstream: Upstream | undefined,
  sight: LoopSight | undefined,
  resolved: ReadonlyMap<string, ResolvedNode>,
  keys: readonly KeyTemplate[],
  issues: Issues,
): ReadonlyMap<string, Needs> {
  const nodes = new Set([...graph.nodes.keys()].filter((name) => name !== START_NODE && name !== END_NODE));
  const variables = new Set(graph.edges.flatMap(({ relation }) => (relation?.kind === "foreach" ? [relation.variable] : [])));
  const checker: Checker = {
    upstream,
    nodes,
    sight,
    variables,
    names: expressionNames([...nodes, ...variables]),
    issues,
  };
  const outgoing = groupBy(graph.edges, ({ from }) => from);
  const needs = new Map<string, Needs>();
  for (const node of graph.nodes.keys()) {
    const reading: Reading = { input: false, context: false, nodes: new Set(), items: new Set() };
    readConfig(node, resolved.get(node), reading, checker);
    for (const key of keys) if (key.node === node) readTemplate(key.text, { ...key, after: false, credentials: false }, reading, checker);
    for (const edge of outgoing.get(node) ?? []) readCondition(edge, reading, checker);
    reading.nodes.delete(node); // its own answer is at hand when its conditions are asked
    // The merged context begins with the input.
    needs.set(node, {
      input: reading.input || reading.context,
      context: reading.context,
      nodes: [...reading.nodes],
      ...(reading.items.size === 0 ? {} : { items: [...reading.items] }),
    });
  }
  return needs;
}

function readConfig(node: string, resolved: ResolvedNode | undefined, reading: Reading, checker: Checker): void {
  if (resolved === undefined) return;
  const { config, info, component, pointer } = resolved;
  reading.context ||= node !== END_NODE && (config === undefined || info?.receives === "context");
  for (const { pointer: path, text } of findTemplates(config ?? {})) {
    if (path[0] !== undefined && path[0] === verbatimField(component)) continue;
    const place = {
      node,
      after: false,
      pointer: at(pointer, ...path),
      credentials: info?.credentialFields ?? false,
    };
    readTemplate(text, place, reading, checker);
  }
}

function readTemplate(text: string, place: Place, reading: Reading, checker: Checker): void {
  const paths = parsed(place, checker, () => pathsOfTemplate(text, checker.names));
  for (const found of paths) readPath(found, place, reading, checker);
}

/** A credential is a path, too: of a value that only egress knows. */
const pathsOfTemplate = (text: string, names: ReadonlySet<string>): readonly Path[] =>
  parseTemplate(text, names).parts.flatMap((part): readonly Path[] => {
    if (part.kind === "credential") return [{ path: [CREDENTIAL, part.name], hasDefault: false }];
    return part.kind === "expression" ? pathsOf(part.expression) : [];
  });

function readCondition({ from, relation, pointer }: GraphEdge, reading: Reading, checker: Checker): void {
  const text = relation?.kind === "when" ? relation.expression : relation?.kind === "foreach" ? relation.list : undefined;
  if (text === undefined) return;
  const place = { node: from, after: true, pointer, credentials: false };
  const paths = parsed(place, checker, () => pathsOf(parseExpression(text, checker.names)));
  for (const found of paths) readPath(found, place, reading, checker);
}

/** The paths, or none after saying why the text cannot be read. */
function parsed({ pointer }: Place, { issues }: Checker, read: () => readonly Path[]): readonly Path[] {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof ArcrunError)) throw thrown;
    issues.error(pointer, thrown.code, thrown.message);
    return [];
  }
}

/** The rules of names: reserved word, loop variable, upstream node, old date name, a node that cannot be there, old bare name. */
function readPath({ path, hasDefault }: Path, place: Place, reading: Reading, checker: Checker): void {
  const [first, second] = path;
  const name = typeof first === "string" ? first.normalize("NFC") : "";
  if (name === CREDENTIAL) checkCredential(path, place, checker.issues);
  if (name === START_NODE) reading.input = true;
  if (name === LOOP && checker.sight?.variablesOf(place.node).size === 0) warnOutside(place, checker.issues);
  if (reserved.has(name)) return;
  if (checker.variables.has(name) && checker.sight?.variablesOf(place.node).has(name) !== false) {
    reading.items.add(name);
    return;
  }
  const isNode = checker.nodes.has(name);
  if (isNode && isVisible(name, place, checker)) {
    reading.nodes.add(name);
    checkNearness(name, second, place, checker);
    if (second === "data" && !hasDefault && !isCertain(name, place, checker)) warnAbsent(name, place, checker.issues);
    return;
  }
  if (MAGIC_NAMES.has(name)) return;
  if (ANSWER_FIELDS.includes(second) || (isNode && path.length === 1)) {
    refuseName(name, isNode, place, checker);
    return;
  }
  reading.context = true;
  const detail = `${shown(name)} is looked for in the whole context, as in old files; write where it is: input.…, or a node`;
  checker.issues.warn(place.pointer, "template.bare_name", detail);
}

const isVisible = (name: string, { node, after }: Place, { upstream }: Checker): boolean =>
  upstream === undefined || (after && name === node) || upstream.isUpstream(name, node);

const isCertain = (name: string, { node, after }: Place, { upstream }: Checker): boolean =>
  upstream === undefined || (after && name === node) || upstream.isCertain(name, node);

const GATHERED_FIELDS: readonly unknown[] = ["results", "failed"];

/** A node in a loop that has ended gives what was gathered of it; all others give their answer. */
function checkNearness(name: string, field: unknown, { node, pointer }: Place, { sight, issues }: Checker): void {
  const nearness = sight?.nearness(name, node) ?? "beside";
  const isGathered = GATHERED_FIELDS.includes(field);
  if (nearness === "deeper") {
    const detail = `${shown(name)} is in a loop within a loop; expected a node that gathers it where the inner loop ends`;
    issues.error(pointer, "template.gathered_deeper", detail);
  } else if (nearness === "gathered" && field !== undefined && !isGathered) {
    const detail = `the loop of ${shown(name)} has ended here; expected ${name}.results (its answers in the order of the items) or ${name}.failed`;
    issues.error(pointer, "template.gathered", detail);
  } else if (nearness === "beside" && isGathered && name !== node) {
    const detail = `${shown(name)} has results only after its GATHER; expected ${name}.data here`;
    issues.error(pointer, "template.not_gathered", detail);
  }
}

const warnOutside = ({ pointer }: Place, issues: Issues): void =>
  issues.warn(
    pointer,
    "template.outside_loop",
    "loop.index and loop.count are there only inside of a loop; expected a FOREACH before this node",
  );

function warnAbsent(name: string, { pointer }: Place, issues: Issues): void {
  const detail = `${shown(name)} may have failed or been skipped, then its data is absent; give a default: {{ … ?? null }}`;
  issues.warn(pointer, "template.may_be_absent", detail);
}

function refuseName(name: string, isNode: boolean, place: Place, checker: Checker): void {
  const { nodes, issues } = checker;
  if (isNode) {
    const detail = `the node ${shown(name)} is not upstream of ${shown(place.node)}; expected one that has run before`;
    issues.error(place.pointer, "template.unknown_node", detail);
    return;
  }
  const near = (): string =>
    meant(
      normalName(name),
      [...nodes].filter((node) => isVisible(node, place, checker)),
    );
  const detail = (): string => `unknown node ${shown(name)}; expected input or a node that has run before.${near()}`;
  issues.error(place.pointer, "template.unknown_node", detail);
}

function checkCredential(path: readonly (string | number)[], { pointer, credentials }: Place, issues: Issues): void {
  if (!credentials) {
    const detail =
      "a credential may stand only in the fields of http_request, daemon_task and recipes; it is put in when the request is sent";
    issues.error(pointer, "template.credential_not_allowed", detail);
  } else if (path.length !== 2) {
    issues.error(pointer, "template.invalid_credential", "expected {{credential.NAME}} with the name of a stored secret");
  }
}
