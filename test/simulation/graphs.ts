/** Plans for tests: a small builder, and every directed acyclic graph of up to four nodes. */
import type { Concurrency, Edge, Effects, Join, Plan, Relation, RetryPolicy, Vertex } from "../../shared/model/plan.ts";

export type NodeSpec = {
  readonly name: string;
  readonly effects?: Effects;
  readonly join?: Join;
  readonly retry?: Partial<RetryPolicy>;
  readonly mayPause?: boolean;
  readonly waitMs?: number;
  readonly delayMs?: number;
  readonly timeoutMs?: number;
  readonly onUnknown?: "fail" | "hold";
  readonly concurrency?: Concurrency;
};
/** `from` undefined: the virtual start. */
export type EdgeSpec = { readonly from?: string; readonly to: string; readonly relation?: Relation };
export type PlanOptions = { readonly timeoutMs?: number; readonly finalCallback?: string; readonly concurrency?: Concurrency };

const NO_RETRY: RetryPolicy = { attempts: 1, backoff: "constant", initialMs: 1000, maxMs: 60_000, jitter: false };
const START = "input";

/** All from which one comes to it, in order: what a node may mention. */
function ancestorsOf(index: number, edges: readonly Edge[]): readonly number[] {
  const found = new Set([index]);
  for (const at of found) for (const { from, to } of edges) if (to === at && from > 0) found.add(from);
  found.delete(index);
  return [...found].toSorted((one, other) => one - other);
}

const vertexOf = (spec: NodeSpec, edges: readonly Edge[], index: number, names: readonly string[]): Vertex => ({
  key: spec.name,
  node: spec.name,
  loops: [],
  kind: spec.name === START ? "start" : "part",
  component: spec.name === START ? "" : "fake",
  receives: "params",
  effects: spec.effects ?? "pure",
  lane: spec.effects === undefined || spec.effects === "pure" ? "steps" : "io",
  mayPause: spec.mayPause ?? false,
  join: joinOf(spec.join, edges.filter(({ to }) => to === index).length),
  retry: { ...NO_RETRY, ...spec.retry },
  timeoutMs: spec.timeoutMs ?? 10_000,
  waitMs: spec.waitMs ?? 120_000,
  delayMs: spec.delayMs ?? 0,
  onUnknown: spec.onUnknown ?? "fail",
  ...(spec.concurrency === undefined ? {} : { concurrency: spec.concurrency }),
  needs: {
    input: false,
    context: false,
    nodes: ancestorsOf(index, edges).map((from) => names[from] ?? ""),
  },
  incoming: edges.filter(({ to }) => to === index).map(({ id }) => id),
  outgoing: edges.filter(({ from }) => from === index).map(({ id }) => id),
});

/** A quorum of more than all is skipped at the first arrival already; the oracle would say so before it. */
const joinOf = (join: Join = { kind: "settled" }, incoming: number): Join =>
  join.kind === "quorum" ? { kind: "quorum", count: Math.min(join.count, incoming) } : join;

/** Nodes in topological order; those that nothing leads to hang on the virtual start. */
export function planOf(nodes: readonly NodeSpec[], specs: readonly EdgeSpec[], options: PlanOptions = {}): Plan {
  const all = [{ name: START }, ...nodes];
  const indexOf = new Map(all.map(({ name }, index) => [name, index]));
  const roots = nodes
    .filter(({ name }) => !specs.some(({ to }) => to === name))
    .map(({ name }): EdgeSpec => ({ to: name, relation: { kind: "pipe" } }));
  const edges = [...roots, ...specs].map(({ from = START, to, relation = { kind: "success" } }, id): Edge => {
    const source = indexOf.get(from);
    const target = indexOf.get(to);
    if (source === undefined || target === undefined) throw new Error(`an edge names an unknown node: ${from} or ${to}`);
    return { id, from: source, to: target, relation };
  });
  return {
    v: 1,
    workflow: "simulated",
    version: "0".repeat(64),
    vertices: all.map((spec, index) => vertexOf(spec, edges, index, [...indexOf.keys()])),
    edges,
    run: {
      retentionMs: 30 * 86_400_000,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      ...(options.finalCallback === undefined ? {} : { finalCallback: options.finalCallback }),
    },
    trigger: { kind: "key" },
  };
}

/** A graph as pairs `[i, j]`, i < j. */
export type Shape = { readonly size: number; readonly pairs: readonly (readonly [number, number])[] };

/** One of each isomorphism class: 1, 2, 6 and 31 graphs of 1, 2, 3 and 4 nodes. */
export function allShapes(maxSize: number): readonly Shape[] {
  const shapes: Shape[] = [];
  for (let size = 1; size <= maxSize; size += 1) {
    const possible = pairsOf(size);
    const seen = new Set<string>();
    for (let bits = 0; bits < 2 ** possible.length; bits += 1) {
      const pairs = possible.filter((_, index) => (bits & (1 << index)) !== 0);
      const name = canonicalName(size, pairs);
      if (seen.has(name)) continue;
      seen.add(name);
      shapes.push({ size, pairs });
    }
  }
  return shapes;
}

function pairsOf(size: number): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  for (let from = 0; from < size; from += 1) for (let to = from + 1; to < size; to += 1) pairs.push([from, to]);
  return pairs;
}

/** The least text among all ways to number the nodes. */
function canonicalName(size: number, pairs: Shape["pairs"]): string {
  const names = permutationsOf(size).map((order) =>
    pairs
      .map(([from, to]) => `${order[from]}>${order[to]}`)
      .sort()
      .join(" "),
  );
  return names.sort()[0] ?? "";
}

function permutationsOf(size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return permutationsOf(size - 1).flatMap((rest) =>
    Array.from({ length: size }, (_, at) => [...rest.slice(0, at), size - 1, ...rest.slice(at)]),
  );
}

export const RELATIONS: readonly Relation[] = [
  { kind: "success" },
  { kind: "pipe" },
  { kind: "fail" },
  { kind: "branch", branch: "true" },
  { kind: "fail", code: "paper.jam" },
  { kind: "branch", branch: "false" },
];

export const nodeName = (index: number): string => `n${index}`;
