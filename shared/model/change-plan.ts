/**
 * Another version of the workflow for a run that has ended: what a node, its config and its ancestry have in common in both versions keeps
 * its results, everything else is forgotten.
 */
import { takenOnFailure } from "./edges.ts";
import { loopKey } from "./loop-run.ts";
import type { Edge, Plan, Relation, Vertex } from "./plan.ts";
import { edgesFrom, loopAt, loopsOpenedBy, vertexAt, vertexByKey } from "./plan-index.ts";
import type { LoopRun, RunState, Step } from "./run-state.ts";

/** The keys of vertices that do the same on the same inputs in both plans. */
export function unchangedVertices(before: Plan, after: Plan): ReadonlySet<string> {
  const unchanged = new Set<string>();
  // Both are in topological order: whatever leads to a vertex has been looked at.
  for (const vertex of after.vertices) {
    const old = vertexByKey(before, vertex.key);
    // The start has run whatever the plan: what it decides in the new one is told with it.
    const isStart = vertex.kind === "start";
    if (old === undefined || (!isStart && whatItIs(before, old) !== whatItIs(after, vertex))) continue;
    const sources = (plan: Plan, { incoming }: Vertex) => incoming.map((id) => sourceOf(plan, plan.edges[id])).sort();
    const [was, is] = [sources(before, old), sources(after, vertex)];
    const isSame = was.join("\n") === is.join("\n") && vertex.incoming.every((id) => unchanged.has(keyOfSource(after, after.edges[id])));
    if (isSame) unchanged.add(vertex.key);
  }
  return unchanged;
}

const keyOfSource = (plan: Plan, edge: Edge | undefined): string => (edge === undefined ? "" : vertexAt(plan, edge.from).key);

/** What follows the end of a loop hangs on everything that is in it, whether it reads it or not. */
function sourceOf(plan: Plan, edge: Edge | undefined): string {
  if (edge === undefined) return "";
  const { relation, after } = edge;
  const ended = relation.kind === "gather" ? relation.loop : after;
  const others = relation.kind === "fail" && relation.code === undefined ? codesBeside(plan, edge) : [];
  const within = ended === undefined ? [] : [listOf(plan, ended), ...whatIsIn(plan, ended)];
  return JSON.stringify([keyOfSource(plan, edge), wordsOf(plan, relation), within, others]);
}

/** The expression that gives the list; undefined: it is found by name. */
function listOf(plan: Plan, id: number): string | undefined {
  for (const { relation } of edgesFrom(plan, vertexAt(plan, loopAt(plan, id).opener)))
    if (relation.kind === "foreach" && relation.loop === id) return relation.list;
  return undefined;
}

/** A plain ON_FAIL is for all codes that no other edge beside it is for. */
const codesBeside = (plan: Plan, { from }: Edge): readonly string[] =>
  edgesFrom(plan, vertexAt(plan, from))
    .flatMap(({ relation }) => (relation.kind === "fail" && relation.code !== undefined ? [relation.code] : []))
    .sort();

/** The vertices, and after which failures no item is begun any more. */
function whatIsIn(plan: Plan, id: number): readonly string[] {
  const { name, body, inner, onItemFailure, tolerate } = loopAt(plan, id);
  const keys = body.map((index) => vertexAt(plan, index).key);
  return [JSON.stringify([name, onItemFailure, tolerate]), ...keys, ...inner.flatMap((loop) => whatIsIn(plan, loop))].sort();
}

/** A relation without the numbers that it has in its plan. */
function wordsOf(plan: Plan, relation: Relation): unknown {
  if (relation.kind !== "foreach" && relation.kind !== "gather") return relation;
  const { loop, ...words } = relation;
  return { ...words, loop: loopAt(plan, loop).name };
}

