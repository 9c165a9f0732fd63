/** The line (`../line.ts`) that begins with a step. */
import { judgeJoin } from "../model/joins.ts";
import type { Edge, Plan, Vertex } from "../model/plan.ts";
import { edgesFrom, loopsOpenedBy, vertexAt } from "../model/plan-index.ts";
import type { RunState, Step } from "../model/run-state.ts";
import { stepKey } from "../model/run.ts";
import type { LineStep } from "../run-api.ts";
import type { Ledger } from "./ledger.ts";
import { inlineBytesOf, isScopeSettled, scopeOf } from "./scope.ts";

/** So many attempts are lost at most when the runner dies. */
const MAX_FOLLOWERS = 15;
const MAX_LINE_BYTES = 16 * 1024;
/** The only taken one of one. */
const ALONE = { total: 1, taken: 1, dead: 0 };

export function lineOf(ledger: Ledger, state: RunState, first: Step): readonly LineStep[] {
  const line: LineStep[] = [];
  if (!isComputing(first.vertex)) return line;
  const inLine = new Set([first.vertex.key]);
  let bytes = 0;
  for (let edge = onlyEdge(state.plan, first.vertex); edge !== undefined && line.length < MAX_FOLLOWERS;) {
    const vertex = vertexAt(state.plan, edge.to);
    const step = stepKey(vertex.key, first.item);
    if (state.steps.has(step) || !follows(vertex, edge, first.vertex)) break;
    // With a join that did not wait for all, something else of what it mentions may end before it is ready.
    if (!isScopeSettled(state, { vertex, item: first.item }, inLine)) break;
    inLine.add(vertex.key);
    const scope = scopeOf(ledger, state, { vertex, item: first.item });
    bytes += sizeOf(vertex) + inlineBytesOf(scope);
    if (bytes > MAX_LINE_BYTES) break;
    const generation = state.formers.get(step)?.generation ?? 0;
    const digest = state.digests[vertex.component] ?? null;
    line.push({ edge: edge.id, step, vertex, generation, digest, edges: edgesFrom(state.plan, vertex), scope });
    edge = onlyEdge(state.plan, vertex);
  }
  return line;
}

/** Many lines may travel in one call, with the same large vertices in all of them. */
const sizes = new WeakMap<Vertex, number>();
function sizeOf(vertex: Vertex): number {
  const size = sizes.get(vertex) ?? JSON.stringify(vertex).length;
  sizes.set(vertex, size);
  return size;
}

/** Nothing but a part that computes: what an engine step does (a run that it starts) is noticed. */
const isComputing = ({ kind, effects, lane, concurrency, mayPause }: Vertex): boolean =>
  kind === "part" && effects === "pure" && lane === "steps" && concurrency === undefined && !mayPause;

const follows = (vertex: Vertex, { relation, after }: Edge, { loops }: Vertex): boolean =>
  isComputing(vertex) &&
  vertex.delayMs === 0 &&
  vertex.incoming.length === 1 &&
  judgeJoin(vertex.join, ALONE) === "fire" &&
  relation.kind !== "foreach" &&
  relation.kind !== "gather" &&
  after === undefined &&
  vertex.loops.join() === loops.join();

/** That of a vertex from which, when it succeeds, only one leads on. */
function onlyEdge(plan: Plan, vertex: Vertex): Edge | undefined {
  const [only, ...others] = edgesFrom(plan, vertex).filter(({ relation }) => relation.kind !== "fail");
  return others.length === 0 && loopsOpenedBy(plan, vertex).length === 0 ? only : undefined;
}
