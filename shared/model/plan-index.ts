/** What is looked up in a plan over and over. A plan never changes, so what was found once is kept as long as the plan itself. */
import type { Edge, Loop, Plan, Vertex } from "./plan.ts";

type PlanIndex = {
  readonly vertices: ReadonlyMap<string, Vertex>;
  /** By vertex key: whatever a plain edge leads to, each once. */
  readonly targets: ReadonlyMap<string, readonly number[]>;
  /** By vertex key: the loops that it opens, in their order. */
  readonly opened: ReadonlyMap<string, readonly number[]>;
};

const NONE: readonly number[] = [];
const known = new WeakMap<Plan, PlanIndex>();

function indexOf(plan: Plan): PlanIndex {
  const found = known.get(plan);
  if (found !== undefined) return found;
  const index = {
    vertices: new Map(plan.vertices.map((vertex) => [vertex.key, vertex])),
    targets: new Map(plan.vertices.map((vertex) => [vertex.key, plainTargets(plan, vertex)])),
    opened: new Map(plan.vertices.map((vertex) => [vertex.key, openedLoops(plan, vertex)])),
  };
  known.set(plan, index);
  return index;
}

const plainTargets = (plan: Plan, vertex: Vertex): readonly number[] => [
  ...new Set(
    edgesFrom(plan, vertex).flatMap(({ relation, to }) => (relation.kind === "foreach" || relation.kind === "gather" ? [] : [to])),
  ),
];

const openedLoops = (plan: Plan, vertex: Vertex): readonly number[] => [
  ...new Set(edgesFrom(plan, vertex).flatMap(({ relation }) => (relation.kind === "foreach" ? [relation.loop] : []))),
];

export const edgesFrom = (plan: Plan, vertex: Vertex): readonly Edge[] => vertex.outgoing.flatMap((id) => plan.edges[id] ?? []);

export const vertexByKey = (plan: Plan, key: string): Vertex | undefined => indexOf(plan).vertices.get(key);
export const targetsOf = (plan: Plan, { key }: Vertex): readonly number[] => indexOf(plan).targets.get(key) ?? NONE;
export const loopsOpenedBy = (plan: Plan, { key }: Vertex): readonly number[] => indexOf(plan).opened.get(key) ?? NONE;

export function vertexAt(plan: Plan, index: number): Vertex {
  const vertex = plan.vertices[index];
  if (vertex === undefined) throw new Error(`the plan has no vertex ${index}`);
  return vertex;
}

export function edgeAt(plan: Plan, id: number): Edge {
  const edge = plan.edges[id];
  if (edge === undefined) throw new Error(`the plan has no edge ${id}`);
  return edge;
}

export function loopAt(plan: Plan, index: number): Loop {
  const loop = plan.loops?.[index];
  if (loop === undefined) throw new Error(`the plan has no loop ${index}`);
  return loop;
}
