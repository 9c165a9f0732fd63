/**
 * The flow as a graph of nodes: what follows what, what lies upstream, what must have succeeded.
 *
 * 1. Names are canonical: every start name (and every old `cron` node) is `input`, every end name is `output`.
 * 2. `order` is topological, `input` first, `output` last; it is there only if the graph has no cycle.
 */
import { groupBy } from "../group-by.ts";
import type { Issues } from "./issues.ts";
import { MAX_NODES } from "../limits.ts";
import { END_NODE, type Join, START_NODE } from "../plan.ts";
import { END_NAMES, type Flow, type FlowLine, type FlowRelation, START_NAMES } from "./workflow.ts";

export type GraphEdge = {
  readonly from: string;
  readonly to: string;
  readonly relation: FlowRelation | undefined;
  readonly pointer: string;
};

export type FlowGraph = {
  /** Each node with the line that mentions it first, in the order of the lines. */
  readonly nodes: ReadonlyMap<string, string>;
  /** In the order of the lines. */
  readonly edges: readonly GraphEdge[];
  readonly incoming: ReadonlyMap<string, readonly GraphEdge[]>;
  readonly order: readonly string[] | undefined;
};

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

/** Invariant 1. */
export function canonicalName(name: string, cronNodes: ReadonlySet<string> = new Set()): string {
  if (isOneOf(START_NAMES, name) || cronNodes.has(name)) return START_NODE;
  return isOneOf(END_NAMES, name) ? END_NODE : name;
}

/** Reports cycles, nodes that cannot be reached, and edges that lead where none may. */
export function buildGraph(flow: Flow, cronNodes: ReadonlySet<string>, issues: Issues): FlowGraph {
  const { edges, refused } = collectEdges(flow.lines, cronNodes, issues);
  const nodes = new Map<string, string>();
  for (const [name, pointer] of flow.mentions) {
    const node = canonicalName(name, cronNodes);
    if (!nodes.has(node)) nodes.set(node, pointer);
  }
  const incoming = new Map([...nodes.keys()].map((node) => [node, [] as GraphEdge[]]));
  for (const edge of edges) incoming.get(edge.to)?.push(edge);
  // Beyond its limits a graph is refused, not looked at.
  const order = fits(nodes, flow, issues) ? sortNodes([...nodes.keys()], edges, incoming, issues) : undefined;
  const graph = { nodes, edges, incoming, order };
  if (!flow.incomplete && !refused) checkReach(graph, flow, issues);
  return graph;
}

function collectEdges(lines: readonly FlowLine[], cronNodes: ReadonlySet<string>, issues: Issues) {
  const edges: GraphEdge[] = [];
  const seen = new Set<string>();
  let refused = false;
  for (const { pointer, relation, ...line } of lines) {
    const [from, to] = [canonicalName(line.from, cronNodes), canonicalName(line.to, cronNodes)];
    if (from === START_NODE && cronNodes.has(line.to)) continue; // both are the start
    const key = JSON.stringify([from, relation, to]);
    const problem = misplaced(from, to);
    if (problem !== undefined) issues.error(pointer, problem.code, problem.detail);
    else if (seen.has(key)) issues.warn(pointer, "flow.duplicate_line", "this line is there already and counts once");
    else edges.push({ from, to, relation, pointer });
    refused ||= problem !== undefined;
    seen.add(key);
  }
  return { edges, refused };
}

function misplaced(from: string, to: string): { readonly code: string; readonly detail: string } | undefined {
  if (from === END_NODE) return { code: "flow.out_of_end", detail: `nothing follows the end (${END_NAMES.join(", ")})` };
  if (to === START_NODE)
    return {
      code: "flow.into_start",
      detail: `nothing leads to the start (${START_NAMES.join(", ")})`,
    };
  return undefined;
}

function fits(nodes: ReadonlyMap<string, string>, flow: Flow, issues: Issues): boolean {
  const count = [...nodes.keys()].filter((node) => node !== START_NODE && node !== END_NODE).length;
  if (count > MAX_NODES) issues.error(flow.pointer, "flow.too_many_nodes", `a workflow may have ${MAX_NODES} nodes, found ${count}`);
  return count <= MAX_NODES;
}

function checkReach({ nodes, incoming }: FlowGraph, flow: Flow, issues: Issues): void {
  if (!nodes.has(START_NODE)) {
    issues.error(flow.pointer, "flow.no_start", 'no line begins at the start; expected one like "input >> ON_SUCCESS >> a"');
    return;
  }
  // Without a cycle whatever cannot be reached hangs on a node without incoming edges.
  for (const [node, pointer] of nodes) {
    if (node === START_NODE || incoming.get(node)?.length !== 0) continue;
    issues.error(pointer, "flow.unreachable_node", `"${node}" cannot be reached: expected a line that leads to it from "input"`);
  }
}

