/**
 * Compiles a definition without mistakes to its plan.
 *
 * 1. `vertices` are in topological order: start first, end last.
 * 2. `edges[i].id === i`, in the order of the flow's lines; `incoming` and `outgoing` of the vertices say the same.
 */
import type { FlowGraph, Upstream } from "./flow-graph.ts";
import { groupBy } from "./group-by.ts";
import { DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_MS } from "./limits.ts";
import { DEFAULT_RETRY } from "./parse-policy.ts";
import {
  type Edge,
  END_NODE,
  type Needs,
  type Plan,
  type Relation,
  type RunPolicy,
  START_NODE,
  type TriggerAuth,
  type Vertex,
} from "./plan.ts";
import type { ResolvedNode } from "./resolve-nodes.ts";
import type { FlowRelation, NodePolicy } from "./workflow.ts";

export type Compilable = {
  readonly name: string;
  readonly version: string;
  readonly graph: FlowGraph;
  readonly upstream: Upstream;
  readonly resolved: ReadonlyMap<string, ResolvedNode>;
  readonly needs: ReadonlyMap<string, Needs>;
  readonly policies: ReadonlyMap<string, NodePolicy>;
  readonly run: RunPolicy;
  readonly trigger: TriggerAuth;
  readonly input: unknown;
};

const NO_NEEDS: Needs = { input: false, context: false, nodes: [] };

/** The plan. The definition has been checked: every node is resolved, no cycle, no loop. */
export function compilePlan(parsed: Compilable): Plan {
  const order = parsed.graph.order ?? [];
  const indexOf = new Map(order.map((node, i) => [node, i]));
  const edges = parsed.graph.edges.flatMap(({ from, to, relation }, id): readonly Edge[] => {
    const [fromIndex, toIndex] = [indexOf.get(from), indexOf.get(to)];
    if (fromIndex === undefined || toIndex === undefined || !isPlain(relation)) return [];
    return [{ id, from: fromIndex, to: toIndex, relation }];
  });
  const [incoming, outgoing] = [groupBy(edges, ({ to }) => to), groupBy(edges, ({ from }) => from)];
  const ids = (found: readonly Edge[] | undefined): readonly number[] => (found ?? []).map(({ id }) => id);
  return {
    v: 1,
    workflow: parsed.name,
    version: parsed.version,
    vertices: order.map((node, i) => ({
      ...compileVertex(node, parsed),
      incoming: ids(incoming.get(i)),
      outgoing: ids(outgoing.get(i)),
    })),
    edges,
    run: parsed.run,
    trigger: parsed.trigger,
    ...(parsed.input === undefined ? {} : { input: parsed.input }),
  };
}

const isPlain = (relation: FlowRelation | undefined): relation is Relation =>
  relation !== undefined && relation.kind !== "foreach" && relation.kind !== "gather";

function compileVertex(node: string, parsed: Compilable): Omit<Vertex, "incoming" | "outgoing"> {
  const resolved = parsed.resolved.get(node);
  const policy = parsed.policies.get(node) ?? {};
  return {
    key: node,
    node,
    loops: [],
    ...whatRuns(node, resolved),
    ...(resolved?.config === undefined ? {} : { config: resolved.config }),
    join: policy.join ?? { kind: "settled" },
    // Of a failure nobody knows whether the effect happened before it: a second attempt has to be asked for.
    retry: policy.retry ?? (resolved?.info?.effects === "once" ? { ...DEFAULT_RETRY, attempts: 1 } : DEFAULT_RETRY),
    timeoutMs: policy.timeoutMs ?? resolved?.info?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    waitMs: policy.waitMs ?? DEFAULT_WAIT_MS,
    delayMs: policy.delayMs ?? 0,
    onUnknown: policy.onUnknown ?? "hold",
    needs: needsOf(node, resolved, parsed),
  };
}

/** Who reads the context needs everything upstream. */
function needsOf(node: string, resolved: ResolvedNode | undefined, parsed: Compilable): Needs {
  const needs = parsed.needs.get(node) ?? NO_NEEDS;
  const field = resolved?.info?.contextField;
  const isContextRead = needs.context || (field !== undefined && resolved?.config?.[field] === undefined);
  return isContextRead ? { input: true, context: true, nodes: parsed.upstream.ancestors(node) } : needs;
}

type Running = Pick<Vertex, "kind" | "component" | "recipe" | "uploaded" | "receives" | "effects" | "lane" | "mayPause">;

/** The start and an end without config run nothing; an end with config is resolved by the engine. */
function whatRuns(node: string, resolved: ResolvedNode | undefined): Running {
  const virtual = { receives: "params", effects: "pure", lane: "steps", mayPause: false } as const;
  if (node === START_NODE) return { kind: "start", component: "", ...virtual };
  if (node === END_NODE) return { kind: "end", component: resolved === undefined ? "" : END_NODE, ...virtual };
  const info = resolved?.info;
  if (resolved === undefined || info === undefined) return { kind: "engine", component: "", ...virtual };
  const { component, receives, effects, lane, mayPause } = info;
  const kind = info.kind === "engine" ? "engine" : "part";
  return {
    kind,
    component,
    ...(info.kind === "recipe" ? { recipe: resolved.component } : {}),
    ...(info.uploaded === true ? { uploaded: true } : {}),
    receives,
    effects,
    lane,
    mayPause,
  };
}