/** What decides its answer, and which conditions its answer decides. */
function whatItIs(plan: Plan, vertex: Vertex): string {
  const { node, kind, component, recipe, uploaded, config, receives, effects, mayPause, join } = vertex;
  const edges = edgesFrom(plan, vertex);
  const words = (isMeant: (word: Relation["kind"]) => boolean) =>
    new Set(edges.flatMap(({ relation }) => (isMeant(relation.kind) ? [JSON.stringify(wordsOf(plan, relation))] : [])));
  const conditions = words((word) => word === "branch" || word === "when");
  const loops = words((word) => word === "foreach"); // in the order in which they run
  return JSON.stringify([
    [node, kind, component, recipe, uploaded, receives, effects, mayPause, join, config],
    [...conditions].sort(),
    [...loops],
  ]);
}

/** The run has ended, so nothing is alive. Gives the steps that it forgot. */
export function changePlan(state: RunState, plan: Plan): readonly Step[] {
  const before = state.plan;
  const unchanged = unchangedVertices(before, plan);
  const forgotten: Step[] = [];
  for (const step of state.steps.values()) {
    const vertex = unchanged.has(step.vertex.key) ? vertexByKey(plan, step.vertex.key) : undefined;
    if (vertex === undefined && step.vertex.kind !== "epilogue") forgotten.push(step);
    else if (vertex !== undefined) carryOver(step, vertex, before, plan);
  }
  for (const { key } of forgotten) state.steps.delete(key);
  carryPasses(state, before, plan);
  state.plan = plan;
  return forgotten;
}

function carryOver(step: Step, vertex: Vertex, before: Plan, plan: Plan): void {
  const old = edgesFrom(before, step.vertex).filter(({ id }) => step.taken.includes(id));
  const wasTaken = (relation: Relation) => old.some((edge) => JSON.stringify(edge.relation) === JSON.stringify(relation));
  const edges = edgesFrom(plan, vertex);
  step.vertex = vertex;
  step.lists =
    step.lists && new Map([...step.lists].flatMap(([id, list]) => loopsNamed(plan, loopAt(before, id).name).map((loop) => [loop, list])));
  if (step.status === "failed") step.taken = takenOnFailure(edges, step.error?.code ?? "");
  else if (step.status !== "succeeded") step.taken = [];
  else
    step.taken = edges.flatMap(({ id, relation }) => {
      const isCondition = relation.kind === "branch" || relation.kind === "when";
      const isFollowed = relation.kind === "pipe" || relation.kind === "success" || relation.kind === "foreach";
      return isFollowed || (isCondition && wasTaken(relation)) ? [id] : [];
    });
}

const loopsNamed = (plan: Plan, name: string): readonly number[] =>
  (plan.loops ?? []).flatMap((loop, id) => (loop.name === name ? [id] : []));

/** A pass goes on under the number of its loop in the new plan, if what opened it is kept and goes through the same lists. */
function carryPasses(state: RunState, before: Plan, plan: Plan): void {
  const sameLoops = sameLoopsOf(before, plan);
  const carried = [...state.loops.values()].flatMap((run): readonly LoopRun[] => {
    const id = sameLoops.get(run.id);
    if (id === undefined) return [];
    const loop = loopAt(plan, id);
    const opener = vertexAt(plan, loop.opener).key + run.item.map((index) => `[${index}]`).join("");
    return state.steps.has(opener) ? [{ ...run, id, loop }] : [];
  });
  state.loops.clear();
  for (const run of carried) state.loops.set(loopKey(run.id, run.item), run);
}

/**
 * The number in the new plan of each loop that is the same in both. The loops of one vertex run one after the other: behind one that is
 * new or goes through another list, all begin anew. (Only the start is kept when its loops have changed.)
 */
function sameLoopsOf(before: Plan, plan: Plan): ReadonlyMap<number, number> {
  const same = new Map<number, number>();
  for (const vertex of plan.vertices) {
    const old = vertexByKey(before, vertex.key);
    const [was, is] = [old === undefined ? [] : loopsOpenedBy(before, old), loopsOpenedBy(plan, vertex)];
    for (const [at, id] of is.entries()) {
      const former = was[at];
      const isSame =
        former !== undefined && loopAt(before, former).name === loopAt(plan, id).name && listOf(before, former) === listOf(plan, id);
      if (!isSame) break;
      same.set(former, id);
    }
  }
  return same;
}
