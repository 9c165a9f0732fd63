/** Where the output of a run is found: it is not stored again, it is the output of the nodes that ended the flow. */
import type { LogStore } from "../log-store.ts";
import { groupBy } from "../model/group-by.ts";
import { MAX_OUTPUT_BYTES } from "../model/limits.ts";
import type { Vertex, VertexKind } from "../model/plan.ts";
import { edgesFrom, loopAt, vertexAt } from "../model/plan-index.ts";
import type { RunState, Step } from "../model/run-state.ts";
import type { NodeOutput, OutputSource } from "../run-view.ts";
import { valueIn } from "./summary.ts";

/** What no node stands for. */
const AROUND: readonly VertexKind[] = ["start", "prologue", "epilogue"];

/** A step that ran `respond` decides what a waiting caller is answered. */
export const RESPOND = "respond";
/** Of a loop that nobody gathers, the output of the run holds so many answers; all of them are in the trace. */
const MAX_OUTPUT_ITEMS = 1000;

export function outputSource(store: LogStore, state: RunState): OutputSource {
  if (state.ended?.status !== "succeeded") return { kind: "none" };
  const groups = [...groupBy(lastSteps(state), ({ vertex }) => vertex)].map(([vertex, steps]) => ({ vertex, steps }));
  const isLong = groups.some(({ steps }) => steps.length > MAX_OUTPUT_ITEMS);
  const outputs = groups.map(({ vertex, steps }) => outputOf(store, vertex, isLong ? [] : steps));
  const bytes = outputs.map(({ values }) => values.reduce((sum, value) => sum + ("json" in value ? value.json.length : value.bytes), 0));
  const isLarge = bytes.reduce((sum, one) => sum + one, 0) > MAX_OUTPUT_BYTES;
  const [first, ...more] = outputs;
  if (first === undefined) return { kind: "none" };
  if (isLong || (isLarge && (more.length > 0 || first.isList))) {
    const sizes = groups.map(({ vertex: { node }, steps }, i) => ({ node, items: steps.length, bytes: bytes[i] ?? 0 }));
    return { kind: "too_large", nodes: sizes };
  }
  if (more.length > 0) return { kind: "many", outputs };
  const [output] = first.values;
  if (first.isList || output === undefined) return { kind: "list", values: first.values };
  return { kind: "one", output };
}

/** Of a loop that nobody gathers: the answers in the order of the items. */
function outputOf(store: LogStore, { node, loops }: Vertex, steps: readonly Step[]): NodeOutput {
  const inOrder = [...steps].sort((one, other) => comparePaths(one.item, other.item));
  return { node, isList: loops.length > 0, values: inOrder.flatMap((step) => valueIn(store, step.outputSeq, "output") ?? []) };
}

function comparePaths(one: readonly number[], other: readonly number[]): number {
  const depth = one.findIndex((index, at) => index !== other[at]);
  return depth === -1 ? 0 : (one[depth] ?? 0) - (other[depth] ?? 0);
}

/** The output node if it has a config, else those that led to it, else those that nothing follows. */
function lastSteps(state: RunState): readonly Step[] {
  const ran = [...state.steps.values()].filter(({ status, vertex }) => status === "succeeded" && !AROUND.includes(vertex.kind));
  const ends = ran.filter(({ vertex }) => vertex.kind === "end");
  const resolved = ends.filter(({ vertex }) => vertex.config !== undefined);
  if (resolved.length > 0) return resolved;
  const isEnd = ({ kind }: Vertex): boolean => kind === "end";
  const led = ran.filter((step) => !isEnd(step.vertex) && targets(state, step).some(isEnd));
  if (led.length > 0) return led;
  const last = ran.filter((step) => !isEnd(step.vertex) && targets(state, step).length === 0);
  // Whatever ends an item of a loop that is gathered, the GATHER follows it.
  const free = last.filter(({ vertex }) => vertex.loops.every((id) => loopAt(state.plan, id).gathers.length === 0));
  return free.length > 0 ? free : last;
}

/** What follows the step: by an edge that was taken, or when its loop was gathered. */
const targets = ({ plan }: RunState, { vertex, taken }: Step): readonly Vertex[] =>
  edgesFrom(plan, vertex).flatMap(({ id, relation, to }) => (relation.kind === "gather" || taken.includes(id) ? vertexAt(plan, to) : []));
