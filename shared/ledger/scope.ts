/** What a step may see of its run. */
import { loopKey } from "../model/loop-run.ts";
import type { Value } from "../model/log.ts";
import type { Vertex } from "../model/plan.ts";
import { loopAt, vertexAt, vertexByKey } from "../model/plan-index.ts";
import type { RunState, Step } from "../model/run-state.ts";
import { isStepTerminal, stepKey } from "../model/run.ts";
import type { ScopeValues } from "../run-api.ts";
import type { Ledger } from "./ledger.ts";
import { itemAt } from "./lists.ts";
import { valueIn } from "./summary.ts";

/** Exactly the entries that the node mentions (R8); a node that was skipped or has not ended is absent. */
export function scopeOf(ledger: Ledger, state: RunState, { vertex, item }: Pick<Step, "vertex" | "item">): ScopeValues {
  const { needs } = vertex;
  const nodes: ScopeValues["nodes"][number][] = [];
  const gathered: ScopeValues["gathered"][number][] = [];
  for (const key of needs.nodes) {
    const source = sourceOf(state, vertex, item, key);
    if (source === undefined) continue;
    const { name, path, run, step } = source;
    if (source.isGathered) {
      if (run?.isEnded === true) gathered.push({ name, key, item: path, count: run.count });
      continue;
    }
    const value = valueIn(ledger.deps.store, step?.outputSeq, "output");
    if (value !== undefined) nodes.push({ name, value });
  }
  return { input: needs.input ? state.started.input : null, nodes, gathered, loops: loopsOf(ledger, state, vertex, item) };
}

/** Nothing that the node mentions is still to come; `besides`: keys of vertices that do not count. */
export const isScopeSettled = (state: RunState, { vertex, item }: Pick<Step, "vertex" | "item">, besides: ReadonlySet<string>): boolean =>
  vertex.needs.nodes.every((key) => {
    const source = besides.has(key) ? undefined : sourceOf(state, vertex, item, key);
    if (source === undefined) return true;
    return source.isGathered ? source.run?.isEnded === true : source.step !== undefined && isStepTerminal(source.step.status);
  });

/** What a key that a node mentions means to it: one step, or the steps of a loop that is over for it. */
function sourceOf(state: RunState, vertex: Vertex, item: readonly number[], key: string) {
  const source = vertexByKey(state.plan, key);
  if (source === undefined) return undefined;
  const around = source.loops.findIndex((loop, depth) => loop !== vertex.loops[depth]);
  const path = item.slice(0, around === -1 ? source.loops.length : around);
  return {
    name: source.node,
    path,
    isGathered: around !== -1,
    run: state.loops.get(loopKey(source.loops.at(-1) ?? -1, path)),
    step: state.steps.get(stepKey(key, path)),
  };
}

function loopsOf(ledger: Ledger, state: RunState, { loops, needs }: Vertex, item: readonly number[]): ScopeValues["loops"] {
  return loops.flatMap((id, depth) => {
    const { variable, opener: openedBy } = loopAt(state.plan, id);
    const path = item.slice(0, depth);
    const opener = state.steps.get(stepKey(vertexAt(state.plan, openedBy).key, path));
    const [run, index] = [state.loops.get(loopKey(id, path)), item[depth]];
    if (opener === undefined || run === undefined || index === undefined) return [];
    const value = needs.items?.includes(variable) === true ? itemAt(ledger, opener, id, index) : null;
    return [{ variable, index, count: run.count, value }];
  });
}

/** Large values travel as references. */
const REFERENCE_BYTES = 110;

export const inlineBytes = (values: readonly (Value | null)[]): number =>
  values.reduce((sum, value) => sum + (value === null ? 0 : "json" in value ? value.json.length : REFERENCE_BYTES), 0);

export const inlineBytesOf = ({ input, nodes, loops }: ScopeValues): number =>
  inlineBytes([input, ...[...nodes, ...loops].map(({ value }) => value)]);
