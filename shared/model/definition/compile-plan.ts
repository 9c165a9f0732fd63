/**
 * Compiles a definition without mistakes to its plan.
 *
 * 1. `vertices` are in topological order: start first, end last (if it is in loops, too, several times).
 * 2. `edges[i].id === i`, in the order of the flow's lines; `incoming` and `outgoing` of the vertices say the same.
 */
import type { Upstream } from "./flow-graph.ts";
import { groupBy } from "../group-by.ts";
import { DEFAULT_PARALLEL, DEFAULT_TIMEOUT_MS, DEFAULT_WAIT_MS } from "../limits.ts";
import type { LoopSight } from "./loop-sight.ts";
import { DEFAULT_RETRY } from "./parse-policy.ts";
import type { Place, PlacedFlow, PlacedLoop } from "./place-nodes.ts";
import {
  type Edge,
  END_NODE,
  type Loop,
  type Needs,
  type Plan,
  type RunPolicy,
  START_NODE,
  type TriggerAuth,
  type Vertex,
} from "../plan.ts";
import type { ResolvedNode } from "./resolve-nodes.ts";
import type { NodePolicy } from "./workflow.ts";

export type Compilable = {
  readonly name: string;
  readonly version: string;
  readonly placed: PlacedFlow;
  readonly sight: LoopSight;
  readonly upstream: Upstream;
  readonly resolved: ReadonlyMap<string, ResolvedNode>;
  readonly needs: ReadonlyMap<string, Needs>;
  readonly policies: ReadonlyMap<string, NodePolicy>;
  readonly run: RunPolicy;
  readonly trigger: TriggerAuth;
  readonly input: unknown;
};

const NO_NEEDS: Needs = { input: false, context: false, nodes: [] };

/** The plan. The definition has been checked: every node is resolved, no cycle, every loop stands where it may. */
export function compilePlan(parsed: Compilable): Plan {
  const { places, loops } = parsed.placed;
  const edges = compileEdges(parsed.placed);
  const [incoming, outgoing] = [groupBy(edges, ({ to }) => to), groupBy(edges, ({ from }) => from)];
  const ids = (found: readonly Edge[] | undefined): readonly number[] => (found ?? []).map(({ id }) => id);
  return {
    v: 1,
    workflow: parsed.name,
    version: parsed.version,
    vertices: places.map((place, i) => ({
      ...compileVertex(place, parsed),
      incoming: ids(incoming.get(i)),
      outgoing: ids(outgoing.get(i)),
    })),
    edges,
    ...(loops.length === 0 ? {} : { loops: loops.map((loop, id) => compileLoop(loop, id, edges, parsed)) }),
    run: parsed.run,
    trigger: parsed.trigger,
    ...(parsed.input === undefined ? {} : { input: parsed.input }),
  };
}

/** What stands after a FOREACH of the same vertex waits for that loop, another FOREACH as well. */
function compileEdges({ edges }: PlacedFlow): readonly Edge[] {
  const openedBy = new Map<number, number[]>();
  return edges.map(({ from, to, edge: { relation }, loop }, id): Edge => {
    const opened = openedBy.get(from) ?? [];
    const edge = { id, from, to, ...(opened.length === 0 || opened.includes(loop ?? -1) ? {} : { after: opened.at(-1) ?? 0 }) };
    if (relation?.kind === "foreach" && loop !== undefined) {
      if (!opened.includes(loop)) openedBy.set(from, [...opened, loop]);
      const { variable, list } = relation;
      return { ...edge, relation: { kind: "foreach", loop, variable, ...(list === undefined ? {} : { list }) } };
    }
    if (relation?.kind === "gather" && loop !== undefined) return { id, from, to, relation: { kind: "gather", loop } };
    if (relation === undefined || relation.kind === "foreach" || relation.kind === "gather") throw new Error("an edge without a relation");
    return { ...edge, relation };
  });
}

function compileLoop({ opener, relation, name }: PlacedLoop, id: number, edges: readonly Edge[], parsed: Compilable): Loop {
  const { places, loops } = parsed.placed;
  const policy = parsed.policies.get(places[opener]?.node ?? "")?.foreach;
  const indices = <T>(items: readonly T[], isWanted: (item: T) => boolean) => items.flatMap((item, i) => (isWanted(item) ? [i] : []));
  return {
    name,
    variable: relation.variable,
    opener,
    concurrency: relation.parallel ?? policy?.concurrency ?? DEFAULT_PARALLEL,
    onItemFailure: policy?.onItemFailure ?? "continue",
    tolerate: policy?.tolerate ?? 0,
    body: indices(places, ({ loops: around }) => around.at(-1) === id),
    inner: indices(loops, (loop) => places[loop.opener]?.loops.at(-1) === id),
    gathers: indices(edges, (edge) => edge.relation.kind === "gather" && edge.relation.loop === id),
    followers: indices(edges, (edge) => edge.after === id),
  };
}

function compileVertex(place: Place, parsed: Compilable): Omit<Vertex, "incoming" | "outgoing"> {
  const { key, node } = place;
  const resolved = parsed.resolved.get(node);
  const policy = parsed.policies.get(node) ?? {};
  return {
    key,
    node,
    loops: place.loops,
    ...whatRuns(node, resolved),
    ...(resolved?.config === undefined ? {} : { config: resolved.config }),
    join: policy.join ?? { kind: "settled" },
    // Of a failure nobody knows whether the effect happened before it: a second attempt has to be asked for.
    retry: policy.retry ?? (resolved?.info?.effects === "once" ? { ...DEFAULT_RETRY, attempts: 1 } : DEFAULT_RETRY),
    timeoutMs: policy.timeoutMs ?? resolved?.info?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    waitMs: policy.waitMs ?? DEFAULT_WAIT_MS,
    delayMs: policy.delayMs ?? 0,
    onUnknown: policy.onUnknown ?? "hold",
    ...(policy.concurrency === undefined ? {} : { concurrency: policy.concurrency }),
    needs: needsOf(place, resolved, parsed),
  };
}

/** Who reads the context needs everything upstream, and the items of the loops around it. */
function needsOf(place: Place, resolved: ResolvedNode | undefined, { needs: all, upstream, sight }: Compilable): Needs {
  const { input, context, nodes, items = [] } = all.get(place.node) ?? NO_NEEDS;
  const field = resolved?.info?.contextField;
  const isContextRead = context || (field !== undefined && resolved?.config?.[field] === undefined);
  const around = sight.variables(place);
  const wanted = isContextRead ? around : around.filter((variable) => items.includes(variable));
  return {
    input: isContextRead || input,
    context: isContextRead,
    nodes: (isContextRead ? upstream.ancestors(place.node) : nodes).flatMap((name) => sight.keysFrom(place, name, isContextRead)),
    ...(wanted.length === 0 ? {} : { items: wanted }),
  };
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