/** Invariant 2; `undefined` after reporting a cycle. */
function sortNodes(
  nodes: readonly string[],
  edges: readonly GraphEdge[],
  incoming: ReadonlyMap<string, readonly GraphEdge[]>,
  issues: Issues,
): readonly string[] | undefined {
  const outgoing = groupBy(edges, ({ from }) => from);
  const left = new Map(nodes.map((node) => [node, incoming.get(node)?.length ?? 0]));
  const ready = [START_NODE, ...nodes.filter((node) => node !== START_NODE)].filter((node) => left.get(node) === 0);
  for (const node of ready) {
    for (const { to } of outgoing.get(node) ?? []) {
      const count = (left.get(to) ?? 0) - 1;
      left.set(to, count);
      if (count === 0) ready.push(to);
    }
  }
  if (ready.length < nodes.length) {
    reportCycle(nodes, new Set(ready), incoming, issues);
    return undefined;
  }
  const isEnd = (node: string): boolean => node === END_NODE;
  return [...ready.filter((node) => !isEnd(node)), ...ready.filter(isEnd)];
}

/** Every node that could not be sorted has a predecessor that could not be either, so walking back must come round. */
function reportCycle(
  nodes: readonly string[],
  sorted: ReadonlySet<string>,
  incoming: ReadonlyMap<string, readonly GraphEdge[]>,
  issues: Issues,
): void {
  const walked: GraphEdge[] = [];
  let node = nodes.find((name) => !sorted.has(name)) ?? "";
  while (!walked.some(({ to }) => to === node)) {
    const edge = incoming.get(node)?.find(({ from }) => !sorted.has(from));
    if (edge === undefined) return;
    walked.push(edge);
    node = edge.from;
  }
  const cycle = walked.slice(walked.findIndex(({ to }) => to === node)).toReversed();
  const lines = cycle.map(({ pointer }) => pointer).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const names = [...cycle.map(({ from }) => from), node].map((name) => `"${name}"`);
  const path = names.length <= 8 ? names : [...names.slice(0, 4), "…", ...names.slice(-3)];
  issues.error(lines.at(-1) ?? "/flow", "flow.cycle", `a flow goes on, never round: ${path.join(" → ")}`);
}

/** What is known of a node before it runs. */
export type Upstream = {
  isUpstream(candidate: string, of: string): boolean;
  /** The candidate has run and succeeded whenever `of` runs. */
  isCertain(candidate: string, of: string): boolean;
  /** In the order of the flow's lines, without the start. */
  ancestors(of: string): readonly string[];
};

type Bits = Uint32Array;

/** Follows the edges once, in topological order. `joins` has the nodes whose join is not `settled`. */
export function findUpstream(graph: FlowGraph, joins: ReadonlyMap<string, Join>): Upstream {
  const names = [...graph.nodes.keys()].filter((node) => node !== START_NODE);
  const bitOf = new Map(names.map((name, i) => [name, i]));
  const [upstream, certain] = [new Map<string, Bits>(), new Map<string, Bits>()];
  const empty = (): Bits => new Uint32Array(Math.ceil(names.length / 32));
  const withNode = (known: Bits | undefined, node: string): Bits => withBit(known ?? empty(), bitOf.get(node));
  for (const node of graph.order ?? []) {
    const edges = graph.incoming.get(node) ?? [];
    const above = edges.map(({ from }) => withNode(upstream.get(from), from));
    const sure = edges.map((edge) =>
      needsSuccess(edge) ? withNode(certain.get(edge.from), edge.from) : (certain.get(edge.from) ?? empty()),
    );
    upstream.set(node, above.reduce(union, empty()));
    certain.set(
      node,
      needsAll(joins.get(node), edges.length) ? sure.reduce(union, empty()) : sure.slice(1).reduce(intersection, sure[0] ?? empty()),
    );
  }
  return {
    isUpstream: (candidate, of) => hasBit(upstream.get(of), bitOf.get(candidate)),
    isCertain: (candidate, of) => hasBit(certain.get(of), bitOf.get(candidate)),
    ancestors: (of) => names.filter((_, i) => hasBit(upstream.get(of), i)),
  };
}

const needsSuccess = ({ relation }: GraphEdge): boolean =>
  relation !== undefined && relation.kind !== "pipe" && relation.kind !== "fail" && relation.kind !== "gather";

const needsAll = (join: Join | undefined, edges: number): boolean =>
  join?.kind === "all" || (join?.kind === "quorum" && join.count >= edges);

const union = (a: Bits, b: Bits): Bits => a.map((word, i) => word | (b[i] ?? 0));
const intersection = (a: Bits, b: Bits): Bits => a.map((word, i) => word & (b[i] ?? 0));
const hasBit = (bits: Bits | undefined, bit: number | undefined): boolean =>
  bit !== undefined && (((bits?.[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;

function withBit(bits: Bits, bit: number | undefined): Bits {
  const copy = bits.slice();
  if (bit !== undefined) copy[bit >>> 5] = (copy[bit >>> 5] ?? 0) | (1 << (bit & 31));
  return copy;
}
